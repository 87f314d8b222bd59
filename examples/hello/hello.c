/*
 * A function of a few hundred bytes: a CGI program that greets, without even a C library.
 * What a C library's write() would do, it asks of WASI itself.
 */
#define RESPONSE                                   \
    "Status: 200 OK\n"                             \
    "Content-Type: text/plain; charset=utf-8\n"    \
    "\n"                                           \
    "Hello from a WebAssembly function!\n"

struct buffer {
    const char *bytes;
    unsigned long length;
};

__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write")))
extern int fd_write(int file, const struct buffer *buffers, unsigned long count, unsigned long *written);

__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_exit")))
extern _Noreturn void proc_exit(int code);

__attribute__((export_name("_start"))) void start(void) {
    static const struct buffer response = {RESPONSE, sizeof RESPONSE - 1};
    unsigned long written;
    if (fd_write(1, &response, 1, &written) != 0 || written != response.length) {
        proc_exit(1);
    }
}
