/* Multiplies two 128 x 128 matrices of f64, n times. */
#include "kernel.h"

#define SIZE 128

static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

static NOINLINE void multiply(void) {
    for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
            double sum = 0;
            for (int k = 0; k < SIZE; k++) {
                sum += a[i][k] * b[k][j];
            }
            c[i][j] = sum;
        }
    }
}

EXPORT(run) u64 run(u32 n) {
    for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
            a[i][j] = (double)(i - j) / (i + j + 1);
            b[i][j] = (double)(i * j % 17) / 16;
        }
    }
    u64 sum = 0;
    for (u32 r = 0; r < n; r++) {
        multiply();
        for (int i = 0; i < SIZE; i++) {
            sum = mix(sum, bits_of(c[i][i]));
            a[i][(i + r) % SIZE] += 0.125;
        }
    }
    return sum;
}
