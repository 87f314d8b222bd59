package io.selvage.wasm.text;

import io.selvage.wasm.internal.BinaryWriter;
import java.util.ArrayList;
import java.util.List;

/** The hints of a text which way its branches go (the custom section {@code metadata.code.branch_hint}). */
final class BranchHints {
    /** What the section and its annotations are called. */
    static final String NAME = "metadata.code.branch_hint";

    static final int NONE = -1;

    private static final String ANNOTATION = "@" + NAME + " annotation: ";

    private final List<byte[]> functions = new ArrayList<>();
    private BinaryWriter hints = new BinaryWriter();
    private int count;

    /** The hint before the next token: 0 unlikely, 1 likely, or {@link #NONE}. */
    static int take(Cursor in) {
        List<Annotation> annotations = in.takeAnnotations(NAME);
        if (annotations.isEmpty()) {
            return NONE;
        }
        if (annotations.size() > 1) {
            throw in.error(ANNOTATION + "duplicate annotation");
        }
        byte[] content = in.content(annotations.getFirst()).strings();
        if (content.length != 1 || (content[0] & ~1) != 0) {
            throw in.error(ANNOTATION + "invalid content: \"\\00\" or \"\\01\" expected");
        }
        return content[0];
    }

    /** Complains if a hint stands before an instruction that takes none. */
    static void check(Cursor in, int hint, Instruction instruction) {
        if (hint != NONE
                && !instruction.name().equals("if")
                && !instruction.name().equals("br_if")) {
            throw in.error(ANNOTATION + "invalid target: only if and br_if take a hint");
        }
    }

    static String misplaced(boolean inFunction) {
        return ANNOTATION + (inFunction ? "invalid target: no instruction follows" : "not in a function");
    }

    /** Notes the hint for the branch at this offset of the body of the function that is read. */
    void add(int offset, int hint) {
        if (hint != NONE) {
            hints.u32(offset).u32(1).u8(hint);
            count++;
        }
    }

    void endFunction(int function) {
        if (count > 0) {
            functions.add(new BinaryWriter()
                    .u32(function)
                    .u32(count)
                    .bytes(hints.toByteArray())
                    .toByteArray());
        }
        hints = new BinaryWriter();
        count = 0;
    }

    boolean isEmpty() {
        return functions.isEmpty();
    }

    byte[] section() {
        BinaryWriter out = new BinaryWriter().u32(functions.size());
        functions.forEach(out::bytes);
        return out.toByteArray();
    }
}
