package io.selvage.wasm.text;

import io.selvage.wasm.internal.BinaryWriter;
import io.selvage.wasm.text.ModuleWriter.Section;

/** Reads element and data segments (core spec §6.6.10–6.6.11). */
final class SegmentParser {
    private static final int PASSIVE = 1, DECLARATIVE = 3, EXPLICIT = 2, EXPRESSIONS = 4;
    private static final int REF_FUNC = 0xd2, END = 0x0b;

    private final Cursor in;
    private final Spaces spaces;
    private final TypeParser types;
    private final InstructionParser instructions;
    private final ModuleWriter out;

    SegmentParser(Cursor in, Spaces spaces, TypeParser types, InstructionParser instructions, ModuleWriter out) {
        this.in = in;
        this.spaces = spaces;
        this.types = types;
        this.instructions = instructions;
        this.out = out;
    }

    // ---- elements

    /** Elements in the binary format: indices of functions, or expressions of a type. */
    private record Elements(StorageType type, boolean functions, int count, byte[] encoded) {}

    /** Reads the segment after its keyword, up to the parenthesis that closes it. */
    void element() {
        in.id();
        if (in.accept("declare")) {
            passive(DECLARATIVE);
        } else if (in.isForm("table") || in.is(TokenKind.NATURAL)) {
            int table = target("table", spaces.tables());
            activeElements(table, offset(), true);
        } else if (in.is(TokenKind.OPEN) && !in.isForm("ref")) {
            activeElements(0, offset(), false);
        } else {
            passive(PASSIVE);
        }
    }

    /** {@code (table x)}, or only the number, as older texts have it. */
    private int target(String word, IndexSpace space) {
        if (in.is(TokenKind.NATURAL)) {
            return in.index(space);
        }
        in.open(word);
        int index = in.index(space);
        in.close();
        return index;
    }

    private byte[] offset() {
        BinaryWriter offset = new BinaryWriter();
        if (in.acceptForm("offset")) {
            instructions.expression(offset);
            in.close();
        } else {
            instructions.foldedExpression(offset);
        }
        return offset.toByteArray();
    }

    private void passive(int mode) {
        Elements elements = elements();
        BinaryWriter entry = out.entry(Section.ELEMENT);
        entry.u8(mode | (elements.functions() ? 0 : EXPRESSIONS));
        typed(elements, entry);
    }

    private void activeElements(int table, byte[] offset, boolean explicit) {
        boolean bare = in.isIndex() || in.is(TokenKind.CLOSE);
        active(table, offset, bare ? functions() : elements(), explicit);
    }

    private void active(int table, byte[] offset, Elements elements, boolean explicit) {
        BinaryWriter entry = out.entry(Section.ELEMENT);
        boolean plain = table == 0
                && !explicit
                && (elements.functions() || elements.type().equals(StorageType.FUNCREF));
        int flags = (plain ? 0 : EXPLICIT) | (elements.functions() ? 0 : EXPRESSIONS);
        entry.u8(flags);
        if (!plain) {
            entry.u32(table);
        }
        entry.bytes(offset);
        if (plain) {
            entry.u32(elements.count()).bytes(elements.encoded());
        } else {
            typed(elements, entry);
        }
    }

    private static void typed(Elements elements, BinaryWriter entry) {
        if (elements.functions()) {
            entry.u8(0);
        } else {
            elements.type().write(entry);
        }
        entry.u32(elements.count()).bytes(elements.encoded());
    }

    private Elements elements() {
        if (in.accept("func")) {
            return functions();
        }
        return expressions(types.referenceType());
    }

    private Elements functions() {
        BinaryWriter encoded = new BinaryWriter();
        int count = 0;
        while (in.isIndex()) {
            encoded.u32(in.index(spaces.functions()));
            count++;
        }
        return new Elements(StorageType.FUNCREF, true, count, encoded.toByteArray());
    }

    private Elements expressions(StorageType type) {
        BinaryWriter encoded = new BinaryWriter();
        int count = 0;
        while (in.is(TokenKind.OPEN)) {
            if (in.acceptForm("item")) {
                instructions.expression(encoded);
                in.close();
            } else {
                instructions.foldedExpression(encoded);
            }
            count++;
        }
        return new Elements(type, false, count, encoded.toByteArray());
    }

    /**
     * Reads the elements that a table is written with.
     *
     * @return how many they are
     */
    int elementsOfTable(int table, byte[] offset, StorageType type) {
        Elements elements;
        if (!in.isIndex()) {
            elements = expressions(type);
        } else if (type.equals(StorageType.FUNCREF)) {
            elements = functions();
        } else {
            elements = functionsAsExpressions(type);
        }
        active(table, offset, elements, false);
        return elements.count();
    }

    private Elements functionsAsExpressions(StorageType type) {
        BinaryWriter encoded = new BinaryWriter();
        int count = 0;
        while (in.isIndex()) {
            encoded.u8(REF_FUNC).u32(in.index(spaces.functions())).u8(END);
            count++;
        }
        return new Elements(type, false, count, encoded.toByteArray());
    }

    // ---- data

    /** Reads the segment after its keyword, up to the parenthesis that closes it. */
    void data() {
        in.id();
        if (in.isForm("memory") || in.is(TokenKind.NATURAL)) {
            int memory = target("memory", spaces.memories());
            byte[] offset = offset();
            active(memory, offset, in.strings());
        } else if (in.is(TokenKind.OPEN)) {
            byte[] offset = offset();
            active(0, offset, in.strings());
        } else {
            out.entry(Section.DATA).u8(PASSIVE).sized(in.strings());
        }
    }

    /** Adds a segment that is copied into a memory at the start. */
    void active(int memory, byte[] offset, byte[] data) {
        BinaryWriter entry = out.entry(Section.DATA);
        if (memory == 0) {
            entry.u8(0);
        } else {
            entry.u8(EXPLICIT).u32(memory);
        }
        entry.bytes(offset).sized(data);
    }
}
