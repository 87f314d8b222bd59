package io.selvage.wasi;

import io.selvage.wasm.Instance;
import io.selvage.wasm.Memory;

/** Scattered reads and gathered writes between a guest's memory and a descriptor, without a copy in between. */
final class Vectors {
    /** As many parts as POSIX systems take in one call. */
    private static final int MAXIMUM_PARTS = 1_024;

    private Vectors() {}

    static int read(Instance caller, Descriptor descriptor, int vectors, int count) {
        Memory memory = check(caller.memory(), vectors, count);
        int total = 0;
        for (int i = 0; i < count; i++) {
            int length = length(memory, vectors, i);
            if (length == 0) {
                continue;
            }
            if (total > 0 && !descriptor.moreToRead()) {
                return total;
            }
            int got = descriptor.read(memory.bytes(), address(memory, vectors, i), length);
            total += got;
            if (got < length) {
                return total;
            }
        }
        return total;
    }

    static int readAt(Instance caller, Descriptor descriptor, int vectors, int count, long position) {
        Memory memory = check(caller.memory(), vectors, count);
        int total = 0;
        for (int i = 0; i < count; i++) {
            int length = length(memory, vectors, i);
            int got = descriptor.readAt(memory.bytes(), address(memory, vectors, i), length, position + total);
            total += got;
            if (got < length) {
                return total;
            }
        }
        return total;
    }

    static int write(Instance caller, Descriptor descriptor, int vectors, int count) {
        Memory memory = check(caller.memory(), vectors, count);
        int written = writeParts(memory, descriptor, vectors, count);
        descriptor.flush();
        return written;
    }

    private static int writeParts(Memory memory, Descriptor descriptor, int vectors, int count) {
        if (count > 1 && (descriptor.flags() & DescriptorFlags.APPEND) != 0) {
            byte[] whole = gather(memory, vectors, count);
            return descriptor.write(whole, 0, whole.length);
        }
        int total = 0;
        for (int i = 0; i < count; i++) {
            int length = length(memory, vectors, i);
            if (length > 0) {
                int done = descriptor.write(memory.bytes(), address(memory, vectors, i), length);
                total += done;
                if (done < length) {
                    return total;
                }
            }
        }
        return total;
    }

    static int writeAt(Instance caller, Descriptor descriptor, int vectors, int count, long position) {
        Memory memory = check(caller.memory(), vectors, count);
        int total = 0;
        for (int i = 0; i < count; i++) {
            int length = length(memory, vectors, i);
            int done = descriptor.writeAt(memory.bytes(), address(memory, vectors, i), length, position + total);
            total += done;
            if (done < length) {
                return total;
            }
        }
        return total;
    }

    /** All parts in one piece, so that they are appended together. */
    private static byte[] gather(Memory memory, int vectors, int count) {
        int total = 0;
        for (int i = 0; i < count; i++) {
            total += length(memory, vectors, i);
        }
        byte[] whole = new byte[total];
        int filled = 0;
        for (int i = 0; i < count; i++) {
            int length = length(memory, vectors, i);
            memory.read(address(memory, vectors, i), whole, filled, length);
            filled += length;
        }
        return whole;
    }

    /** Throws unless the vectors and all their parts lie in the memory and add up to what an {@code int} holds. */
    private static Memory check(Memory memory, int vectors, int count) {
        if (Integer.compareUnsigned(count, MAXIMUM_PARTS) > 0) {
            throw new WasiException(Errno.INVAL);
        }
        memory.check(vectors, count * 8);
        long total = 0;
        for (int i = 0; i < count; i++) {
            memory.check(address(memory, vectors, i), length(memory, vectors, i));
            total += length(memory, vectors, i);
        }
        if (total > Integer.MAX_VALUE) {
            throw new WasiException(Errno.INVAL);
        }
        return memory;
    }

    private static int address(Memory memory, int vectors, int index) {
        return memory.readInt(vectors + index * 8);
    }

    private static int length(Memory memory, int vectors, int index) {
        return memory.readInt(vectors + index * 8 + 4);
    }
}
