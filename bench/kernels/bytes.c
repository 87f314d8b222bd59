/* Loops over bytes, as text handling has them: UTF-8 validation, upper case, Base64, a substring search, CRC-32; n times. */
#include "kernel.h"

#define SIZE 65536

static u8 text[SIZE + 1];
static u8 base64[SIZE / 3 * 4 + 8];
static u32 crc_table[256];

static NOINLINE u32 count_code_points(const u8 *s) {
    u32 count = 0;
    while (*s) {
        u8 c = *s++;
        u32 more = c < 0x80 ? 0 : (c & 0xe0) == 0xc0 ? 1 : (c & 0xf0) == 0xe0 ? 2 : (c & 0xf8) == 0xf0 ? 3 : 99;
        for (; more > 0; more--) {
            if ((*s++ & 0xc0) != 0x80) {
                return ~0u;
            }
        }
        count++;
    }
    return count;
}

static NOINLINE void upper_case(u8 *s) {
    for (; *s; s++) {
        if (*s >= 'a' && *s <= 'z') {
            *s -= 32;
        } else if (*s >= 'A' && *s <= 'Z') {
            *s += 32;
        }
    }
}

static NOINLINE u32 encode(const u8 *s, u32 length, u8 *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    u8 *start = out;
    for (; length >= 3; length -= 3, s += 3) {
        u32 bits = (u32)s[0] << 16 | (u32)s[1] << 8 | s[2];
        *out++ = (u8)digits[bits >> 18];
        *out++ = (u8)digits[bits >> 12 & 63];
        *out++ = (u8)digits[bits >> 6 & 63];
        *out++ = (u8)digits[bits & 63];
    }
    return (u32)(out - start);
}

static NOINLINE u32 count_matches(const u8 *s, const char *word) {
    u32 count = 0;
    for (; *s; s++) {
        u32 i = 0;
        while (word[i] && s[i] == (u8)word[i]) {
            i++;
        }
        count += !word[i];
    }
    return count;
}

static NOINLINE u32 crc32(const u8 *s, u32 length) {
    u32 crc = ~0u;
    while (length--) {
        crc = crc_table[(crc ^ *s++) & 255] ^ crc >> 8;
    }
    return ~crc;
}

EXPORT(run) u64 run(u32 n) {
    static const char *const words[8] = {"edge ", "Selvage ", "na\xc3\xafve ", "fabric ", "loom ", "\xe2\x82\xac ", "weft and warp ", "\xf0\x9f\xa7\xb5 "};
    for (u32 i = 0; i < 256; i++) {
        crc_table[i] = i;
        for (int k = 0; k < 8; k++) {
            crc_table[i] = crc_table[i] >> 1 ^ (crc_table[i] & 1 ? 0xedb88320 : 0);
        }
    }
    seed(3);
    u32 length = 0;
    while (length < SIZE - 16) {
        for (const char *w = words[next_random() >> 61]; *w;) {
            text[length++] = (u8)*w++;
        }
    }
    text[length] = 0;
    u64 sum = 0;
    for (u32 i = 0; i < n; i++) {
        sum = mix(sum, count_code_points(text));
        upper_case(text);
        sum = mix(sum, count_matches(text, i & 1 ? "fabric" : "FABRIC"));
        sum = mix(sum, crc32(base64, encode(text, length, base64)));
    }
    return sum;
}
