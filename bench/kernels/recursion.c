/* Two recursions: Fibonacci of n the slow way, and the Ackermann function A(2, n). */
#include "kernel.h"

static NOINLINE u32 fibonacci(u32 n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static NOINLINE u32 ackermann(u32 m, u32 n) {
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

EXPORT(run) u64 run(u32 n) {
    return mix(fibonacci(n), ackermann(2, n));
}
