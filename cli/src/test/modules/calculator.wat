;; Functions to call from a command line.
(module
  (memory (export "memory") 2 10)
  (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
  (func $divide (export "divide") (param i64 i64) (result i64) local.get 0 local.get 1 i64.div_s)
  (func (export "many") (param f32 f64) (result f64 f32 i32) local.get 1 local.get 0 i32.const -1)
  (func (export "pages") (result i32) memory.size)
  (func (export "forever") loop br 0 end))
