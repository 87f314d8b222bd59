package io.selvage.wasm.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the primitive parts of the binary format (core spec §5.1–5.2). */
final class BinaryWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    int size() {
        return out.size();
    }

    byte[] toByteArray() {
        return out.toByteArray();
    }

    void clear() {
        out.reset();
    }

    BinaryWriter u8(int value) {
        out.write(value);
        return this;
    }

    /** An unsigned number of up to 32 bits. */
    BinaryWriter u32(int value) {
        return u64(Integer.toUnsignedLong(value));
    }

    BinaryWriter u64(long value) {
        long rest = value;
        while (rest >>> 7 != 0) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    /** A signed number of up to 64 bits. */
    BinaryWriter s64(long value) {
        long rest = value;
        while (rest < -64 || rest > 63) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>= 7;
        }
        out.write((int) (rest & 0x7f));
        return this;
    }

    /** So many bytes of a number, the least significant one first. */
    BinaryWriter fixed(long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (value >>> 8 * i));
        }
        return this;
    }

    BinaryWriter bytes(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** Bytes with their number before them. */
    BinaryWriter sized(byte[] bytes) {
        return u32(bytes.length).bytes(bytes);
    }

    BinaryWriter name(String name) {
        return sized(name.getBytes(StandardCharsets.UTF_8));
    }
}
