;; A module with 1.1 MB of memory, whose instances are made by the thousand.
(module
  (memory 17)
  (global $runs (mut i32) (i32.const 0))
  (data (i32.const 1024) "in the first page")
  (data (i32.const 1000000) "in the last one")
  (func (export "run") (result i32)
    (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
    (i32.store (i32.const 65536) (global.get $runs))
    (i32.load (i32.const 1024))))
