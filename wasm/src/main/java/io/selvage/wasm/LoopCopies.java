package io.selvage.wasm;

/**
 * A loop whose body is written several times. Each copy but the last is in a block of its own: a branch to the loop goes
 * to that block's end, where the next copy begins, and what falls out of the copy leaves {@link #exit}.
 */
final class LoopCopies {
    private final Block exit;
    private final Block loop;
    private final int start;
    private int left;

    /**
     * The copies of a loop's body.
     *
     * @param exit the block around the loop
     * @param start where the body begins
     * @param count how many copies are to be written
     */
    LoopCopies(Block exit, Block loop, int start, int count) {
        this.exit = exit;
        this.loop = loop;
        this.start = start;
        left = count;
    }

    /** The block around the loop. */
    Block exit() {
        return exit;
    }

    Block loop() {
        return loop;
    }

    /** Where the body begins. */
    int start() {
        return start;
    }

    /** Another copy begins; answers whether it is the last. */
    boolean next() {
        left--;
        return left == 0;
    }
}
