// Prints its arguments and its environment, one a line, in brackets.
#include <stdio.h>

extern char **environ;

int main(int count, char **arguments) {
    for (int i = 0; i < count; i++) {
        printf("[%s]\n", arguments[i]);
    }
    for (char **variable = environ; *variable; variable++) {
        printf("[%s]\n", *variable);
    }
    return 0;
}
