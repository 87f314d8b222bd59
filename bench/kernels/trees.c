/* Builds, walks and frees binary trees of depth 14, n times: allocation and pointers. */
#include "kernel.h"

struct tree {
    struct tree *left, *right;
};

static struct tree pool[1 << 16];
static u32 pool_end;
static struct tree *free_list;

static struct tree *allocate(void) {
    if (free_list) {
        struct tree *tree = free_list;
        free_list = tree->left;
        return tree;
    }
    return &pool[pool_end++];
}

static NOINLINE struct tree *grow(u32 depth) {
    struct tree *tree = allocate();
    tree->left = depth ? grow(depth - 1) : 0;
    tree->right = depth ? grow(depth - 1) : 0;
    return tree;
}

static NOINLINE u32 nodes(const struct tree *tree) {
    return tree ? 1 + nodes(tree->left) + nodes(tree->right) : 0;
}

static NOINLINE void fell(struct tree *tree) {
    if (tree) {
        fell(tree->left);
        fell(tree->right);
        tree->left = free_list;
        free_list = tree;
    }
}

EXPORT(run) u64 run(u32 n) {
    u64 sum = 0;
    for (u32 i = 0; i < n; i++) {
        struct tree *tree = grow(14 - i % 3);
        sum = mix(sum, nodes(tree));
        fell(tree);
    }
    return sum;
}
