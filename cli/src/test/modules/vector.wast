;; Vectors as arguments and results.
(module (func (export "v") (param v128) (result v128) (i32x4.add (local.get 0) (v128.const i32x4 1 2 3 4))))
(assert_return (invoke "v" (v128.const i32x4 1 1 1 -1)) (v128.const i32x4 2 3 4 3))
(assert_return (invoke "v" (v128.const f64x2 0 0)) (v128.const i8x16 1 0 0 0 2 0 0 0 3 0 0 0 4 0 0 0))
