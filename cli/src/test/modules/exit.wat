;; A WASI program that exits with the number of its arguments and, times ten, of its variables.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    i32.const 0 i32.const 8 call $args drop
    i32.const 16 i32.const 24 call $environ drop
    i32.const 0 i32.load i32.const 16 i32.load i32.const 10 i32.mul i32.add call $exit))
