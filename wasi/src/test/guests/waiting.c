// Sleeps, polls standard input with a timeout, and says what happened.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int count, char **arguments) {
    int timeout = count > 1 ? atoi(arguments[1]) : 50;
    long start = milliseconds();
    struct pollfd input = {.fd = 0, .events = POLLIN};
    struct pollfd output = {.fd = 1, .events = POLLOUT};
    char text[16];
    usleep(20000);
    printf("slept %d\n", milliseconds() - start >= 20);
    printf("output ready %d\n", poll(&output, 1, 1000));
    int ready = poll(&input, 1, timeout);
    printf("input ready %d\n", ready);
    if (ready == 1) {
        ssize_t length = read(0, text, sizeof text);
        printf("read %d\n", (int)length);
    }
    return 0;
}
