/* memory.copy and memory.fill of 16 bytes to 64 KiB, overlapping too, n rounds. */
#include "kernel.h"

#define SIZE (1 << 18)

static u8 memory[SIZE];

EXPORT(run) u64 run(u32 n) {
    seed(1);
    for (u32 i = 0; i < SIZE; i++) {
        memory[i] = (u8)(i * 13);
    }
    u64 sum = 0;
    for (u32 round = 0; round < n; round++) {
        for (u32 length = 16; length <= SIZE / 4; length *= 2) {
            u64 r = next_random();
            u32 from = (u32)r % (SIZE - length), to = (u32)(r >> 32) % (SIZE - length);
            __builtin_memmove(memory + to, memory + from, length);
            __builtin_memset(memory + from, (int)(r >> 20 & 255), length / 4);
            __builtin_memmove(memory + to + 1, memory + to, length - 1);
            sum = mix(sum, memory[(u32)(r >> 7) % SIZE] + (u32)memory[to]);
        }
    }
    return sum;
}
