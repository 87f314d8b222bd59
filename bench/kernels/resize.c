/* Halves a 512 x 512 RGBA picture with a box filter and doubles the result back bilinearly, n times. */
#include "kernel.h"

#define SIZE 512
#define HALF (SIZE / 2)

static u8 picture[SIZE * SIZE * 4];
static u8 small[HALF * HALF * 4];

static NOINLINE void halve(void) {
    for (u32 y = 0; y < HALF; y++) {
        const u8 *upper = picture + y * 2 * SIZE * 4;
        const u8 *lower = upper + SIZE * 4;
        u8 *out = small + y * HALF * 4;
        for (u32 x = 0; x < HALF; x++, upper += 8, lower += 8, out += 4) {
            for (int c = 0; c < 4; c++) {
                out[c] = (u8)((upper[c] + upper[c + 4] + lower[c] + lower[c + 4] + 2) / 4);
            }
        }
    }
}

static NOINLINE void twice(void) {
    for (u32 y = 0; y < SIZE; y++) {
        u32 sy = (y * 2 + 1) * 128 / 2;
        sy = sy < 128 ? 0 : sy - 128;
        u32 y0 = sy >> 8, fy = sy & 255, y1 = y0 + 1 < HALF ? y0 + 1 : y0;
        const u8 *upper = small + y0 * HALF * 4, *lower = small + y1 * HALF * 4;
        u8 *out = picture + y * SIZE * 4;
        for (u32 x = 0; x < SIZE; x++, out += 4) {
            u32 sx = (x * 2 + 1) * 128 / 2;
            sx = sx < 128 ? 0 : sx - 128;
            u32 x0 = (sx >> 8) * 4, fx = sx & 255, x1 = (sx >> 8) + 1 < HALF ? x0 + 4 : x0;
            for (u32 c = 0; c < 4; c++) {
                u32 top = upper[x0 + c] * (256 - fx) + upper[x1 + c] * fx;
                u32 bottom = lower[x0 + c] * (256 - fx) + lower[x1 + c] * fx;
                out[c] = (u8)((top * (256 - fy) + bottom * fy + 32768) >> 16);
            }
        }
    }
}

EXPORT(run) u64 run(u32 n) {
    for (u32 i = 0; i < sizeof picture; i++) {
        picture[i] = (u8)(i * 7 ^ i >> 9);
    }
    u64 sum = 0;
    for (u32 r = 0; r < n; r++) {
        halve();
        twice();
        for (u32 i = 0; i < sizeof small; i += 1021) {
            sum = mix(sum, small[i]);
        }
    }
    return sum;
}
