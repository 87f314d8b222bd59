package io.selvage.wasm.internal;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the primitive parts of the binary format (core spec §5.1–5.2). */
public final class BinaryWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public int size() {
        return out.size();
    }

    public byte[] toByteArray() {
        return out.toByteArray();
    }

    public void clear() {
        out.reset();
    }

    public BinaryWriter u8(int value) {
        out.write(value);
        return this;
    }

    /** An unsigned number of up to 32 bits. */
    public BinaryWriter u32(int value) {
        return u64(Integer.toUnsignedLong(value));
    }

    public BinaryWriter u64(long value) {
        long rest = value;
        while (rest >>> 7 != 0) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    /** A signed number of up to 64 bits. */
    public BinaryWriter s64(long value) {
        long rest = value;
        while (rest < -64 || rest > 63) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>= 7;
        }
        out.write((int) (rest & 0x7f));
        return this;
    }

    /** So many bytes of a number, the least significant one first. */
    public BinaryWriter fixed(long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (value >>> 8 * i));
        }
        return this;
    }

    public BinaryWriter bytes(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** Bytes with their number before them. */
    public BinaryWriter sized(byte[] bytes) {
        return u32(bytes.length).bytes(bytes);
    }

    public BinaryWriter name(String name) {
        return sized(name.getBytes(StandardCharsets.UTF_8));
    }
}
