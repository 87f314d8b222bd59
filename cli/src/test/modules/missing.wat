;; Needs what nobody has, but need not call it.
(module
  (import "nowhere" "thing" (func $thing (param i32)))
  (func (export "call") i32.const 1 call $thing)
  (func (export "leave") (result i32) i32.const 5))
