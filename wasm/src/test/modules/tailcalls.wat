;; Tail calls (the tail-call proposal): they take no stack, however deep.
(module
  (type $i-i (func (param i32) (result i32)))
  (type $il-l (func (param i32 i64) (result i64)))
  (type $two (func (param i32) (result i32 i64)))
  (table 8 funcref)
  (elem (i32.const 0) func $count $sum-indirect $even $odd $pair)

  (func $count (export "count") (param i32) (result i32)
    local.get 0 i32.eqz if i32.const 42 return end
    local.get 0 i32.const 1 i32.sub return_call $count)
  ;;> count i32:0
  ;;> count i32:1000000
  (func $sum (export "sum") (param i32 i64) (result i64)
    local.get 0 i32.eqz if (result i64) local.get 1
    else local.get 0 i32.const 1 i32.sub local.get 1 local.get 0 i64.extend_i32_u i64.add return_call $sum end)
  ;;> sum i32:1000000 i64:0
  (func $sum-indirect (export "sum-indirect") (param i32 i64) (result i64)
    local.get 0 i32.eqz if local.get 1 return end
    local.get 0 i32.const 1 i32.sub local.get 1 local.get 0 i64.extend_i32_u i64.add
    i32.const 1 return_call_indirect (type $il-l))
  ;;> sum-indirect i32:1000000 i64:7
  (func $even (export "even") (param i32) (result i32)
    local.get 0 i32.eqz if (result i32) i32.const 1 else local.get 0 i32.const 1 i32.sub return_call $odd end)
  (func $odd (param i32) (result i32)
    local.get 0 i32.eqz if (result i32) i32.const 0 else local.get 0 i32.const 1 i32.sub return_call $even end)
  ;;> even i32:1000000
  ;;> even i32:1000001
  (func $even-indirect (export "even-indirect") (param i32) (result i32)
    local.get 0 i32.eqz if i32.const 1 return end
    local.get 0 i32.const 1 i32.sub
    local.get 0 i32.const 1 i32.and i32.const 2 i32.add return_call_indirect (type $i-i))
  ;;> even-indirect i32:7
  ;;> even-indirect i32:100000
  (func $pair (export "pair") (param i32) (result i32 i64)
    local.get 0 i32.eqz if i32.const 1 i64.const 2 return end
    local.get 0 i32.const 1 i32.sub return_call $pair)
  ;;> pair i32:1000000
  (func (export "pair-indirect") (param i32) (result i32 i64)
    local.get 0 i32.const 4 return_call_indirect (type $two))
  ;;> pair-indirect i32:1000
  ;; other types of parameters than the caller's
  (func $state-a (export "states") (param i32) (result f64)
    local.get 0 i32.const 0 i32.le_s if f64.const 0.5 return end
    local.get 0 i64.extend_i32_s f32.const 1.5 return_call $state-b)
  (func $state-b (param i64 f32) (result f64)
    local.get 1 f64.promote_f32 local.get 0 i32.wrap_i64 i64.const 3 return_call $state-c)
  (func $state-c (param f64 i32 i64) (result f64)
    local.get 1 local.get 2 i32.wrap_i64 i32.sub return_call $state-a)
  ;;> states i32:1000000
  ;; values on the stack below the arguments go away
  (func (export "below") (param i32) (result i32)
    i64.const 5 f32.const 6 local.get 0 return_call $count)
  ;;> below i32:10
  (func (export "in-blocks") (param i32) (result i32)
    block (result i32) loop (result i32) local.get 0 if (result i32) local.get 0 return_call $count else i32.const 3 end end end)
  ;;> in-blocks i32:0
  ;;> in-blocks i32:5
  (func (export "dead-after") (param i32) (result i32) local.get 0 return_call $count i32.add drop i64.eqz drop unreachable)
  ;;> dead-after i32:3
  (func $not-tail (export "not-tail") (param i32) (result i32)
    local.get 0 call $count i32.const 1 i32.add)
  ;;> not-tail i32:1000000
  (func (export "traps") (param i32) (result i32) i32.const 1 local.get 0 return_call_indirect (type $i-i))
  ;;> traps i32:0
  ;;> traps i32:1
  ;;> traps i32:7 ! UNINITIALIZED_ELEMENT
  ;;> traps i32:8 ! UNDEFINED_ELEMENT
  ;;> traps i32:-1 ! UNDEFINED_ELEMENT
  (func $divide (param i32 i32) (result i32) local.get 0 local.get 1 i32.div_s)
  (func (export "trap-after") (param i32) (result i32) i32.const 1 local.get 0 return_call $divide)
  ;;> trap-after i32:1
  ;;> trap-after i32:0
  (func $recurse (param i32) (result i32) local.get 0 call $recurse i32.const 1 i32.add)
  (func (export "overflow-after-tail") (result i32) i32.const 1 return_call $recurse)
  ;;> overflow-after-tail
)
