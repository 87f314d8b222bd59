package io.selvage.wasm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one look over a function's body tells before it is compiled: what it uses, and, if it is too large for one JVM
 * method, where it is cut into chunks and which labels are entered from another chunk.
 */
final class FunctionLayout {
    private final boolean usesMemory;
    private final boolean hasLoops;
    private final boolean hasCalls;
    private final boolean hasTailCalls;
    private final boolean dispatches;
    private final Set<Integer> recursiveLoops;
    private final int[] cuts;
    /** The position of each label that is entered from another chunk, rising. */
    private final int[] entries;
    /** The same by chunk. */
    private final int[][] entriesByChunk;
    /** For the position of each block of a cut function, those of its else, or -1, and its end. */
    private final Map<Integer, int[]> blocks;
    /** For the position of each {@code try} and {@code try_table} that of what handles its exceptions, or -1. */
    private final Map<Integer, Integer> handlers;
    /** For the position of each clause of a {@code try} that of the next one. */
    private final Map<Integer, Integer> clauses;

    private FunctionLayout(Scan scan, int[] cuts, int[] entries) {
        usesMemory = scan.usesMemory;
        hasLoops = scan.hasLoops;
        hasCalls = scan.hasCalls;
        hasTailCalls = scan.hasTailCalls;
        dispatches = scan.dispatches;
        recursiveLoops = scan.recursiveLoops;
        this.cuts = cuts;
        this.entries = entries;
        blocks = scan.blocks;
        handlers = scan.tries.handlers();
        clauses = scan.tries.clauses();
        entriesByChunk = new int[cuts.length + 1][];
        for (int i = 0, from = 0; i < entriesByChunk.length; i++) {
            int to = from;
            while (to < entries.length && chunk(cuts, entries[to]) == i) {
                to++;
            }
            entriesByChunk[i] = Arrays.copyOfRange(entries, from, to);
            from = to;
        }
    }

    /** The layout of a body that goes into one method. */
    static FunctionLayout whole(ModuleData module, int function) {
        return new FunctionLayout(new Scan(module, function, Integer.MAX_VALUE), new int[0], new int[0]);
    }

    /** The layout of a body that is cut after about every {@code chunkBytes} bytes. */
    static FunctionLayout chunked(ModuleData module, int function, int chunkBytes) {
        Scan scan = new Scan(module, function, chunkBytes);
        scan.tries.eachJump((from, to) -> scan.branch(from, new Target(to)));
        int[] cuts = scan.cuts.stream().mapToInt(Integer::intValue).toArray();
        int[] entries = scan.branches.stream()
                .filter(b -> chunk(cuts, b.from) != chunk(cuts, b.label.position))
                .mapToInt(b -> b.label.position)
                .sorted()
                .distinct()
                .toArray();
        return new FunctionLayout(scan, cuts, entries);
    }

    private static int chunk(int[] cuts, int position) {
        int found = Arrays.binarySearch(cuts, position);
        return found >= 0 ? found + 1 : -found - 1;
    }

    boolean usesMemory() {
        return usesMemory;
    }

    boolean hasLoops() {
        return hasLoops;
    }

    /** Whether it calls anything, itself included. */
    boolean hasCalls() {
        return hasCalls;
    }

    /** Whether it makes tail calls to anything but itself. */
    boolean hasTailCalls() {
        return hasTailCalls;
    }

    /** Whether there is a loop that chooses among many cases, as that of an interpreter does. */
    boolean dispatches() {
        return dispatches;
    }

    /** Whether the function calls itself in every turn of the loop at {@code position}. */
    boolean recursInLoop(int position) {
        return recursiveLoops.contains(position);
    }

    /** How many chunks there are. */
    int chunks() {
        return cuts.length + 1;
    }

    /** Where chunk {@code index + 1} begins; past the body for the last chunk. */
    int cut(int index) {
        return index < cuts.length ? cuts[index] : Integer.MAX_VALUE;
    }

    /** The number of the chunk that has the instruction at {@code position}. */
    int chunkAt(int position) {
        return chunk(cuts, position);
    }

    /** Whether a label is entered from another chunk. */
    boolean isEntry(int position) {
        return Arrays.binarySearch(entries, position) >= 0;
    }

    /** The positions of the labels in {@code chunk} that are entered from others. */
    int[] entriesOf(int chunk) {
        return entriesByChunk[chunk];
    }

    /** In a cut function, the position of the end of the block at {@code position}. */
    int endOf(int position) {
        return positions(position)[1];
    }

    /**
     * Whether the loop at {@code position} of a cut function is not cut itself, and nothing goes on at a handler in
     * another chunk when an exception leaves it.
     */
    boolean keepsWhole(int position) {
        return handlers.isEmpty() && chunkAt(endOf(position)) == chunkAt(position);
    }

    /** Finds the locals that the instructions from {@code from} to {@code to} use, and those that they set. */
    void collectLocals(byte[] binary, int from, int to, BitSet used, BitSet written) {
        InstructionReader in = new InstructionReader(binary, from);
        while (in.position() < to) {
            int opcode = in.u8();
            if (opcode >= Opcode.LOCAL_GET && opcode <= Opcode.LOCAL_TEE) {
                int local = in.u32();
                used.set(local);
                if (opcode != Opcode.LOCAL_GET) {
                    written.set(local);
                }
            } else {
                in.skipImmediates(opcode);
            }
        }
    }

    /** In a cut function, the position of the else of the if at {@code position}, or -1. */
    int elseOf(int position) {
        return positions(position)[0];
    }

    private int[] positions(int position) {
        int[] found = blocks.get(position);
        if (found == null) {
            throw new IllegalArgumentException("no block at " + position);
        }
        return found;
    }

    /** How a chunk is told where to begin: the chunk in the high half, in the low half 0 or one more than the label. */
    int entry(int position) {
        int chunk = chunkAt(position);
        int index = Arrays.binarySearch(entriesOf(chunk), position);
        return chunk << 16 | (index + 1);
    }

    /**
     * The position of what handles the exceptions of the {@code try} or {@code try_table} at {@code position}: of the
     * first clause, or of a {@code try_table}, which may be another block's, to which it delegates. -1 if they leave the
     * function.
     */
    int handlerOf(int position) {
        return handlers.getOrDefault(position, -1);
    }

    /** Whether the {@code try} at {@code position} handles exceptions at all. */
    boolean handles(int position) {
        return handlers.containsKey(position);
    }

    /** The position of the clause after the one at {@code position} of the same {@code try}, or -1. */
    int clauseAfter(int position) {
        return clauses.getOrDefault(position, -1);
    }

    /** A label: the position of its {@code loop}, {@code else} or {@code end} instruction. */
    private static final class Target {
        private int position = -1;
        private boolean targeted;

        Target() {}

        Target(int position) {
            this.position = position;
        }
    }

    private record Branch(int from, Target label) {}

    /** Where a body could be cut, and where it is: where as few loops as can be are open, so that they stay whole. */
    private static final class CutPlaces {
        private int[] positions = new int[1_024];
        private int[] depths = new int[1_024];
        private int count;

        void add(int position, int loopDepth) {
            if (count == positions.length) {
                positions = Arrays.copyOf(positions, count * 2);
                depths = Arrays.copyOf(depths, count * 2);
            }
            positions[count] = position;
            depths[count++] = loopDepth;
        }

        /** Cuts after half of to one and a half times {@code chunkBytes} bytes. */
        void choose(int start, int chunkBytes, List<Integer> cuts) {
            int chunkStart = start;
            int best = -1;
            for (int i = 0; i < count; i++) {
                int length = positions[i] - chunkStart;
                if (length >= chunkBytes / 2 && length > 0 && (best < 0 || depths[i] <= depths[best])) {
                    best = i;
                }
                if (length >= chunkBytes + chunkBytes / 2 && best >= 0) {
                    cuts.add(positions[best]);
                    chunkStart = positions[best];
                    i = best;
                    best = -1;
                }
            }
        }
    }

    /** The look over the body. */
    private static final class Scan {
        /** From so many on, a branch table is taken for an interpreter's. */
        private static final int MANY_CASES = 32;

        private boolean usesMemory;
        private boolean hasLoops;
        private boolean hasCalls;
        private boolean hasTailCalls;
        private boolean dispatches;
        private final List<Integer> cuts = new ArrayList<>();
        private final List<Branch> branches = new ArrayList<>();
        private final List<Target> labels = new ArrayList<>();
        /** For each open block where its end or else is, which for a loop is not the label that branches mean. */
        private final List<Target> ends = new ArrayList<>();
        /** For each open block what {@link #blocks} will say of it. */
        private final List<int[]> open = new ArrayList<>();

        private final Map<Integer, int[]> blocks = new HashMap<>();

        private final Set<Integer> recursiveLoops = new HashSet<>();

        private final CutPlaces places = new CutPlaces();
        private int loopDepth;
        /** How many open blocks are loops, whose labels are known from their beginnings. */
        private int openLoops;

        private final boolean withBranches;
        private final TryLayout tries = new TryLayout();

        Scan(ModuleData module, int function, int chunkBytes) {
            ModuleData.Body body = module.bodies().get(function - module.importedFunctions());
            InstructionReader in = new InstructionReader(module.binary(), body.start());
            withBranches = chunkBytes != Integer.MAX_VALUE;
            open(body.start() - 1, new Target(), null);
            tries.open();
            while (in.position() < body.end()) {
                int position = in.position();
                if (withBranches) {
                    places.add(position, loopDepth);
                }
                visit(in, position, function);
            }
            if (withBranches) {
                places.choose(body.start(), chunkBytes, cuts);
            }
        }

        private void open(int position, Target label, @Nullable Target end) {
            if (withBranches) {
                int[] block = {-1, -1, label.position == position ? 1 : 0};
                blocks.put(position, block);
                open.add(block);
                loopDepth += block[2];
            }
            openLoops += label.position >= 0 ? 1 : 0;
            labels.add(label);
            ends.add(end == null ? label : end);
        }

        private void close(int position) {
            Target label = labels.removeLast();
            Target end = ends.removeLast();
            end.position = position;
            if (withBranches) {
                int[] block = open.removeLast();
                block[1] = position;
                loopDepth -= block[2];
            }
            if (label.position < 0) {
                label.position = position;
            } else {
                openLoops--;
            }
        }

        private void openTryTable(InstructionReader in, int position) {
            int start = in.position();
            in.skipBlockType();
            int count = in.u32();
            for (int i = 0; i < count; i++) {
                if (in.u8() <= Opcode.CLAUSE_CATCH_REF) {
                    in.u32();
                }
                branchTo(position, in.u32());
            }
            in.position(start);
            open(position, new Target(), null);
            tries.open(position, true);
        }

        private void visit(InstructionReader in, int position, int function) {
            int opcode = in.u8();
            switch (opcode) {
                case Opcode.BLOCK -> {
                    open(position, new Target(), null);
                    tries.open();
                }
                case Opcode.LOOP -> {
                    hasLoops = true;
                    Target start = new Target();
                    start.position = position;
                    open(position, start, new Target());
                    tries.open();
                }
                case Opcode.IF -> {
                    Target otherwise = new Target();
                    branch(position, otherwise);
                    open(position, new Target(), otherwise);
                    tries.open();
                }
                case Opcode.ELSE -> {
                    int top = ends.size() - 1;
                    ends.get(top).position = position;
                    ends.set(top, labels.get(top));
                    branch(position, labels.get(top));
                    if (withBranches) {
                        open.getLast()[0] = position;
                    }
                }
                case Opcode.END -> {
                    close(position);
                    tries.end(position);
                }
                case Opcode.TRY -> {
                    open(position, new Target(), null);
                    tries.open(position, false);
                }
                case Opcode.TRY_TABLE -> openTryTable(in, position);
                case Opcode.CATCH, Opcode.CATCH_ALL -> {
                    branch(position, labels.getLast());
                    tries.clause(position);
                }
                case Opcode.DELEGATE -> {
                    close(position);
                    tries.delegate(position, in.u32());
                    return;
                }
                case Opcode.BR, Opcode.BR_IF -> {
                    branchTo(position, in.u32());
                    return;
                }
                case Opcode.BR_TABLE -> {
                    int count = in.u32();
                    dispatches |= count >= MANY_CASES && openLoops > 0;
                    for (int i = 0; i <= count; i++) {
                        branchTo(position, in.u32());
                    }
                    return;
                }
                case Opcode.BR_ON_NULL, Opcode.BR_ON_NON_NULL -> {
                    branchTo(position, in.u32());
                    return;
                }
                case Opcode.PREFIX_FB -> {
                    branchOnCast(in, position);
                    return;
                }
                case Opcode.CALL -> {
                    hasCalls = true;
                    if (in.u32() == function) {
                        recur();
                    }
                    return;
                }
                case Opcode.CALL_INDIRECT, Opcode.CALL_REF -> hasCalls = true;
                case Opcode.RETURN_CALL -> {
                    if (in.u32() != function || withBranches) {
                        hasTailCalls = true;
                    } else {
                        hasLoops = true;
                    }
                    return;
                }
                case Opcode.RETURN_CALL_INDIRECT, Opcode.RETURN_CALL_REF -> hasTailCalls = true;
                case Opcode.MEMORY_GROW -> usesMemory = true;
                case Opcode.PREFIX_FE -> usesMemory = true;
                case Opcode.PREFIX_FD -> {
                    int second = in.u32();
                    usesMemory |= VectorOpcode.isAccess(second);
                    in.skipVector(second);
                    return;
                }
                default -> usesMemory |= opcode >= Opcode.I32_LOAD && opcode <= Opcode.I64_STORE32;
            }
            in.skipImmediates(opcode);
        }

        /** The function calls itself: in every turn of the innermost block if that is a loop and none has ended before. */
        private void recur() {
            Target innermost = labels.getLast();
            if (innermost.position >= 0 && !innermost.targeted) {
                recursiveLoops.add(innermost.position);
            }
        }

        private void branchOnCast(InstructionReader in, int position) {
            int start = in.position();
            int second = in.u32();
            if (second == Opcode.BR_ON_CAST || second == Opcode.BR_ON_CAST_FAIL) {
                in.u8();
                branchTo(position, in.u32());
            }
            in.position(start);
            in.skipImmediates(Opcode.PREFIX_FB);
        }

        private void branchTo(int position, int depth) {
            branch(position, labels.get(labels.size() - 1 - depth));
        }

        private void branch(int position, Target label) {
            label.targeted = true;
            if (withBranches) {
                branches.add(new Branch(position, label));
            }
        }
    }
}
