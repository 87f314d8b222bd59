/* 64-bit arithmetic: Miller-Rabin over 61-bit numbers (128-bit products from 64-bit halves) and XXH64; n numbers. */
#include "kernel.h"

static inline void multiply(u64 a, u64 b, u64 *high, u64 *low) {
    u64 a0 = (u32)a, a1 = a >> 32, b0 = (u32)b, b1 = b >> 32;
    u64 p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
    u64 middle = (p00 >> 32) + (u32)p01 + (u32)p10;
    *low = middle << 32 | (u32)p00;
    *high = p11 + (p01 >> 32) + (p10 >> 32) + (middle >> 32);
}

/* Montgomery's product modulo an odd number. */
static inline u64 reduce(u64 high, u64 low, u64 modulus, u64 inverse) {
    u64 q = low * inverse, h, l;
    multiply(q, modulus, &h, &l);
    u64 result = high - h;
    return high < h ? result + modulus : result;
}

static inline u64 product(u64 a, u64 b, u64 modulus, u64 inverse) {
    u64 high, low;
    multiply(a, b, &high, &low);
    return reduce(high, low, modulus, inverse);
}

static NOINLINE int probably_prime(u64 number) {
    u64 inverse = number;
    for (int i = 0; i < 5; i++) {
        inverse *= 2 - number * inverse;
    }
    u64 one = (0 - number) % number;
    u64 minus_one = number - one;
    u64 odd = number - 1;
    int twos = __builtin_ctzll(odd);
    odd >>= twos;
    for (u64 base = 2; base <= 7; base++) {
        u64 b = 0;
        for (u64 i = 0; i < base; i++) {
            b = b + one >= number ? b + one - number : b + one;
        }
        u64 power = one;
        for (u64 e = odd; e; e >>= 1) {
            if (e & 1) {
                power = product(power, b, number, inverse);
            }
            b = product(b, b, number, inverse);
        }
        if (power == one || power == minus_one) {
            continue;
        }
        int i = 1;
        for (; i < twos; i++) {
            power = product(power, power, number, inverse);
            if (power == minus_one) {
                break;
            }
        }
        if (i >= twos) {
            return 0;
        }
    }
    return 1;
}

static inline u64 rotate(u64 x, int by) {
    return x << by | x >> (64 - by);
}

static NOINLINE u64 xxh64(const u64 *words, u32 count, u64 start) {
    const u64 p1 = 0x9E3779B185EBCA87ull, p2 = 0xC2B2AE3D27D4EB4Full, p3 = 0x165667B19E3779F9ull;
    u64 a = start + p1 + p2, b = start + p2, c = start, d = start - p1;
    for (u32 i = 0; i + 3 < count; i += 4) {
        a = rotate(a + words[i] * p2, 31) * p1;
        b = rotate(b + words[i + 1] * p2, 31) * p1;
        c = rotate(c + words[i + 2] * p2, 31) * p1;
        d = rotate(d + words[i + 3] * p2, 31) * p1;
    }
    u64 h = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
    h = (h ^ h >> 33) * p2;
    h = (h ^ h >> 29) * p3;
    return h ^ h >> 32;
}

static u64 words[1024];

EXPORT(run) u64 run(u32 n) {
    seed(11);
    __builtin_memset(words, 0, sizeof words);
    u64 sum = 0;
    for (u32 i = 0; i < n; i++) {
        u64 number = next_random() >> 3 | 1;
        sum = mix(sum, (u64)probably_prime(number));
        words[i & 1023] = number / (i % 13 + 1) ^ (u64)((i64)number % -977);
        sum = mix(sum, xxh64(words, 1024, number));
    }
    return sum;
}
