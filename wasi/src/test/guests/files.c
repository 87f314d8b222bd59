// Works on files under the folder that its argument names and prints what it sees.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void outcome(const char *what, long result) {
    printf("%s: %s\n", what, result < 0 ? strerror(errno) : "ok");
}

static void show(const char *path) {
    char text[64] = {0};
    FILE *file = fopen(path, "r");
    if (!file) {
        printf("%s: %s\n", path, strerror(errno));
        return;
    }
    fread(text, 1, sizeof text - 1, file);
    fclose(file);
    printf("%s: \"%s\"\n", path, text);
}

static int by_name(const struct dirent **one, const struct dirent **other) {
    return strcmp((*one)->d_name, (*other)->d_name);
}

static void list(const char *path) {
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, by_name);
    if (count < 0) {
        printf("list %s: %s\n", path, strerror(errno));
        return;
    }
    printf("list %s:", path);
    for (int i = 0; i < count; i++) {
        printf(" %s", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    printf("\n");
}

int main(int count, char **arguments) {
    struct stat status;
    FILE *file;
    int fd;
    if (count < 2 || chdir(arguments[1]) != 0) {
        printf("no folder: %s\n", strerror(errno));
        return 1;
    }
    outcome("mkdir", mkdir("sub", 0777));
    outcome("mkdir again", mkdir("sub", 0777));
    file = fopen("sub/one", "w");
    if (!file) {
        printf("create: %s\n", strerror(errno));
        return 2;
    }
    fprintf(file, "first\n%d\n", 12345);
    outcome("close", fclose(file));
    show("sub/one");
    file = fopen("sub/one", "a");
    fputs("last", file);
    fclose(file);
    file = fopen("sub/one", "r+");
    fseek(file, 6, SEEK_SET);
    fputs("54321", file);
    fclose(file);
    show("sub/one");
    outcome("exclusive", open("sub/one", O_CREAT | O_EXCL | O_WRONLY, 0666));
    outcome("rename", rename("sub/one", "two"));
    outcome("symlink", symlink("two", "link"));
    show("link");
    outcome("link", link("two", "three"));
    outcome("nofollow", open("link", O_RDONLY | O_NOFOLLOW));
    outcome("stat", stat("link", &status));
    printf("size %lld links %d regular %d\n", (long long)status.st_size, (int)status.st_nlink,
           S_ISREG(status.st_mode));
    outcome("lstat", lstat("link", &status));
    printf("size %lld link %d\n", (long long)status.st_size, S_ISLNK(status.st_mode));
    list(".");
    outcome("truncate", truncate("two", 3));
    show("three");
    fd = open("two", O_RDONLY);
    outcome("write to a file for reading", write(fd, "x", 1));
    close(fd);
    outcome("out", open("../../etc/passwd", O_RDONLY));
    outcome("out by a link", symlink("../../../etc", "sub/etc"));
    outcome("through it", open("sub/etc/passwd", O_RDONLY));
    outcome("absolute link", symlink("/etc", "sub/absolute"));
    outcome("rmdir full", rmdir("sub"));
    outcome("unlink", unlink("sub/etc"));
    outcome("rmdir", rmdir("sub"));
    unlink("link");
    unlink("three");
    outcome("unlink a folder", unlink("."));
    list(".");
    return 0;
}
