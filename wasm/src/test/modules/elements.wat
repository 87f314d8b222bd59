;; An element segment out of bounds.
(module (table 2 funcref) (func $f) (elem (i32.const 1) func $f $f))
