/* Sorts 50,000 numbers by quicksort (comparison inlined) and again by a heap sort, n times. */
#include "kernel.h"

#define COUNT 50000

static i32 values[COUNT], copy[COUNT];

static inline void swap(i32 *a, i32 *b) {
    i32 t = *a;
    *a = *b;
    *b = t;
}

static void quicksort(i32 *low, i32 *high) {
    while (high - low > 12) {
        i32 *middle = low + (high - low) / 2;
        if (*middle < *low) swap(middle, low);
        if (*high < *low) swap(high, low);
        if (*high < *middle) swap(high, middle);
        i32 pivot = *middle;
        i32 *i = low, *j = high;
        while (i <= j) {
            while (*i < pivot) i++;
            while (pivot < *j) j--;
            if (i <= j) swap(i++, j--);
        }
        if (j - low < high - i) {
            quicksort(low, j);
            low = i;
        } else {
            quicksort(i, high);
            high = j;
        }
    }
    for (i32 *i = low + 1; i <= high; i++) {
        i32 value = *i, *j = i;
        for (; j > low && j[-1] > value; j--) {
            *j = j[-1];
        }
        *j = value;
    }
}

static void sift(i32 *heap, u32 at, u32 count) {
    i32 value = heap[at];
    for (u32 child; (child = at * 2 + 1) < count; at = child) {
        child += child + 1 < count && heap[child + 1] > heap[child];
        if (heap[child] <= value) {
            break;
        }
        heap[at] = heap[child];
    }
    heap[at] = value;
}

static NOINLINE void heapsort(i32 *heap, u32 count) {
    for (u32 i = count / 2; i-- > 0;) {
        sift(heap, i, count);
    }
    for (u32 i = count - 1; i > 0; i--) {
        swap(heap, heap + i);
        sift(heap, 0, i);
    }
}

EXPORT(run) u64 run(u32 n) {
    seed(42);
    u64 sum = 0;
    for (u32 r = 0; r < n; r++) {
        for (u32 i = 0; i < COUNT; i++) {
            values[i] = copy[i] = (i32)next_random();
        }
        quicksort(values, values + COUNT - 1);
        heapsort(copy, COUNT);
        for (u32 i = 0; i < COUNT; i++) {
            sum = mix(sum, (u32)values[i] + (values[i] != copy[i]));
        }
    }
    return sum;
}
