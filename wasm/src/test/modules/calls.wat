;; Calls: direct, indirect, recursive, with many values, and as tail calls.
(module
  (type $v-i (func (result i32)))
  (type $i-i (func (param i32) (result i32)))
  (type $same-as-i-i (func (param i32) (result i32)))
  (type $l-l (func (param i64) (result i64)))
  (type $ii-i (func (param i32 i32) (result i32)))
  (type $many (func (param i32 i64 f32 f64 i32) (result f64 f32 i64 i32)))

  (table $t (export "table") 10 10 funcref)
  (elem (table $t) (i32.const 0) func $one $two $inc $inc64 $sum $reverse $inc-again)

  (func $one (result i32) i32.const 1)
  (func $two (result i32) i32.const 2)
  (func $inc (param i32) (result i32) local.get 0 i32.const 1 i32.add)
  (func $inc-again (type $same-as-i-i) local.get 0 i32.const 2 i32.add)
  (func $inc64 (param i64) (result i64) local.get 0 i64.const 1 i64.add)
  (func $sum (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
  (func $reverse (export "reverse") (param i32 i64 f32 f64 i32) (result f64 f32 i64 i32)
    local.get 3 local.get 2 local.get 1 local.get 0 local.get 4 i32.sub)
  ;;> reverse i32:1 i64:-2 f32:3.5 f64:-4.25 i32:100

  (func (export "direct") (param i32) (result i32) local.get 0 call $inc call $inc call $two call $sum)
  ;;> direct i32:5
  (func (export "many") (result f64 f32 i64 i32)
    i32.const 7 i64.const 8 f32.const 9 f64.const 10 i32.const 11 call $reverse)
  ;;> many
  (func (export "many-below") (result i64) (local i64)
    i64.const 1000
    i32.const 7 i64.const 8 f32.const 9 f64.const 10 i32.const 11 call $reverse
    i64.extend_i32_s i64.add local.set 0 drop drop local.get 0 i64.add)
  ;;> many-below
  (func (export "indirect") (param i32) (result i32) local.get 0 call_indirect (type $v-i))
  ;;> indirect i32:0
  ;;> indirect i32:1
  ;;> indirect i32:2
  ;;> indirect i32:7
  ;;> indirect i32:8 ! UNINITIALIZED_ELEMENT
  ;;> indirect-i i32:9 i32:0 ! UNINITIALIZED_ELEMENT
  ;;> indirect i32:10 ! UNDEFINED_ELEMENT
  ;;> indirect i32:-1 ! UNDEFINED_ELEMENT
  ;;> indirect i32:0x80000000 ! UNDEFINED_ELEMENT
  (func (export "indirect-i") (param i32 i32) (result i32) local.get 1 local.get 0 call_indirect (type $i-i))
  ;;> indirect-i i32:2 i32:41
  ;;> indirect-i i32:6 i32:41
  ;;> indirect-i i32:3 i32:41
  ;;> indirect-i i32:0 i32:41
  (func (export "indirect-l") (param i32 i64) (result i64) local.get 1 local.get 0 call_indirect (type $l-l))
  ;;> indirect-l i32:3 i64:0xffffffff
  ;;> indirect-l i32:2 i64:1
  (func (export "indirect-many") (result f64 f32 i64 i32)
    i32.const 7 i64.const 8 f32.const 9 f64.const 10 i32.const 11 i32.const 5 call_indirect (type $many))
  ;;> indirect-many
  (func (export "indirect-inline") (param i32) (result i32)
    i32.const 3 i32.const 4 local.get 0 call_indirect (param i32 i32) (result i32))
  ;;> indirect-inline i32:4
  ;;> indirect-inline i32:5

  (func $fac (export "fac") (param i64) (result i64)
    local.get 0 i64.eqz
    if (result i64) i64.const 1
    else local.get 0 local.get 0 i64.const 1 i64.sub call $fac i64.mul end)
  ;;> fac i64:0
  ;;> fac i64:20
  ;;> fac i64:25
  (func $fib (export "fib") (param i32) (result i32)
    local.get 0 i32.const 2 i32.lt_s if (result i32) local.get 0
    else local.get 0 i32.const 1 i32.sub call $fib local.get 0 i32.const 2 i32.sub call $fib i32.add end)
  ;;> fib i32:20
  (func $even (export "even") (param i32) (result i32)
    local.get 0 i32.eqz if (result i32) i32.const 1 else local.get 0 i32.const 1 i32.sub call $odd end)
  (func $odd (param i32) (result i32)
    local.get 0 i32.eqz if (result i32) i32.const 0 else local.get 0 i32.const 1 i32.sub call $even end)
  ;;> even i32:1000
  ;;> even i32:1001
  (func $ackermann (export "ackermann") (param i32 i32) (result i32)
    local.get 0 i32.eqz if (result i32) local.get 1 i32.const 1 i32.add
    else local.get 1 i32.eqz if (result i32) local.get 0 i32.const 1 i32.sub i32.const 1 call $ackermann
    else local.get 0 i32.const 1 i32.sub
      local.get 0 local.get 1 i32.const 1 i32.sub call $ackermann call $ackermann end end)
  ;;> ackermann i32:2 i32:9
  (func $hanoi (export "hanoi") (param i32 i64) (result i64 i32)
    ;; recursion with more than one result
    local.get 0 i32.eqz if (result i64 i32) local.get 1 i32.const 0
    else
      local.get 0 i32.const 1 i32.sub local.get 1 i64.const 1 i64.add call $hanoi
      i32.const 1 i32.add
    end)
  ;;> hanoi i32:100 i64:5
  (func $forever (export "forever") (result i32) call $forever i32.const 1 i32.add)
  ;;> forever
  (func $forever-indirect (export "forever-indirect") (param i32) (result i32)
    local.get 0 i32.const 7 call_indirect (type $i-i) i32.const 1 i32.add)
  (elem (table $t) (i32.const 7) func $forever-indirect)
  ;;> forever-indirect i32:0
  (func $wide (export "wide")
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64 i64 f64 f64 f32 f32)
    (result i32 i64 f64 f32)
    local.get 0 local.get 20 i32.sub local.get 22 local.get 24 local.get 26)
  ;;> wide i32:1 i32:2 i32:3 i32:4 i32:5 i32:6 i32:7 i32:8 i32:9 i32:10 i32:11 i32:12 i32:13 i32:14 i32:15 i32:16 i32:17 i32:18 i32:19 i32:20 i32:21 i64:22 i64:23 f64:24 f64:25 f32:26 f32:27
  (func (export "results") (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    i32.const 1 i32.const 2 i32.const 3 i32.const 4 i32.const 5 i32.const 6 i32.const 7 i32.const 8 i32.const 9 i32.const 10
    i32.const 11 i32.const 12 i32.const 13 i32.const 14 i32.const 15 i32.const 16 i32.const 17 i32.const 18 i32.const 19 i32.const 20)
  ;;> results
)
