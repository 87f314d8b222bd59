;; A CGI program that computes for some milliseconds and answers a few bytes: its work is its own, and not that of its clients.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "Content-Type: text/plain\n\ndone\n")
  (data (i32.const 0) "\10\00\00\00\1f\00\00\00")
  (func (export "_start") (local $left i32) (local $state i64)
    (local.set $left (i32.const 4000000))
    (loop $more
      (local.set $state (i64.add (i64.mul (local.get $state) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
      (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (i64.store (i32.const 64) (local.get $state))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
