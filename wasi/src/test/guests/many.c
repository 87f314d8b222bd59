// Makes as many files as its second argument says in the folder of its first, and counts them by listing.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **arguments) {
    int wanted = count > 2 ? atoi(arguments[2]) : 0;
    char name[32];
    int seen = 0;
    if (chdir(arguments[1]) != 0) {
        return 1;
    }
    for (int i = 0; i < wanted; i++) {
        snprintf(name, sizeof name, "file-with-a-number-%d", i);
        int fd = open(name, O_CREAT | O_WRONLY, 0666);
        if (fd < 0) {
            perror(name);
            return 2;
        }
        close(fd);
    }
    DIR *folder = opendir(".");
    while (readdir(folder)) {
        seen++;
    }
    rewinddir(folder);
    while (readdir(folder)) {
        seen++;
    }
    closedir(folder);
    printf("%d\n", seen);
    return 0;
}
