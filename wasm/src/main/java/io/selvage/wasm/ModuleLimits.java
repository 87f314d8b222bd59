package io.selvage.wasm;

/**
 * How large a module may be. Most numbers are the implementation limits that the browsers agreed on (WebAssembly
 * JavaScript Interface, "Implementation-defined Limits"), so a module that runs there fits here too; a comment says
 * where and why the engine differs. Crossing one is an {@link UnsupportedException}.
 */
final class ModuleLimits {
    private ModuleLimits() {}

    static final int TYPES = 1_000_000;
    static final int FUNCTIONS = 1_000_000;
    static final int IMPORTS = 1_000_000;
    static final int EXPORTS = 1_000_000;
    static final int GLOBALS = 1_000_000;
    static final int TAGS = 1_000_000;
    static final int TABLES = 100_000;
    static final int MEMORIES = 100;
    static final int ELEMENT_SEGMENTS = 10_000_000;
    static final int DATA_SEGMENTS = 100_000;

    /** The most elements in one segment. */
    static final int SEGMENT_ELEMENTS = 10_000_000;

    static final int PARAMETERS = 1_000;
    static final int RESULTS = 1_000;

    /** The most supertypes above a type. */
    static final int SUBTYPING_DEPTH = 63;

    /** The most elements that one instruction makes an array of. */
    static final int FIXED_ELEMENTS = 10_000;

    /** The most fields of a struct. */
    static final int FIELDS = 10_000;

    /** The most locals of a function, its parameters among them. */
    static final int LOCALS = 50_000;

    /**
     * The most bytes of a function body. The browsers stop at 7,654,321; ahead-of-time compiled interpreters and
     * snapshots come near to that, and validation takes time in proportion only, so there is room to spare.
     */
    static final int BODY_BYTES = 64 << 20;

    /**
     * The deepest nesting of blocks in a function. The browsers name no number; compilers turn a {@code switch} of n
     * cases into n nested blocks, which stays far below this. It bounds what the validator and the compiler keep.
     */
    static final int NESTING = 100_000;

    /**
     * The most operands on the stack of a function. The browsers name no number; a call of two bytes can push 1,000 of
     * them, so without a bound a small body could claim gigabytes.
     */
    static final int OPERANDS = 1_000_000;

    /** The most custom sections. The browsers name no number; each is an object here, and real modules have a dozen. */
    static final int CUSTOM_SECTIONS = 100_000;

    /**
     * Reads how many things follow.
     *
     * @param limit how many there may be
     * @param present how many are there already
     */
    static int count(BinaryReader in, String what, int limit, int present) {
        int offset = in.position();
        int count = in.length();
        if (count > limit - present) {
            throw tooMany(what, limit, offset);
        }
        return count;
    }

    static UnsupportedException tooMany(String what, int limit, int offset) {
        return new UnsupportedException("too many " + what + ": the limit is " + limit, offset);
    }
}
