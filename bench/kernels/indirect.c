/* Calls through tables of functions: shapes with virtual methods, and a chain of filters; n rounds. */
#include "kernel.h"

struct shape;

struct methods {
    double (*area)(const struct shape *);
    void (*scale)(struct shape *, double);
    u32 (*corners)(const struct shape *);
};

struct shape {
    const struct methods *methods;
    double a, b;
};

static double circle_area(const struct shape *s) { return 3.141592653589793 * s->a * s->a; }
static double box_area(const struct shape *s) { return s->a * s->b; }
static double triangle_area(const struct shape *s) { return s->a * s->b / 2; }
static void scale_one(struct shape *s, double by) { s->a *= by; }
static void scale_both(struct shape *s, double by) { s->a *= by; s->b *= by; }
static u32 no_corner(const struct shape *s) { return s->a < 0; }
static u32 three_corners(const struct shape *s) { return s->b < 0 ? 0 : 3; }
static u32 four_corners(const struct shape *s) { return s->b < 0 ? 0 : 4; }

static const struct methods circle = {circle_area, scale_one, no_corner};
static const struct methods box = {box_area, scale_both, four_corners};
static const struct methods triangle = {triangle_area, scale_both, three_corners};
static const struct methods *const kinds[3] = {&circle, &box, &triangle};

static u32 filter_add(u32 x) { return x + 0x9e3779b9u; }
static u32 filter_shift(u32 x) { return x ^ x >> 15; }
static u32 filter_multiply(u32 x) { return x * 0x85ebca6bu; }
static u32 filter_rotate(u32 x) { return x << 13 | x >> 19; }
static u32 filter_not(u32 x) { return ~x; }
static u32 (*const filters[8])(u32) = {filter_add,    filter_shift, filter_multiply, filter_rotate,
                                       filter_not,    filter_shift, filter_multiply, filter_add};

static struct shape shapes[1000];

EXPORT(run) u64 run(u32 n) {
    seed(9);
    for (u32 i = 0; i < 1000; i++) {
        u64 r = next_random();
        shapes[i] = (struct shape){kinds[(r >> 32) % 3], (double)(r & 255) + 1, (double)(r >> 8 & 255) + 1};
    }
    double area = 0;
    u32 corners = 0, filtered = 1;
    for (u32 round = 0; round < n; round++) {
        for (u32 i = 0; i < 1000; i++) {
            struct shape *s = &shapes[i];
            area += s->methods->area(s);
            s->methods->scale(s, round & 1 ? 0.5 : 2);
            corners += s->methods->corners(s);
            filtered = filters[filtered & 7](filtered + i);
        }
    }
    return mix(mix(bits_of(area), corners), filtered);
}
