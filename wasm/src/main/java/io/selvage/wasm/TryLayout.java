package io.selvage.wasm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds out, in one pass over a body, where the exceptions of each of its {@code try} blocks are handled. */
final class TryLayout {
    /** A {@code try} or {@code try_table}. */
    private static final class Block {
        private final int position;
        /** Whether what comes now belongs to the body, and not to a clause. */
        private boolean inBody = true;
        /** The last clause so far, or -1. */
        private int clause = -1;
        /** What handles the exceptions of the body, or -1. */
        private int handler = -1;
        /** Which block does if this one has no handler; null if they leave the function. */
        private @Nullable Block delegate;
        /** Whether it ends with {@code delegate}. */
        private boolean delegates;
        /** Where the body ends. */
        private int bodyEnd = -1;

        private Block(int position) {
            this.position = position;
        }
    }

    /** Receives that what is at one position may go on at another. */
    interface Jumps {
        void jump(int from, int to);
    }

    /** The open blocks; null for one that has nothing to do with exceptions. */
    private final List<@Nullable Block> open = new ArrayList<>();

    private final List<Block> tries = new ArrayList<>();
    private final Map<Integer, Integer> clauses = new HashMap<>(0);

    /** A block of another kind begins. */
    void open() {
        open.add(null);
    }

    /** A {@code try} begins; if it is a {@code try_table}, its handler is where it begins. */
    void open(int position, boolean isTable) {
        Block block = new Block(position);
        if (isTable) {
            block.handler = position;
        }
        open.add(block);
        tries.add(block);
    }

    /** A {@code catch} or {@code catch_all} of the innermost block. */
    void clause(int position) {
        Block block = open.getLast();
        if (block == null) {
            throw new IllegalStateException("a clause without its try at " + position);
        }
        if (block.inBody) {
            block.inBody = false;
            block.bodyEnd = position;
            block.handler = position;
        } else {
            clauses.put(block.clause, position);
        }
        block.clause = position;
    }

    /** The innermost block ends with {@code end}. */
    void end(int position) {
        Block block = open.removeLast();
        if (block != null && block.inBody) {
            block.bodyEnd = position;
            block.delegate = enclosing(open.size() - 1);
        }
    }

    /** The innermost block ends with {@code delegate}. */
    void delegate(int position, int depth) {
        Block block = open.removeLast();
        if (block != null) {
            block.bodyEnd = position;
            block.delegates = true;
            block.delegate = enclosing(open.size() - 1 - depth);
        }
    }

    /** The block at {@code index} of those that are open, or the next one around it, that handles exceptions here. */
    private @Nullable Block enclosing(int index) {
        for (int i = index; i >= 0; i--) {
            Block block = open.get(i);
            if (block != null && block.inBody) {
                return block;
            }
        }
        return null;
    }

    /** For the position of each block that handles exceptions, that of the handler; -1 if they leave the function. */
    Map<Integer, Integer> handlers() {
        Map<Integer, Integer> handlers = new HashMap<>(0);
        for (Block block : tries) {
            if (block.handler >= 0 || block.delegates) {
                handlers.put(block.position, handler(block));
            }
        }
        return handlers;
    }

    private static int handler(Block block) {
        Block next = block;
        while (next != null && next.handler < 0) {
            next = next.delegate;
        }
        return next == null ? -1 : next.handler;
    }

    /** For the position of each clause that of the next one of the same block. */
    Map<Integer, Integer> clauses() {
        return clauses;
    }

    /** Tells which ways exceptions take. */
    void eachJump(Jumps jumps) {
        for (Block block : tries) {
            int handler = handler(block);
            if (handler >= 0) {
                jumps.jump(block.position, handler);
                jumps.jump(block.bodyEnd, handler);
            }
        }
        clauses.forEach(jumps::jump);
    }
}
