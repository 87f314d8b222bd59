/*
 * Greets in the language of the country that the node has found out. It is called once for each country: its answer says
 * that it may be stored for an hour, and the manifest that the country is a part of the key.
 */
typedef unsigned long size;

struct buffer {
    const char *bytes;
    size length;
};

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))

WASI(fd_write) extern int fd_write(int file, const struct buffer *buffers, size count, size *written);
WASI(environ_sizes_get) extern int environ_sizes_get(size *count, size *bytes);
WASI(environ_get) extern int environ_get(char **variables, char *bytes);
WASI(proc_exit) extern _Noreturn void proc_exit(int code);

static const char FIELDS[] = "Content-Type: text/plain; charset=utf-8\nCache-Control: max-age=3600\n\n";

/* What stands behind a prefix, or nothing if the text begins otherwise. */
static const char *after(const char *text, const char *prefix) {
    while (*prefix != 0) {
        if (*text++ != *prefix++) {
            return 0;
        }
    }
    return text;
}

static const char *country(void) {
    static char *variables[256];
    static char bytes[32768];
    size count;
    size length;
    if (environ_sizes_get(&count, &length) != 0 || count > 256 || length > sizeof bytes
        || environ_get(variables, bytes) != 0) {
        return "";
    }
    for (size i = 0; i < count; i++) {
        const char *value = after(variables[i], "HTTP_SELVAGE_COUNTRY=");
        if (value != 0) {
            return value;
        }
    }
    return "";
}

static struct buffer greeting(const char *code) {
#define GREETING(text) ((struct buffer){text "\n", sizeof text})
    return after(code, "DE") ? GREETING("Guten Tag!") : after(code, "FR") ? GREETING("Bonjour !") : GREETING("Hello!");
}

__attribute__((export_name("_start"))) void start(void) {
    struct buffer response[] = {{FIELDS, sizeof FIELDS - 1}, greeting(country())};
    size written;
    if (fd_write(1, response, 2, &written) != 0 || written != response[0].length + response[1].length) {
        proc_exit(1);
    }
}
