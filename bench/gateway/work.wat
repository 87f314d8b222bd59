;; A CGI program that computes for some milliseconds and answers a few bytes: its work is its own, and not that of its clients.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "Content-Type: text/plain\n\ndone\n")
  (data (i32.const 0) "\10\00\00\00\1f\00\00\00")
  (func (export "_start") (local $left i32) (local $state i64)
    (local.set $left (i32.const 2000000))
    (local.set $state (i64.const 88172645463325252))
    (loop $more
      (local.set $state (i64.xor (local.get $state) (i64.shl (local.get $state) (i64.const 13))))
      (local.set $state (i64.xor (local.get $state) (i64.shr_u (local.get $state) (i64.const 7))))
      (local.set $state (i64.xor (local.get $state) (i64.shl (local.get $state) (i64.const 17))))
      (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (i64.store (i32.const 64) (local.get $state))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
