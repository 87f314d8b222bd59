// A CGI program: the request is in the environment and on stdin, the answer goes to stdout.
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    const char *path = getenv("PATH_INFO");
    printf("Content-Type: text/plain\n\n");
    printf("Hello from @NAME@, you asked for %s\n", path ? path : "/");
    return 0;
}
