;; Needs a feature that the engine does not claim.
(module (func (export "v") (result v128) (v128.const i32x4 1 2 3 4)))
(assert_return (invoke "v") (v128.const i32x4 1 2 3 4))
(module (func (export "one") (result i32) (i32.const 1)))
(assert_return (invoke "one") (i32.const 1))
