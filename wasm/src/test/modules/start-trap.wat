;; A start function that traps.
(module (func $inner unreachable) (func $start call $inner) (start $start))
