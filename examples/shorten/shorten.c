/*
 * A URL shortener. Its state is a folder: the file /kv/default/ID holds the URL that ID stands for.
 *
 *   POST /     with a URL as the body, or url=… as a form sends it: 201 and the short URL
 *   GET /ID    302 to the URL, or 404
 *   GET /      a page with the form
 *
 * The world "cgi" gives the request as environment variables and stdin, and takes the response from stdout (RFC 3875).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define STORE "/kv/default/"
#define ID_LENGTH 7
#define URL_MAX 2048

/* Everything that is said is collected here and written at once. */
static char response[8192];
static size_t response_length;

static void say(const char *text) {
    size_t length = strlen(text);
    if (length > sizeof response - response_length) {
        length = sizeof response - response_length;
    }
    memcpy(response + response_length, text, length);
    response_length += length;
}

_Noreturn static void finish(void) {
    for (size_t done = 0; done < response_length;) {
        ssize_t written = write(STDOUT_FILENO, response + done, response_length - done);
        if (written < 0) {
            _Exit(1);
        }
        done += (size_t)written;
    }
    _Exit(0);
}

_Noreturn static void answer(const char *status, const char *text) {
    say("Status: ");
    say(status);
    say("\nContent-Type: text/plain; charset=utf-8\n\n");
    say(text);
    say("\n");
    finish();
}

/* To stderr, which becomes a line of the log. */
_Noreturn static void fail(const char *what) {
    const char *why = strerror(errno);
    write(STDERR_FILENO, what, strlen(what));
    write(STDERR_FILENO, ": ", 2);
    write(STDERR_FILENO, why, strlen(why));
    write(STDERR_FILENO, "\n", 1);
    answer("500 Internal Server Error", "The store cannot be used at the moment.");
}

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

/* ---- the URL ---- */

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Decodes the value of a form's field in place. */
static void decode_form(char *text) {
    char *out = text;
    for (const char *in = text; *in && *in != '&'; in++) {
        if (*in == '%' && hex_digit(in[1]) >= 0 && hex_digit(in[2]) >= 0) {
            *out++ = (char)(hex_digit(in[1]) * 16 + hex_digit(in[2]));
            in += 2;
        } else {
            *out++ = *in == '+' ? ' ' : *in;
        }
    }
    *out = 0;
}

static char *trim(char *text) {
    while (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n') {
        text++;
    }
    for (char *end = text + strlen(text); end > text && strchr(" \t\r\n", end[-1]);) {
        *--end = 0;
    }
    return text;
}

/* http or https, a host, and nothing that could end a header field early. */
static bool is_web_url(const char *url) {
    const char *host = !strncasecmp(url, "http://", 7) ? url + 7 : !strncasecmp(url, "https://", 8) ? url + 8 : "";
    if (*host == 0 || strchr("/?#:@", *host)) {
        return false;
    }
    for (const char *c = url; *c; c++) {
        if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr("<>\"\\^`{|}", *c)) {
            return false;
        }
    }
    return true;
}

/* The body, without what stands around the URL; one byte more than fits makes it too long. */
static char *read_url(void) {
    static char body[3 * URL_MAX + 8];
    size_t length = 0;
    ssize_t count;
    while (length < sizeof body - 1 && (count = read(STDIN_FILENO, body + length, sizeof body - 1 - length)) != 0) {
        if (count < 0) {
            answer("400 Bad Request", "The body cannot be read.");
        }
        length += (size_t)count;
    }
    if (memchr(body, 0, length)) {
        answer("400 Bad Request", "Not a URL: it has a zero byte.");
    }
    char *url = body;
    if (!strncmp(body, "url=", 4)) {
        url += 4;
        decode_form(url);
    }
    url = trim(url);
    if (strlen(url) > URL_MAX) {
        answer("400 Bad Request", "The URL is too long: at most 2048 bytes.");
    }
    if (!is_web_url(url)) {
        answer("400 Bad Request", "Not a URL that begins with http:// or https:// and names a host.");
    }
    return url;
}

/* ---- the store ---- */

static void random_id(char *id) {
    static const char digits[] = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"; /* no look-alikes */
    unsigned char random[ID_LENGTH];
    if (getentropy(random, sizeof random) != 0) {
        fail("getentropy");
    }
    for (int i = 0; i < ID_LENGTH; i++) {
        id[i] = digits[random[i] % (sizeof digits - 1)];
    }
    id[ID_LENGTH] = 0;
}

/* Creates the file of an id; false if the id is taken. The value is there as a whole once the file is closed. */
static bool store(const char *id, const char *url) {
    char path[sizeof STORE + ID_LENGTH] = STORE;
    strcat(path, id);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0) {
        if (errno == EEXIST) {
            return false;
        }
        fail(path);
    }
    size_t length = strlen(url);
    if (write(file, url, length) != (ssize_t)length) {
        fail(path);
    }
    if (close(file) != 0) {
        if (errno == EEXIST) {
            return false;
        }
        fail(path);
    }
    return true;
}

static bool is_id(const char *text) {
    for (const char *c = text; *c; c++) {
        bool letter = (*c | 32) >= 'a' && (*c | 32) <= 'z';
        if (!letter && (*c < '0' || *c > '9')) {
            return false;
        }
    }
    return strlen(text) == ID_LENGTH;
}

/* ---- the requests ---- */

_Noreturn static void shorten(void) {
    char id[ID_LENGTH + 1];
    const char *url = read_url();
    do {
        random_id(id);
    } while (!store(id, url));
    say("Status: 201 Created\nContent-Type: text/plain; charset=utf-8\nLocation: /");
    say(id);
    say("\n\n");
    say(variable("REQUEST_SCHEME"));
    say("://");
    say(variable("HTTP_HOST"));
    say("/");
    say(id);
    say("\n");
    finish();
}

_Noreturn static void follow(const char *id) {
    static char url[URL_MAX + 1];
    char path[sizeof STORE + ID_LENGTH] = STORE;
    if (!is_id(id)) {
        answer("404 Not Found", "There is no such short URL.");
    }
    strcat(path, id);
    int file = open(path, O_RDONLY);
    if (file < 0) {
        if (errno == ENOENT) {
            answer("404 Not Found", "There is no such short URL.");
        }
        fail(path);
    }
    ssize_t length = read(file, url, URL_MAX);
    if (length < 0) {
        fail(path);
    }
    url[length] = 0;
    say("Status: 302 Found\nLocation: ");
    say(url);
    say("\nContent-Type: text/plain; charset=utf-8\n\n");
    say(url);
    say("\n");
    finish();
}

_Noreturn static void show_form(void) {
    say("Content-Type: text/html; charset=utf-8\n\n"
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<title>Shorten</title><style>body{font:18px system-ui;max-width:36rem;margin:20vh auto;padding:0 1rem}"
        "form{display:flex;gap:.5rem}input{flex:1}input,button{font:inherit;padding:.6rem .8rem;"
        "border:1px solid #bbb;border-radius:.5rem}button{background:#1d4ed8;color:#fff;border:0}</style>"
        "<h1>A shorter URL</h1><form method=post action=/>"
        "<input name=url type=url required autofocus aria-label=URL placeholder='https://example.com/a/long/path'>"
        "<button>Shorten</button></form></html>\n");
    finish();
}

int main(void) {
    if (!strcmp(variable("REQUEST_METHOD"), "POST")) {
        shorten();
    }
    const char *id = variable("X_PATH_MATCH_ID"); /* what the route GET /:id has found */
    if (*id == 0) {
        show_form();
    }
    follow(id);
}
