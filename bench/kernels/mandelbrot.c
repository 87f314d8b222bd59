/* Draws the Mandelbrot set, 128 x 128 points of at most 200 steps in f64 and again in f32, n times. */
#include "kernel.h"

#define SIZE 128

#define ESCAPE(name, real)                                                              \
    static NOINLINE u32 name(real cr, real ci) {                                        \
        real x = 0, y = 0;                                                              \
        u32 steps = 0;                                                                  \
        while (steps < 200 && x * x + y * y <= 4) {                                     \
            real t = x * x - y * y + cr;                                                \
            y = 2 * x * y + ci;                                                         \
            x = t;                                                                      \
            steps++;                                                                    \
        }                                                                               \
        return steps;                                                                   \
    }

ESCAPE(escape64, double)
ESCAPE(escape32, float)

EXPORT(run) u64 run(u32 n) {
    u64 sum = 0;
    for (u32 r = 0; r < n; r++) {
        double shift = (double)(i32)r / 64;
        for (i32 py = 0; py < SIZE; py++) {
            for (i32 px = 0; px < SIZE; px++) {
                double cr = px * 3.0 / SIZE - 2.25 + shift, ci = py * 2.5 / SIZE - 1.25;
                sum = mix(sum, escape64(cr, ci) * 256 + escape32((float)cr, (float)ci));
            }
        }
    }
    return sum;
}
