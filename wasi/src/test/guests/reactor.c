// A reactor: it is initialized and does not run.
#include <stdio.h>

__attribute__((constructor)) static void initialize(void) {
    printf("initialized\n");
    fflush(stdout);
}

__attribute__((export_name("answer"))) int answer(void) {
    return 42;
}
