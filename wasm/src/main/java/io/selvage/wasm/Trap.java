package io.selvage.wasm;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The run of a guest was ended by the engine (core spec §1.2.3). The instance stays in a defined state, but what the
 * guest was doing is unfinished; most programs drop the instance.
 */
public final class Trap extends WasmException {
    private static final long serialVersionUID = 1L;

    /** Why a guest was ended. {@link #text} is the wording of the specification's test suite. */
    public enum Kind {
        UNREACHABLE("unreachable"),
        MEMORY_OUT_OF_BOUNDS("out of bounds memory access"),
        TABLE_OUT_OF_BOUNDS("out of bounds table access"),
        UNDEFINED_ELEMENT("undefined element"),
        UNINITIALIZED_ELEMENT("uninitialized element"),
        INDIRECT_CALL_TYPE_MISMATCH("indirect call type mismatch"),
        INTEGER_DIVIDE_BY_ZERO("integer divide by zero"),
        INTEGER_OVERFLOW("integer overflow"),
        INVALID_CONVERSION_TO_INTEGER("invalid conversion to integer"),
        CALL_STACK_EXHAUSTED("call stack exhausted"),
        ARRAY_OUT_OF_BOUNDS("out of bounds array access"),
        CAST_FAILURE("cast failure"),
        /** The text of such a trap says what the reference should have been to: {@code null structure reference} … */
        NULL_REFERENCE("null reference"),
        /** An atomic access whose address is not a multiple of its size. */
        UNALIGNED_ATOMIC("unaligned atomic"),
        /** A wait in a memory that no other thread can have. */
        EXPECTED_SHARED_MEMORY("expected shared memory"),
        /** The wall-clock deadline of {@link RunLimits} has passed. */
        DEADLINE_EXCEEDED("deadline exceeded"),
        /** The CPU time of {@link RunLimits} is used up. */
        CPU_TIME_EXCEEDED("CPU time exceeded"),
        /** The host asked for the end through {@link Instance#interrupt} or {@link Thread#interrupt}. */
        INTERRUPTED("interrupted"),
        /** The JVM had no heap left for what the guest asked for. */
        OUT_OF_MEMORY("out of memory"),
        /** A function would have to be compiled, and the module's {@link CompileLimits} are used up. */
        COMPILE_LIMIT("compile limit exceeded"),
        /** An import that {@link Imports.Builder#stubMissing} stands in for was called. */
        MISSING_IMPORT("missing import called");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** The words that the specification's test suite uses for it. */
        public String text() {
            return text;
        }
    }

    /**
     * One guest function on the stack of a trap.
     *
     * @param functionIndex the function's index in its module's function index space
     * @param name the name from the module's name section or exports, else {@code $index}
     * @param offset where in the module's binary the instruction is that trapped or called, in bytes; -1 if that is not
     *     known. In a function of more than 64 KB it may be a few bytes less
     * @param source the line of the source, if the module carries DWARF's line numbers
     */
    public record Frame(int functionIndex, String name, int offset, Optional<SourceLine> source) {
        /** For people: {@code parse (input.c:42) [func 17 at 0x1a2b]}. */
        @Override
        public String toString() {
            return name + source.map(line -> " (" + line + ")").orElse("") + " [func " + functionIndex
                    + (offset < 0 ? "" : " at 0x" + Integer.toHexString(offset)) + "]";
        }
    }

    /** How many frames are shown; a stack overflow has hundreds of thousands. */
    static final int MAXIMUM_FRAMES = 100;

    private final Kind kind;
    private transient @Nullable Module module;
    private transient @Nullable List<Frame> frames;

    /** A trap of {@code kind} with the usual words. */
    public Trap(Kind kind) {
        this(kind, kind.text, null);
    }

    /** A trap of {@code kind} that says more than the usual words. */
    public Trap(Kind kind, String message) {
        this(kind, message, null);
    }

    Trap(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause, true);
        this.kind = kind;
    }

    /** Why the guest was ended. */
    public Kind kind() {
        return kind;
    }

    /**
     * The guest's functions on the stack, the innermost first; empty when they are not known. Found when first asked for,
     * with the lines of the source.
     */
    public List<Frame> frames() {
        List<Frame> known = frames;
        if (known == null) {
            known = module == null
                    ? List.of()
                    : new GuestStack(module)
                            .frames((getCause() == null ? this : getCause()).getStackTrace(), MAXIMUM_FRAMES);
            frames = known;
        }
        return known;
    }

    /** Says which module's functions are on the stack; the first to say so is right. Answers whether this was the first. */
    boolean happenedIn(Module innermost) {
        boolean first = module == null;
        if (first) {
            module = innermost;
        }
        return first;
    }
}
