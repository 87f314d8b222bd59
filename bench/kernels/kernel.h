/* What every kernel shares. Kernels are freestanding: no libc, one export `run(n)` that answers a checksum. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int i32;
typedef unsigned long long u64;
typedef long long i64;

#define EXPORT(name) __attribute__((export_name(#name))) extern
#define NOINLINE __attribute__((noinline))

/* xorshift64*: the same numbers in every engine. */
static u64 random_state;

static inline void seed(u64 value) {
    random_state = value * 2 + 1;
}

static inline u64 next_random(void) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545F4914F6CDD1Dull;
}

/* Folds one number into a checksum (FNV-1a over words). */
static inline u64 mix(u64 sum, u64 value) {
    return (sum ^ value) * 0x100000001B3ull;
}

static inline u64 bits_of(double value) {
    union {
        double f;
        u64 u;
    } both = {.f = value};
    return both.u;
}
