package io.selvage.wasm;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The first memory of a module as each instance finds it, and arrays that already look so: those of instances that are
 * done, put back into that state while nobody waits. Thread-safe.
 *
 * <p>Arrays that wait are held weakly, so the collector takes them when it would have taken the instances' own.
 */
final class MemoryPool {
    private static final int MAXIMUM_WAITING = 2 * Runtime.getRuntime().availableProcessors();

    /** Bytes that a data segment brings: {@code length} of the binary from {@code source} go to {@code target}. */
    private record Piece(int source, int target, int length) {}

    private final byte[] binary;
    private final int size;
    private final List<Piece> pieces;
    private final Deque<WeakReference<byte[]>> waiting = new ConcurrentLinkedDeque<>();
    private final AtomicInteger count = new AtomicInteger();

    private MemoryPool(byte[] binary, int size, List<Piece> pieces) {
        this.binary = binary;
        this.size = size;
        this.pieces = pieces;
    }

    /**
     * The pool of a module whose first memory is its own and begins alike in all instances; nothing for others, and if a
     * data segment does not fit, which is found at instantiation.
     */
    static Optional<MemoryPool> of(ModuleData module) {
        if (module.memories().isEmpty()
                || module.importedMemories() > 0
                || module.memories().getFirst().shared()) {
            return Optional.empty();
        }
        long bytes = module.memories().getFirst().limits().minimum() * Memory.PAGE_SIZE;
        if (bytes == 0 || bytes > (long) Memory.MAXIMUM_PAGES * Memory.PAGE_SIZE) {
            return Optional.empty();
        }
        List<Piece> pieces = new ArrayList<>();
        for (ModuleData.DataSegment segment : module.data()) {
            ModuleData.Expression offset = segment.offset();
            if (segment.mode() != ModuleData.Mode.ACTIVE || offset == null || segment.memory() != 0) {
                continue;
            }
            InstructionReader in = new InstructionReader(module.binary(), offset.start());
            if (in.u8() != Opcode.I32_CONST) {
                return Optional.empty();
            }
            long target = Integer.toUnsignedLong(in.s32());
            if (in.u8() != Opcode.END || target + segment.length() > bytes) {
                return Optional.empty();
            }
            pieces.add(new Piece(segment.start(), (int) target, segment.length()));
        }
        return Optional.of(new MemoryPool(module.binary(), (int) bytes, pieces));
    }

    /** An array that no one else has, with the data segments in place and zeros elsewhere. */
    byte[] take() {
        for (WeakReference<byte[]> next = waiting.pollFirst(); next != null; next = waiting.pollFirst()) {
            count.decrementAndGet();
            byte @Nullable [] ready = next.get();
            if (ready != null) {
                return ready;
            }
        }
        byte[] fresh = new byte[size];
        write(fresh);
        return fresh;
    }

    /** Takes an array back from an instance that will not touch it any more. */
    void giveBack(byte[] used) {
        if (used.length != size || count.get() >= MAXIMUM_WAITING) {
            return;
        }
        Arrays.fill(used, (byte) 0);
        write(used);
        count.incrementAndGet();
        waiting.addFirst(new WeakReference<>(used));
    }

    private void write(byte[] target) {
        for (Piece piece : pieces) {
            System.arraycopy(binary, piece.source, target, piece.target, piece.length);
        }
    }
}
