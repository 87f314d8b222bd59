;; Structured control: every shape of block, loop, if, br, br_if, br_table, return and unreachable code.
(module
  (type $pair (func (param i32 i64) (result i64 i32)))
  (type $none (func))

  (func (export "empty"))
  ;;> empty
  (func (export "nops") (result i32) nop nop i32.const 3 nop)
  ;;> nops

  ;; blocks that take and leave values
  (func (export "block-params") (param i32 i64) (result i64 i32)
    local.get 0 local.get 1
    block (type $pair)
      i64.const 10 i64.mul
      local.set 1
      i32.const 3 i32.add
      local.set 0
      local.get 1 local.get 0
    end)
  ;;> block-params i32:4 i64:5
  (func (export "block-below") (param i32) (result i32)
    ;; values below the block survive a branch that drops what the block has on top of them
    i32.const 100 i32.const 7
    block (param i32) (result i32)
      i32.const 55 i32.const 66 local.get 0 br_if 0
      drop drop
    end
    i32.sub)
  ;;> block-below i32:0
  ;;> block-below i32:1
  (func (export "br-drops") (result i32)
    i32.const 1
    block (result i32 i32)
      i32.const 2 f64.const 3 i64.const 4 i32.const 5 i32.const 6 br 0
    end
    i32.mul i32.add)
  ;;> br-drops
  (func (export "br-mixed") (param i32) (result i32 i64 f32 f64)
    block (result i32 i64 f32 f64)
      f32.const 9
      i32.const 1 i64.const 2 f32.const 3.5 f64.const 4.25
      local.get 0 br_if 0
      drop drop drop drop drop
      i32.const -1 i64.const -2 f32.const -3.5 f64.const -4.25
    end)
  ;;> br-mixed i32:0
  ;;> br-mixed i32:1

  ;; loops
  (func (export "loop-sum") (param i32) (result i64) (local i64)
    block
      loop
        local.get 0 i32.eqz br_if 1
        local.get 1 local.get 0 i64.extend_i32_u i64.add local.set 1
        local.get 0 i32.const 1 i32.sub local.set 0
        br 0
      end
    end
    local.get 1)
  ;;> loop-sum i32:0
  ;;> loop-sum i32:1
  ;;> loop-sum i32:100000
  (func (export "loop-params") (param i32) (result i32)
    ;; the loop's parameters are its accumulator and counter
    i32.const 1 local.get 0
    loop (param i32 i32) (result i32)
      local.set 0
      local.get 0 i32.mul
      local.get 0 i32.const 1 i32.sub
      local.get 0 i32.const 1 i32.gt_s
      br_if 0
      drop
    end)
  ;;> loop-params i32:1
  ;;> loop-params i32:5
  ;;> loop-params i32:12
  (func (export "loop-below") (param i32) (result i32)
    i32.const 1000
    loop (result i32)
      i32.const 8
      local.get 0 i32.const 1 i32.sub local.tee 0
      br_if 0
    end
    i32.add)
  ;;> loop-below i32:3
  (func (export "loop-no-repeat") (result i32) loop (result i32) i32.const 9 end)
  ;;> loop-no-repeat
  (func (export "nested-loops") (param i32 i32) (result i32) (local $i i32) (local $j i32) (local $n i32)
    loop $outer
      i32.const 0 local.set $j
      loop $inner
        local.get $n i32.const 1 i32.add local.set $n
        local.get $j i32.const 1 i32.add local.tee $j
        local.get 1 i32.lt_s br_if $inner
      end
      local.get $i i32.const 1 i32.add local.tee $i
      local.get 0 i32.lt_s br_if $outer
    end
    local.get $n)
  ;;> nested-loops i32:1 i32:1
  ;;> nested-loops i32:7 i32:11
  (func (export "continue-outer") (param i32) (result i32) (local $n i32)
    loop $outer (result i32)
      loop $inner (result i32)
        local.get $n i32.const 1 i32.add local.tee $n
        local.get 0 i32.ge_s
        if (result i32) local.get $n
        else
          local.get $n i32.const 1 i32.and br_if $outer
          br $inner
        end
      end
    end)
  ;;> continue-outer i32:10
  (func (export "two-entries") (param i32) (result i32) (local i32)
    ;; a loop reached both by falling in and by jumping over code before it
    block
      local.get 0 br_if 0
      i32.const 50 local.set 1
    end
    loop
      local.get 1 i32.const 1 i32.add local.tee 1
      i32.const 60 i32.lt_s br_if 0
    end
    local.get 1)
  ;;> two-entries i32:0
  ;;> two-entries i32:1

  ;; if
  (func (export "if") (param i32) (result i32) local.get 0 if (result i32) i32.const 1 else i32.const 2 end)
  ;;> if i32:0
  ;;> if i32:1
  ;;> if i32:-1
  ;;> if i32:0x80000000
  (func (export "if-no-else") (param i32) (result i32) (local i32)
    local.get 0 if i32.const 5 local.set 1 end local.get 1)
  ;;> if-no-else i32:0
  ;;> if-no-else i32:2
  (func (export "if-params") (param i32 i32) (result i32)
    local.get 0 i32.const 3 local.get 1
    if (param i32 i32) (result i32) i32.add else i32.sub end)
  ;;> if-params i32:10 i32:1
  ;;> if-params i32:10 i32:0
  (func (export "if-params-no-else") (param i32 i32) (result i32)
    local.get 0 local.get 1
    if (param i32) (result i32) i32.const 1 i32.add end)
  ;;> if-params-no-else i32:10 i32:1
  ;;> if-params-no-else i32:10 i32:0
  (func (export "if-br") (param i32) (result i32)
    local.get 0
    if (result i32) i32.const 4 br 0 else i32.const 5 br 1 end
    i32.const 10 i32.add)
  ;;> if-br i32:1
  ;;> if-br i32:0
  (func (export "if-dead-arms") (param i32) (result i32)
    local.get 0 if i32.const 1 return else i32.const 2 return end
    unreachable)
  ;;> if-dead-arms i32:0
  ;;> if-dead-arms i32:1
  (func (export "if-one-dead-arm") (param i32) (result i32)
    local.get 0 if (result i32) unreachable else i32.const 2 end)
  ;;> if-one-dead-arm i32:0
  ;;> if-one-dead-arm i32:1
  (func (export "if-empty") (param i32) (result i32)
    local.get 0 if else end local.get 0 if end i32.const 6)
  ;;> if-empty i32:0
  ;;> if-empty i32:1
  (func (export "if-chain") (param i32) (result i32)
    local.get 0 i32.const 0 i32.eq if (result i32) i32.const 10
    else local.get 0 i32.const 1 i32.eq if (result i32) i32.const 11
    else local.get 0 i32.const 2 i32.eq if (result i32) i32.const 12
    else i32.const 13 end end end)
  ;;> if-chain i32:0
  ;;> if-chain i32:1
  ;;> if-chain i32:2
  ;;> if-chain i32:3

  ;; br_table
  (func (export "table-empty") (param i32) (result i32)
    block local.get 0 br_table 0 end i32.const 1)
  ;;> table-empty i32:0
  ;;> table-empty i32:7
  ;;> table-empty i32:-1
  (func (export "table") (param i32) (result i32)
    block block block block
      local.get 0 br_table 0 1 2 3
    end i32.const 100 return
    end i32.const 101 return
    end i32.const 102 return
    end i32.const 103)
  ;;> table i32:0
  ;;> table i32:1
  ;;> table i32:2
  ;;> table i32:3
  ;;> table i32:4
  ;;> table i32:-1
  ;;> table i32:0x80000000
  ;;> table i32:0x7fffffff
  (func (export "table-same") (param i32) (result i32)
    block block local.get 0 br_table 1 1 1 1 0 end i32.const 5 return end i32.const 6)
  ;;> table-same i32:0
  ;;> table-same i32:3
  ;;> table-same i32:4
  (func (export "table-value") (param i32) (result i32)
    block (result i32)
      block (result i32)
        i32.const 33 local.get 0 br_table 0 1 0
      end
      i32.const 2 i32.mul
    end
    i32.const 1 i32.add)
  ;;> table-value i32:0
  ;;> table-value i32:1
  ;;> table-value i32:2
  (func (export "table-values-below") (param i32) (result i32)
    i32.const 7
    block (result i32 i64)
      f32.const 1
      block (result i32 i64)
        f64.const 2 i64.const 3
        i32.const 33 i64.const 44 local.get 0 br_table 0 1 1 0
      end
      i64.const 1 i64.add
      br 0
    end
    i32.wrap_i64 i32.mul i32.add)
  ;;> table-values-below i32:0
  ;;> table-values-below i32:1
  ;;> table-values-below i32:9
  (func (export "table-return") (param i32) (result i32)
    block (result i32) i32.const 5 local.get 0 br_table 1 0 1 end i32.const 10 i32.mul)
  ;;> table-return i32:0
  ;;> table-return i32:1
  ;;> table-return i32:2
  (func (export "table-loop") (param i32) (result i32) (local i32)
    ;; a machine with states: a br_table that goes back as well as forth
    block $done
      loop $next
        local.get 1 i32.const 1 i32.add local.set 1
        block $two
          block $one
            local.get 0 br_table $one $two $next $done
          end
          i32.const 1 local.set 0
          br $next
        end
        i32.const 5 local.set 0
        br $next
      end
    end
    local.get 1)
  ;;> table-loop i32:0
  ;;> table-loop i32:1
  ;;> table-loop i32:3
  (func (export "table-loop-param") (param i32) (result i32)
    i32.const 20
    loop $again (param i32) (result i32)
      i32.const 1 i32.sub
      local.get 0 i32.const 1 i32.sub local.tee 0
      br_table 1 1 $again
    end)
  ;;> table-loop-param i32:10
  ;;> table-loop-param i32:2

  ;; return
  (func (export "return-deep") (param i32) (result i32)
    i64.const 1 f32.const 2
    block (result i32) loop (result i32) local.get 0 if (result i32) i64.const 3 i32.const 77 return else i32.const 5 end end end
    return)
  ;;> return-deep i32:0
  ;;> return-deep i32:1
  (func (export "return-many") (param i32) (result i32 i64 f64)
    f32.const 4
    local.get 0 if i32.const 1 i64.const 2 f64.const 3 return end
    drop i32.const -1 i64.const -2 f64.const -3)
  ;;> return-many i32:0
  ;;> return-many i32:1

  ;; code that never runs still has to be accepted, with operands out of thin air
  (func (export "dead-after-br") (result i32)
    block (result i32) i32.const 1 br 0 i32.add drop i64.eqz drop f32.const 1 f32.add drop i32.const 9 end)
  ;;> dead-after-br
  (func (export "dead-blocks") (result i32)
    i32.const 4 return
    block (result i32) i32.const 5 end
    loop (param i32) (result i32) br 0 end
    if (result i64) i64.const 1 else i64.const 2 end
    drop i32.const 6 br_table 0 0)
  ;;> dead-blocks
  (func (export "dead-select") (result i32) block unreachable select drop select drop br 0 end i32.const 1)
  ;;> dead-select
  (func (export "dead-if") (param i32) (result i32)
    block
      br 0
      if (result i32) i32.const 1 else unreachable end
      drop
    end
    i32.const 31)
  ;;> dead-if i32:0
  (func (export "dead-calls") (result i32)
    i32.const 8 return call 0 i32.const 1 call $id drop unreachable)
  ;;> dead-calls
  (func (export "dead-else") (param i32) (result i32)
    local.get 0
    if (result i32) i32.const 7 br 1 i32.const 0 i32.const 2 drop else i32.const 3 end
    drop i32.const 4 return)
  ;;> dead-else i32:0
  ;;> dead-else i32:1
  (func (export "unreachable") (result i32) unreachable)
  ;;> unreachable
  (func (export "unreachable-in-loop") (param i32) (result i32)
    loop local.get 0 if unreachable end end i32.const 5)
  ;;> unreachable-in-loop i32:0
  ;;> unreachable-in-loop i32:1

  ;; select, drop, locals
  (func $id (param i32) (result i32) local.get 0)
  (func (export "select") (param i32) (result i32 i64 f32 f64)
    i32.const 1 i32.const 2 local.get 0 select
    i64.const 3 i64.const 4 local.get 0 select
    f32.const 5 f32.const 6 local.get 0 select
    f64.const 7 f64.const 8 local.get 0 select)
  ;;> select i32:0
  ;;> select i32:1
  ;;> select i32:-5
  (func (export "select-typed") (param i32) (result f64) f64.const 7 f64.const 8 local.get 0 select (result f64))
  ;;> select-typed i32:0
  ;;> select-typed i32:3
  (func (export "select-order") (param i32) (result i32)
    ;; both operands are evaluated, in order
    i32.const 1 call $log i32.const 2 call $log local.get 0 i32.const 3 call $log drop select
    global.get $log i32.const 100 i32.mul i32.add)
  ;;> select-order i32:0
  ;;> select-order i32:1
  (global $log (mut i32) (i32.const 0))
  (func $log (param i32) (result i32)
    global.get $log i32.const 10 i32.mul local.get 0 i32.add global.set $log local.get 0)
  (func (export "order") (result i32)
    i32.const 0 global.set $log
    i32.const 9 call $log i32.const 8 call $log i32.sub drop
    i32.const 7 call $log i32.const 6 call $log i32.const 5 call $log call $three drop
    global.get $log)
  ;;> order
  (func $three (param i32 i32 i32) (result i32) local.get 1)
  (func (export "tee-old") (param i32) (result i32)
    ;; the operand holds the value from before the set
    local.get 0 i32.const 9 local.set 0 local.get 0 i32.const 100 i32.mul i32.add)
  ;;> tee-old i32:4
  (func (export "tee-loop") (param i32) (result i32)
    local.get 0
    loop
      local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0
    end
    local.get 0 i32.const 10 i32.mul i32.add)
  ;;> tee-loop i32:5
  (func (export "swap") (param i32 i32) (result i32 i32)
    local.get 1 local.get 0 local.set 1 local.set 0 local.get 0 local.get 1)
  ;;> swap i32:3 i32:4
  (func (export "zero-locals") (result i32 i64 f32 f64) (local i32 i64 f32 f64)
    local.get 0 local.get 1 local.get 2 local.get 3)
  ;;> zero-locals
  (func (export "zero-ref-locals") (result i32 i32) (local funcref externref)
    local.get 0 ref.is_null local.get 1 ref.is_null)
  ;;> zero-ref-locals
  (func (export "set-before-trap") (param i32) (result i32)
    i32.const 44 global.set $log local.get 0 i32.const 0 i32.div_s)
  ;;> set-before-trap i32:1
  (func (export "log") (result i32) global.get $log)
  ;;> log
)
