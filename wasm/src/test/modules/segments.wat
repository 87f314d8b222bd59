;; The second segment is out of bounds: the first has been written by then.
(module
  (import "e" "memory" (memory 1))
  (import "e" "table" (table 4 funcref))
  (func $f (param i32) (result i32) i32.const 99)
  (elem (i32.const 3) func $f)
  (data (i32.const 20) "\07")
  (data (i32.const 65535) "\01\02"))
