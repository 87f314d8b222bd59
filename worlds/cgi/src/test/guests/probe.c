// A CGI program that does what its first argument (the first part of the query) says.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void out(const char *text) { write(1, text, strlen(text)); }

static void head(void) { out("Content-Type: text/plain\n\n"); }

static void fill(size_t bytes) {
    static char piece[4096];
    memset(piece, 'x', sizeof piece);
    while (bytes > 0) {
        size_t count = bytes < sizeof piece ? bytes : sizeof piece;
        write(1, piece, count);
        bytes -= count;
    }
}

static int answer(const char *what, int result) {
    head();
    if (result < 0) {
        printf("%s: %s\n", what, strerror(errno));
    } else {
        printf("%s: ok\n", what);
    }
    return 0;
}

static int save(const char *path, int flags, const char *value) {
    int fd = open(path, flags, 0666);
    if (fd < 0) return -1;
    if (write(fd, value, strlen(value)) < 0) return -1;
    return close(fd);
}

static int show(const char *path) {
    int fd = open(path, O_RDONLY);
    if (fd < 0) return answer("read", -1);
    struct stat st;
    if (fstat(fd, &st) < 0) return answer("fstat", -1);
    head();
    printf("%lld:", (long long) st.st_size);
    fflush(stdout);
    char buffer[1000];
    for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) write(1, buffer, n);
    return 0;
}

static int list(const char *path) {
    DIR *dir = opendir(path);
    if (!dir) return answer("list", -1);
    head();
    for (struct dirent *e; (e = readdir(dir));) {
        if (e->d_name[0] != '.') printf("%s%s\n", e->d_name, e->d_type == DT_DIR ? "/" : "");
    }
    return 0;
}

static int files(const char *what, char **v) {
    if (!strcmp(what, "read")) return show(v[0]);
    if (!strcmp(what, "list")) return list(v[0]);
    if (!strcmp(what, "write")) return answer(what, save(v[0], O_WRONLY | O_CREAT | O_TRUNC, v[1]));
    if (!strcmp(what, "append")) return answer(what, save(v[0], O_WRONLY | O_CREAT | O_APPEND, v[1]));
    if (!strcmp(what, "create")) return answer(what, save(v[0], O_WRONLY | O_CREAT | O_EXCL, v[1]));
    if (!strcmp(what, "unlink")) return answer(what, unlink(v[0]));
    if (!strcmp(what, "rename")) return answer(what, rename(v[0], v[1]));
    if (!strcmp(what, "mkdir")) return answer(what, mkdir(v[0], 0777));
    if (!strcmp(what, "rmdir")) return answer(what, rmdir(v[0]));
    if (!strcmp(what, "truncate")) return answer(what, truncate(v[0], atoi(v[1])));
    if (!strcmp(what, "stat")) {
        struct stat st;
        if (stat(v[0], &st) < 0) return answer(what, -1);
        head();
        printf("%s %lld\n", S_ISDIR(st.st_mode) ? "folder" : "file", (long long) st.st_size);
        return 0;
    }
    if (!strcmp(what, "patch")) {
        int fd = open(v[0], O_RDWR);
        if (fd < 0) return answer(what, -1);
        pwrite(fd, v[1], strlen(v[1]), 2);
        return answer(what, close(fd));
    }
    if (!strcmp(what, "left-open")) {
        write(open(v[0], O_WRONLY | O_CREAT, 0666), v[1], strlen(v[1]));
        head();
        return 0;
    }
    if (!strcmp(what, "trap-while-open") || !strcmp(what, "trap-after-create")) {
        int fd = open(v[0], O_WRONLY | O_CREAT | (what[5] == 'a' ? O_EXCL : O_TRUNC), 0666);
        if (fd < 0) return answer(what, -1);
        write(fd, v[1], strlen(v[1]));
        __builtin_trap();
    }
    if (!strcmp(what, "huge")) {
        static char piece[1 << 20];
        int fd = open(v[0], O_WRONLY | O_CREAT | O_TRUNC, 0666);
        for (int i = 0; i < 26; i++) {
            if (write(fd, piece, sizeof piece) < 0) return answer(what, -1);
        }
        return answer(what, close(fd));
    }
    return -1;
}

static int responses(const char *what, char **v) {
    if (!strcmp(what, "env")) {
        head();
        for (char **e = environ; *e; e++) puts(*e);
        return 0;
    }
    if (!strcmp(what, "echo")) {
        static char buffer[65536];
        head();
        for (ssize_t n; (n = read(0, buffer, sizeof buffer)) > 0;) write(1, buffer, n);
        return 0;
    }
    if (!strcmp(what, "raw")) {
        // Writes its argument with ~ for a line's end, byte by byte.
        for (char *c = v[0]; *c; c++) write(1, *c == '~' ? "\n" : *c == '_' ? " " : c, 1);
        return v[1] ? atoi(v[1]) : 0;
    }
    if (!strcmp(what, "nothing")) return atoi(v[0]);
    if (!strcmp(what, "body")) {
        head();
        fill(atol(v[0]));
        return 0;
    }
    if (!strcmp(what, "declare")) {
        printf("Content-Type: text/plain\nContent-Length: %s\n\n", v[0]);
        fflush(stdout);
        fill(atol(v[1]));
        return 0;
    }
    if (!strcmp(what, "long-head")) {
        fill(100000);
        return 0;
    }
    if (!strcmp(what, "converse")) {
        char c;
        head();
        out("first");
        read(0, &c, 1);
        out("second");
        return 0;
    }
    if (!strcmp(what, "body-then-trap")) {
        head();
        fill(atol(v[0]));
        __builtin_trap();
    }
    if (!strcmp(what, "log")) {
        fputs("one\r\ntwo\n\n", stderr);
        for (int i = 0; i < 3000; i++) fputs("äö", stderr);
        fputs("\nlast", stderr);
        head();
        return 0;
    }
    if (!strcmp(what, "log-for-ever")) {
        for (int i = 0; i < 100000; i++) fputs("a line of log that is as long as others\n", stderr);
        head();
        return 0;
    }
    if (!strcmp(what, "outgrow")) {
        void *volatile kept; // else the compiler leaves malloc out
        do kept = malloc(1 << 20);
        while (kept);
        if (v[0]) {
            out("Status: 507 Insufficient Storage\n\nno memory\n");
            return 1;
        }
        abort();
    }
    if (!strcmp(what, "loop")) {
        for (volatile int i = 0;; i++) {}
    }
    if (!strcmp(what, "recurse")) {
        volatile int deeper = responses(what, v);
        return deeper + 1;
    }
    return -1;
}

int main(int argc, char **argv) {
    if (argc < 2 || !strcmp(argv[1], "args")) {
        head();
        for (int i = 0; i < argc; i++) puts(argv[i]);
        return 0;
    }
    int code = responses(argv[1], argv + 2);
    return code >= 0 ? code : files(argv[1], argv + 2);
}
