package io.selvage.wasm.internal;

/**
 * Where the bytes of a memory are that may grow: in an array that may be longer than the memory is. Immutable, so that
 * whoever looks sees an end that belongs to the array, even while another thread lets the memory grow; compiled code relies
 * on it where it reads an array without the JVM's own check.
 */
public final class MemoryView {
    /** That of an instance without memory. */
    public static final MemoryView NONE = new MemoryView(new byte[0], 0);

    /** The memory's bytes, and zeros behind them. */
    public final byte[] bytes;

    /** The memory's size in bytes. */
    public final int end;

    /** @throws IndexOutOfBoundsException if the end is not within the array */
    public MemoryView(byte[] bytes, int end) {
        if (end < 0 || end > bytes.length) {
            throw new IndexOutOfBoundsException("a memory of " + end + " bytes in an array of " + bytes.length);
        }
        this.bytes = bytes;
        this.end = end;
    }
}
