/* Parses a JSON document of about 0.9 MB into a tree of nodes, n times, and walks the tree. */
#include "kernel.h"

#define TEXT_SIZE (1 << 20)
#define NODES (1 << 17)

enum kind { NIL, FALSE, TRUE, NUMBER, STRING, ARRAY, OBJECT };

struct node {
    enum kind kind;
    u32 length;      /* of a string's bytes; the number of children of an array or object */
    double number;
    const u8 *text;  /* a string's first byte */
    struct node *key, *first, *next;
};

static u8 text[TEXT_SIZE];
static u32 text_length;
static u8 strings[TEXT_SIZE];
static u32 string_end;
static struct node nodes[NODES];
static u32 node_end;
static const u8 *at;
static int failed;

/* ---- the document ---- */

static void put(const char *s) {
    while (*s) {
        text[text_length++] = (u8)*s++;
    }
}

static void put_number(u32 value) {
    char digits[12];
    int count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    while (count) {
        text[text_length++] = (u8)digits[--count];
    }
}

static void write_document(void) {
    seed(7);
    put("{\"type\": \"orders\", \"items\": [");
    for (u32 i = 0; text_length < 900000; i++) {
        u64 r = next_random();
        put(i ? ",\n  {\"id\": " : "\n  {\"id\": ");
        put_number(i);
        put(", \"name\": \"part \\\"");
        put_number((u32)r & 0xffff);
        put("\\\" \\u00e9t\\u00e9 \xe2\x82\xac\", \"price\": ");
        put_number((u32)(r >> 16) % 10000);
        put(".");
        put_number((u32)(r >> 32) % 100);
        put(r & 1 ? ", \"stock\": true" : ", \"stock\": null");
        put(", \"size\": [");
        for (int j = 0; j < 3; j++) {
            put(j ? ", -" : "");
            put_number((u32)(r >> (8 * j + 11)) % 1000);
            put(j == 1 ? "e-2" : "");
        }
        put("], \"tags\": {\"a\": \"blue\", \"b\": \"a somewhat longer value without escapes\"}}");
    }
    put("\n]}");
    text[text_length] = 0;
}

/* ---- the parser ---- */

static void skip_space(void) {
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') {
        at++;
    }
}

static int hex(void) {
    int value = 0;
    for (int i = 0; i < 4; i++, at++) {
        u8 c = *at;
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0) {
            failed = 1;
            return 0;
        }
        value = value * 16 + digit;
    }
    return value;
}

static void put_utf8(int c) {
    if (c < 0x80) {
        strings[string_end++] = (u8)c;
    } else if (c < 0x800) {
        strings[string_end++] = (u8)(0xc0 | c >> 6);
        strings[string_end++] = (u8)(0x80 | (c & 63));
    } else {
        strings[string_end++] = (u8)(0xe0 | c >> 12);
        strings[string_end++] = (u8)(0x80 | (c >> 6 & 63));
        strings[string_end++] = (u8)(0x80 | (c & 63));
    }
}

static void parse_string(struct node *node) {
    node->kind = STRING;
    node->text = strings + string_end;
    u32 start = string_end;
    for (at++; *at != '"';) {
        u8 c = *at++;
        if (c < 0x20) {
            failed = 1;
            return;
        }
        if (c != '\\') {
            strings[string_end++] = c;
            continue;
        }
        switch (c = *at++) {
            case 'b': strings[string_end++] = '\b'; break;
            case 'f': strings[string_end++] = '\f'; break;
            case 'n': strings[string_end++] = '\n'; break;
            case 'r': strings[string_end++] = '\r'; break;
            case 't': strings[string_end++] = '\t'; break;
            case 'u': put_utf8(hex()); break;
            case '"': case '\\': case '/': strings[string_end++] = c; break;
            default: failed = 1; return;
        }
    }
    at++;
    node->length = string_end - start;
}

static void parse_number(struct node *node) {
    node->kind = NUMBER;
    double sign = 1;
    if (*at == '-') {
        sign = -1;
        at++;
    }
    double value = 0;
    int exponent = 0;
    if (*at < '0' || *at > '9') {
        failed = 1;
        return;
    }
    while (*at >= '0' && *at <= '9') {
        value = value * 10 + (*at++ - '0');
    }
    if (*at == '.') {
        at++;
        while (*at >= '0' && *at <= '9') {
            value = value * 10 + (*at++ - '0');
            exponent--;
        }
    }
    if ((*at | 32) == 'e') {
        at++;
        int negative = *at == '-';
        if (*at == '-' || *at == '+') {
            at++;
        }
        int given = 0;
        while (*at >= '0' && *at <= '9') {
            given = given * 10 + (*at++ - '0');
        }
        exponent += negative ? -given : given;
    }
    for (; exponent < 0; exponent++) {
        value /= 10;
    }
    for (; exponent > 0; exponent--) {
        value *= 10;
    }
    node->number = sign * value;
}

static void literal(struct node *node, const char *word, enum kind kind) {
    node->kind = kind;
    while (*word) {
        if (*at++ != (u8)*word++) {
            failed = 1;
            return;
        }
    }
}

static struct node *parse_value(void) {
    struct node *node = &nodes[node_end++];
    node->length = 0;
    node->key = node->first = node->next = 0;
    skip_space();
    switch (*at) {
        case 'n': literal(node, "null", NIL); break;
        case 't': literal(node, "true", TRUE); break;
        case 'f': literal(node, "false", FALSE); break;
        case '"': parse_string(node); break;
        case '[':
        case '{': {
            u8 close = *at == '[' ? ']' : '}';
            node->kind = *at++ == '[' ? ARRAY : OBJECT;
            struct node **link = &node->first;
            skip_space();
            while (*at != close && !failed) {
                struct node *key = 0;
                if (close == '}') {
                    key = parse_value();
                    skip_space();
                    failed |= key->kind != STRING || *at++ != ':';
                }
                struct node *child = parse_value();
                child->key = key;
                *link = child;
                link = &child->next;
                node->length++;
                skip_space();
                if (*at == ',') {
                    at++;
                    skip_space();
                } else if (*at != close) {
                    failed = 1;
                }
            }
            at++;
            break;
        }
        default: parse_number(node); break;
    }
    return node;
}

static u64 walk(const struct node *node) {
    u64 sum = mix(node->kind, node->length);
    if (node->kind == NUMBER) {
        sum = mix(sum, bits_of(node->number));
    } else if (node->kind == STRING && node->length) {
        sum = mix(sum, node->text[node->length - 1]);
    }
    for (const struct node *child = node->first; child; child = child->next) {
        sum = mix(sum, walk(child) + (child->key ? child->key->length : 0));
    }
    return sum;
}

EXPORT(run) u64 run(u32 n) {
    if (!text_length) {
        write_document();
    }
    u64 sum = text_length;
    for (u32 i = 0; i < n; i++) {
        at = text;
        node_end = string_end = 0;
        failed = 0;
        struct node *root = parse_value();
        sum = mix(sum, failed ? 1 : walk(root));
    }
    return sum;
}
