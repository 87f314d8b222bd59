;; Functions with names: they appear on the stack of a trap.
(module
  (func $outermost (export "run") call $middle)
  (func $middle call $innermost drop)
  (func $innermost (result i32) i32.const 1 i32.const 0 i32.div_s))
