package io.selvage.wasm;

import java.nio.charset.StandardCharsets;

/**
 * Reads the primitive parts of the binary format (core spec §5.1–5.2): bytes, LEB128 numbers, names.
 *
 * <p>It reads up to the end of the module and knows nothing of sections; whoever reads something of a known length
 * compares {@link #position} afterwards. So the errors are those of the specification's test suite.
 */
final class BinaryReader {
    private final byte[] bytes;
    private final int end;
    private int position;

    /** Reads {@code bytes} from the first to the last. */
    BinaryReader(byte[] bytes) {
        this(bytes, bytes.length);
    }

    /** Reads {@code bytes} up to {@code end}. */
    BinaryReader(byte[] bytes, int end) {
        this.bytes = bytes;
        this.end = end;
    }

    /** The offset of the next byte. */
    int position() {
        return position;
    }

    /** Goes to another offset, not past the end. */
    void position(int offset) {
        position = offset;
    }

    boolean atEnd() {
        return position >= end;
    }

    int remaining() {
        return end - position;
    }

    int u8() {
        if (position >= end) {
            throw unexpectedEnd();
        }
        return bytes[position++] & 0xff;
    }

    /** The next byte, without going on. */
    int peek() {
        if (position >= end) {
            throw unexpectedEnd();
        }
        return bytes[position] & 0xff;
    }

    void skip(int count) {
        if (count > end - position) {
            throw unexpectedEnd();
        }
        position += count;
    }

    /** A byte that is reserved and has to be zero. */
    void zero() {
        int offset = position;
        int value = u8();
        if (value != 0) {
            throw new MalformedException("zero byte expected, found " + value, offset);
        }
    }

    /** An unsigned 32-bit number in an {@code int}. */
    int u32() {
        if (position < end) {
            byte first = bytes[position];
            if (first >= 0) {
                position++;
                return first;
            }
        }
        return longU32();
    }

    private int longU32() {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int next = u8();
            value |= (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        int last = u8();
        if ((last & 0x70) != 0) {
            throw tooLarge();
        }
        if (last >= 0x80) {
            throw tooLong();
        }
        return value | last << 28;
    }

    /** An unsigned 64-bit number in a {@code long}. */
    long u64() {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            int next = u8();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        int last = u8();
        if ((last & 0x7e) != 0) {
            throw tooLarge();
        }
        if (last >= 0x80) {
            throw tooLong();
        }
        return value | (long) last << 63;
    }

    int s32() {
        if (position < end) {
            byte first = bytes[position];
            if (first >= 0) {
                position++;
                return first << 25 >> 25;
            }
        }
        return (int) signed(32);
    }

    long s64() {
        return signed(64);
    }

    /** The signed 33-bit number that stands for a block's type. */
    long s33() {
        return signed(33);
    }

    private long signed(int bits) {
        long value = 0;
        int shift = 0;
        while (bits - shift >= 7) {
            int next = u8();
            value |= (long) (next & 0x7f) << shift;
            shift += 7;
            if (next < 0x80) {
                return value << (64 - shift) >> (64 - shift);
            }
        }
        int last = u8();
        int signBits = (-1 << (bits - shift - 1)) & 0x7f;
        if ((last & signBits) != 0 && (last & signBits) != signBits) {
            throw tooLarge();
        }
        if (last >= 0x80) {
            throw tooLong();
        }
        value |= (long) last << shift;
        return bits == 64 ? value : value << (64 - bits) >> (64 - bits);
    }

    /**
     * The length of a vector or of something measured in bytes. There are at least that many bytes left, so whoever
     * reserves room for it reserves in proportion to the module.
     */
    int length() {
        int start = position;
        int length = u32();
        if (length < 0 || length > end - start) {
            throw new MalformedException(
                    "length out of bounds: " + Integer.toUnsignedString(length) + " is announced, " + remaining()
                            + " bytes are left",
                    start);
        }
        if (length > remaining()) {
            throw unexpectedEnd();
        }
        return length;
    }

    /** A name: UTF-8 with its length before it. */
    String name() {
        int length = length();
        int start = position;
        int bad = firstBadUtf8(start, start + length);
        if (bad >= 0) {
            throw new MalformedException("malformed UTF-8 encoding of a name", bad);
        }
        position = start + length;
        return new String(bytes, start, length, StandardCharsets.UTF_8);
    }

    /** Where the bytes stop to be UTF-8 (Unicode 15, table 3-7), or -1. */
    private int firstBadUtf8(int start, int end) {
        int i = start;
        while (i < end) {
            int lead = bytes[i];
            if (lead >= 0) {
                i++;
                continue;
            }
            int length = utf8Length(lead & 0xff);
            if (length == 0 || end - i < length || !secondFits(lead & 0xff, bytes[i + 1] & 0xff)) {
                return i;
            }
            for (int k = 2; k < length; k++) {
                if ((bytes[i + k] & 0xc0) != 0x80) {
                    return i;
                }
            }
            i += length;
        }
        return -1;
    }

    private static int utf8Length(int lead) {
        if (lead < 0xc2 || lead > 0xf4) {
            return 0;
        }
        return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    }

    private static boolean secondFits(int lead, int second) {
        int from = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        int to = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        return second >= from && second <= to;
    }

    private MalformedException unexpectedEnd() {
        return new MalformedException("unexpected end of section or function", end);
    }

    private MalformedException tooLarge() {
        return new MalformedException("integer too large", position - 1);
    }

    private MalformedException tooLong() {
        return new MalformedException("integer representation too long", position - 1);
    }
}
