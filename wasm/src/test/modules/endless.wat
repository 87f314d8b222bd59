;; Programs that never end by themselves, in every way that there is to repeat something.
(module
  (type $v (func))
  (type $i-i (func (param i32) (result i32)))
  (memory 1)
  (table 4 funcref)
  (elem (i32.const 0) func $tail-indirect $leaf)
  (global $n (mut i64) (i64.const 0))
  (func $leaf)
  (func (export "loop") loop br 0 end)
  (func (export "loop-with-condition") (local i32)
    loop local.get 0 i32.const 2 i32.add local.tee 0 br_if 0 br 0 end)
  (func (export "loop-with-work") (local i32)
    loop
      local.get 0 i32.const 1 i32.add i32.const 0xfff8 i32.and local.tee 0
      local.get 0 i64.load i64.const 1 i64.add i64.store
      br 0
    end)
  (func (export "loop-with-params") i32.const 1 i64.const 2
    loop (param i32 i64) i64.const 1 i64.add br 0 end)
  (func (export "loop-with-call") loop call $leaf br 0 end)
  (func (export "loop-with-indirect-call") loop i32.const 1 call_indirect (type $v) br 0 end)
  (func (export "nested") loop loop loop br 2 end end end)
  (func (export "inner") (local i32)
    loop $outer
      i32.const 1000 local.set 0
      loop $inner local.get 0 i32.const 1 i32.sub local.tee 0 br_if $inner end
      br $outer
    end)
  (func (export "br_table") (local i32)
    loop $a
      loop $b
        local.get 0 i32.const 1 i32.add local.tee 0 i32.const 3 i32.and br_table $a $b $a $b
      end
    end)
  (func $tail (export "tail") return_call $tail)
  (func $ping (export "ping-pong") return_call $pong)
  (func $pong return_call $ping)
  (func $tail-indirect (export "tail-indirect") i32.const 0 return_call_indirect (type $v))
  (func $fib (export "recursion") (param i32) (result i32)
    local.get 0 i32.const 2 i32.lt_s if (result i32) local.get 0
    else local.get 0 i32.const 1 i32.sub call $fib local.get 0 i32.const 2 i32.sub call $fib i32.add end)
  (func $tree (export "recursion-without-result") (param i32)
    local.get 0 i32.eqz if return end
    local.get 0 i32.const 1 i32.sub call $tree
    local.get 0 i32.const 1 i32.sub call $tree)
  (func (export "global") loop global.get $n i64.const 1 i64.add global.set $n br 0 end)
  (func (export "answer") (result i32) i32.const 42)
)
