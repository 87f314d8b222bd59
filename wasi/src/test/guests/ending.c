// Ends in the way that its argument names; before that it says something and leaves a file open.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **arguments) {
    const char *how = count > 1 ? arguments[1] : "return";
    printf("before\n");
    fflush(stdout);
    if (count > 2) {
        int fd = open(arguments[2], O_CREAT | O_WRONLY, 0666);
        if (fd < 0 || write(fd, "left open", 9) != 9) {
            return 99;
        }
        if (!strcmp(how, "close")) {
            return close(fd) == 0 ? 0 : 98;
        }
    }
    if (!strcmp(how, "exit")) {
        exit(42);
    }
    if (!strcmp(how, "quick")) {
        _Exit(7);
    }
    if (!strcmp(how, "trap")) {
        __builtin_trap();
    }
    return !strcmp(how, "return") ? 0 : 3;
}
