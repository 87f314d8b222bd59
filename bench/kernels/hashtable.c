/* Counts words in a hash table with chained entries from an allocator with free lists, and removes them; n times. */
#include "kernel.h"

#define BUCKETS 4096
#define HEAP (1 << 20)
#define CLASSES 8

struct entry {
    struct entry *next;
    u32 hash, count, length;
    u8 word[];
};

static u8 heap[HEAP] __attribute__((aligned(16)));
static u32 heap_end;
static void *free_lists[CLASSES];
static struct entry *buckets[BUCKETS];

static inline u32 class_of(u32 size) {
    return (size + 15) / 16;
}

static NOINLINE void *allocate(u32 size) {
    u32 class = class_of(size);
    void *block = free_lists[class];
    if (block) {
        free_lists[class] = *(void **)block;
        return block;
    }
    block = heap + heap_end;
    heap_end += class * 16;
    if (heap_end > HEAP) {
        __builtin_trap();
    }
    return block;
}

static NOINLINE void release(void *block, u32 size) {
    u32 class = class_of(size);
    *(void **)block = free_lists[class];
    free_lists[class] = block;
}

static u32 hash_of(const u8 *word, u32 length) {
    u32 hash = 2166136261u;
    for (u32 i = 0; i < length; i++) {
        hash = (hash ^ word[i]) * 16777619u;
    }
    return hash;
}

static NOINLINE u32 count(const u8 *word, u32 length) {
    u32 hash = hash_of(word, length);
    struct entry **bucket = &buckets[hash % BUCKETS];
    for (struct entry *e = *bucket; e; e = e->next) {
        if (e->hash == hash && e->length == length) {
            u32 i = 0;
            while (i < length && e->word[i] == word[i]) {
                i++;
            }
            if (i == length) {
                return ++e->count;
            }
        }
    }
    struct entry *e = allocate((u32)sizeof(struct entry) + length);
    e->next = *bucket;
    e->hash = hash;
    e->count = 1;
    e->length = length;
    for (u32 i = 0; i < length; i++) {
        e->word[i] = word[i];
    }
    *bucket = e;
    return 1;
}

EXPORT(run) u64 run(u32 n) {
    u64 sum = 0;
    seed(5);
    for (u32 r = 0; r < n; r++) {
        for (u32 i = 0; i < 40000; i++) {
            u8 word[16];
            u32 x = (u32)(next_random() >> 40);
            x = x % (1 + x % 9973);
            u32 length = 0;
            do {
                word[length++] = (u8)('a' + x % 23);
                x /= 7;
            } while (x);
            sum += count(word, length);
        }
        for (u32 i = 0; i < BUCKETS; i++) {
            while (buckets[i]) {
                struct entry *e = buckets[i];
                buckets[i] = e->next;
                sum = mix(sum, e->count + e->length);
                release(e, (u32)sizeof(struct entry) + e->length);
            }
        }
    }
    return sum;
}
