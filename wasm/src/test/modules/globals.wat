;; Globals of every type, initialised by every kind of constant expression, and a start function.
(module
  (global $a i32 (i32.const -5))
  (global $b (mut i64) (i64.const 0x8000000000000000))
  (global $c (mut f32) (f32.const -0x1.8p-3))
  (global $d (mut f64) (f64.const 0x1.fffffffffffffp+1023))
  (global $sum i32 (i32.add (i32.const 40) (i32.mul (i32.const 3) (i32.sub (i32.const 7) (i32.const 9)))))
  (global $sum64 i64 (i64.sub (i64.mul (i64.const 0x100000000) (i64.const 3)) (i64.const 1)))
  (global $started (mut i32) (i32.const 0))
  (start $start)
  (func $start global.get $started i32.const 100 i32.add global.set $started)
  (func (export "started") (result i32) global.get $started)
  ;;> started
  (func (export "get") (result i32 i64 f32 f64) global.get $a global.get $b global.get $c global.get $d)
  ;;> get
  (func (export "extended") (result i32 i64) global.get $sum global.get $sum64)
  ;;> extended
  (func (export "set") (param i64 f32 f64) local.get 0 global.set $b local.get 1 global.set $c local.get 2 global.set $d)
  ;;> set i64:77 f32:1.25 f64:-1e300
  ;;> get
  (func (export "count") (param i32) (result i64)
    loop
      global.get $b i64.const 1 i64.add global.set $b
      local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0
    end
    global.get $b)
  ;;> count i32:1000
  (func $bump (result i32) global.get $started i32.const 1 i32.add global.set $started global.get $started)
  (func (export "across-calls") (result i32)
    global.get $started call $bump i32.const 10 i32.mul i32.add global.get $started i32.const 1000 i32.mul i32.add)
  ;;> across-calls
)
