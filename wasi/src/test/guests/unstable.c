// Calls the functions of wasi_unstable whose form has changed since, through their raw interface.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define UNSTABLE(function) __attribute__((import_module("wasi_unstable"), import_name(#function)))

UNSTABLE(fd_write) int fd_write(int fd, const void *vectors, int count, uint32_t *written);
UNSTABLE(fd_filestat_get) int fd_filestat_get(int fd, void *status);
UNSTABLE(path_filestat_get) int path_filestat_get(int fd, int flags, const char *path, int length, void *status);
UNSTABLE(path_open) int path_open(int fd, int lookup, const char *path, int length, int flags, uint64_t rights,
                                  uint64_t inheriting, int descriptor_flags, uint32_t *opened);
UNSTABLE(fd_seek) int fd_seek(int fd, int64_t offset, int whence, uint64_t *position);
UNSTABLE(poll_oneoff) int poll_oneoff(const void *subscriptions, void *events, int count, uint32_t *happened);
UNSTABLE(proc_exit) __attribute__((noreturn)) void proc_exit(int code);

static void check(int condition, int code) {
    if (!condition) {
        proc_exit(code);
    }
}

static void print(const char *text) {
    struct {
        const char *text;
        uint32_t length;
    } vector = {text, (uint32_t)strlen(text)};
    uint32_t written;
    check(fd_write(1, &vector, 1, &written) == 0 && written == vector.length, 1);
}

void _start(void) {
    uint8_t status[64];
    uint32_t fd;
    uint64_t position;
    uint32_t links;
    uint64_t size;
    memset(status, 0xff, sizeof status);
    check(path_filestat_get(3, 0, "file", 4, status) == 0, 2);
    memcpy(&links, status + 20, 4);
    memcpy(&size, status + 24, 8);
    check(status[16] == 4 && links == 1 && size == 10, 3);
    check(status[55] != 0xff && status[56] == 0xff, 4);
    check(path_open(3, 0, "file", 4, 0, 2 | 4 | (1 << 21), 0, 0, &fd) == 0, 5);
    check(fd_seek(fd, -3, 1, &position) == 0 && position == 7, 6);
    check(fd_seek(fd, -2, 0, &position) == 0 && position == 5, 7);
    check(fd_seek(fd, 9, 2, &position) == 0 && position == 9, 8);
    check(fd_seek(fd, 0, 3, &position) == 28, 9);
    check(fd_filestat_get(fd, status) == 0, 10);
    memcpy(&size, status + 24, 8);
    check(size == 10, 11);

    struct {
        uint64_t user_data;
        uint8_t kind;
        uint64_t identifier;
        uint32_t clock;
        uint64_t timeout;
        uint64_t precision;
        uint16_t flags;
    } subscription = {77, 0, 0, 1, 1000000, 0, 0};
    struct {
        uint64_t user_data;
        uint16_t error;
        uint8_t kind;
        uint64_t bytes;
        uint16_t flags;
    } event;
    uint32_t happened;
    check(sizeof subscription == 56 && sizeof event == 32, 12);
    check(poll_oneoff(&subscription, &event, 1, &happened) == 0 && happened == 1, 13);
    check(event.user_data == 77 && event.error == 0 && event.kind == 0, 14);
    print("unstable\n");
}
