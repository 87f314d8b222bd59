;; Waits in the host, then works on.
(module
  (import "h" "wait" (func $wait (param i32)))
  (func (export "wait") (param i32) local.get 0 call $wait)
  (func (export "wait-then-loop") (param i32) local.get 0 call $wait loop br 0 end)
)
