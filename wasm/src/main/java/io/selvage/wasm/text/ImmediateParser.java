package io.selvage.wasm.text;

import io.selvage.wasm.internal.BinaryWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what follows the name of an instruction, and writes both in the binary format (core spec §5.4, §6.5). */
final class ImmediateParser {
    private static final int SELECT_TYPED = 0x1c;
    private static final int HAS_MEMORY = 0x40;
    private static final int LANES_OF_SHUFFLE = 16;

    private final Cursor in;
    private final Spaces spaces;
    private final TypeParser types;
    private final List<@Nullable String> labels;
    private IndexSpace locals = new IndexSpace("local");
    private boolean usesData;

    /**
     * Reads from {@code in}.
     *
     * @param labels the labels around the next instruction, the innermost last
     */
    ImmediateParser(Cursor in, Spaces spaces, TypeParser types, List<@Nullable String> labels) {
        this.in = in;
        this.spaces = spaces;
        this.types = types;
        this.labels = labels;
    }

    void locals(IndexSpace of) {
        locals = of;
    }

    boolean usesData() {
        return usesData;
    }

    /** Reads the immediates and writes the instruction; its name is read already. */
    void write(Instruction instruction, BinaryWriter out) {
        switch (instruction.immediates()) {
            case SELECT -> select(instruction, out);
            case REFERENCE_TYPE -> {
                StorageType type = types.referenceType();
                opcode(instruction, type.isNullable() ? 1 : 0, out);
                HeapTypes.write(type.heap(), out);
            }
            default -> {
                opcode(instruction, 0, out);
                immediates(instruction, out);
            }
        }
    }

    private static void opcode(Instruction instruction, int variant, BinaryWriter out) {
        if (instruction.prefix() == 0) {
            out.u8(instruction.opcode());
        } else {
            out.u8(instruction.prefix()).u32(instruction.opcode() + variant);
        }
    }

    private void select(Instruction instruction, BinaryWriter out) {
        if (!in.isForm("result")) {
            opcode(instruction, 0, out);
            return;
        }
        List<StorageType> results = types.results();
        out.u8(SELECT_TYPED).u32(results.size());
        results.forEach(type -> type.write(out));
    }

    private void immediates(Instruction instruction, BinaryWriter out) {
        switch (instruction.immediates()) {
            case LABEL -> out.u32(label());
            case LABELS -> labels(out);
            case FUNCTION -> out.u32(in.index(spaces.functions()));
            case TYPE -> out.u32(type());
            case LOCAL -> out.u32(in.index(locals));
            case GLOBAL -> out.u32(in.index(spaces.globals()));
            case TAG -> out.u32(in.index(spaces.tags()));
            case DATA -> out.u32(data());
            case ELEMENT -> out.u32(in.index(spaces.elements()));
            case TABLE -> out.u32(optional(spaces.tables()));
            case MEMORY -> out.u32(optional(spaces.memories()));
            case TABLE_COPY -> pair(spaces.tables(), out);
            case MEMORY_COPY -> pair(spaces.memories(), out);
            case TABLE_INIT -> segment(spaces.elements(), spaces.tables(), out);
            case MEMORY_INIT -> {
                usesData = true;
                segment(spaces.data(), spaces.memories(), out);
            }
            case CALL_INDIRECT -> {
                int table = optional(spaces.tables());
                out.u32(types.use()).u32(table);
            }
            case HEAP_TYPE -> HeapTypes.write(types.heapType(), out);
            case CAST_LABEL -> cast(out);
            case FIELD -> {
                int type = type();
                out.u32(type).u32(in.index(spaces.types().fields(type)));
            }
            case TYPE_COUNT -> out.u32(type()).u32(in.u32("a number of elements"));
            case TYPE_DATA -> out.u32(type()).u32(data());
            case TYPE_ELEMENT -> out.u32(type()).u32(in.index(spaces.elements()));
            case TYPE_TYPE -> out.u32(type()).u32(type());
            default -> numbers(instruction, out);
        }
    }

    private void numbers(Instruction instruction, BinaryWriter out) {
        switch (instruction.immediates()) {
            case MEMORY_ARGUMENT -> memoryArgument(instruction, Optional.empty(), out);
            case MEMORY_ARGUMENT_LANE ->
                memoryArgument(instruction, laneMemory(), out).u8(lane());
            case LANE -> out.u8(lane());
            case SHUFFLE -> shuffle(out);
            case I32 -> out.s64((int) in.integer(32));
            case I64 -> out.s64(in.integer(64));
            case F32 -> out.fixed(in.f32(), 4);
            case F64 -> out.fixed(in.f64(), 8);
            case V128 -> VectorText.constant(in, out);
            case ZERO -> out.u8(0);
            default -> {}
        }
    }

    // ---- indices

    /** How many labels out a label is. */
    int label() {
        int token = in.position();
        Optional<String> id = in.id();
        if (id.isEmpty()) {
            return in.u32("a label");
        }
        int index = labels.lastIndexOf(id.get());
        if (index < 0) {
            throw in.error(token, "unknown label $" + id.get());
        }
        return labels.size() - 1 - index;
    }

    private void labels(BinaryWriter out) {
        BinaryWriter all = new BinaryWriter();
        int count = 0;
        do {
            all.u32(label());
            count++;
        } while (in.isIndex());
        out.u32(count - 1).bytes(all.toByteArray());
    }

    private int type() {
        return in.index(spaces.types().space());
    }

    private int data() {
        usesData = true;
        return in.index(spaces.data());
    }

    private int optional(IndexSpace space) {
        return in.isIndex() ? in.index(space) : 0;
    }

    private void pair(IndexSpace space, BinaryWriter out) {
        if (in.isIndex()) {
            out.u32(in.index(space)).u32(in.index(space));
        } else {
            out.u32(0).u32(0);
        }
    }

    /** A segment, and before it where it goes if that is not the first table or memory; written the other way round. */
    private void segment(IndexSpace segments, IndexSpace targets, BinaryWriter out) {
        boolean both = in.kindAfter() == TokenKind.NATURAL || in.kindAfter() == TokenKind.ID;
        int target = both ? in.index(targets) : 0;
        out.u32(in.index(segments)).u32(target);
    }

    private void cast(BinaryWriter out) {
        int label = label();
        StorageType from = types.referenceType();
        StorageType to = types.referenceType();
        int flags = (from.isNullable() ? 1 : 0) | (to.isNullable() ? 2 : 0);
        out.u8(flags).u32(label);
        HeapTypes.write(from.heap(), out);
        HeapTypes.write(to.heap(), out);
    }

    // ---- memory arguments and lanes

    /** The memory of an access to a lane: a number is one only if more follows than the lane. */
    private Optional<Integer> laneMemory() {
        boolean more = in.kindAfter() == TokenKind.NATURAL || in.startsAfter("offset=") || in.startsAfter("align=");
        if (in.is(TokenKind.ID) || in.is(TokenKind.NATURAL) && more) {
            return Optional.of(in.index(spaces.memories()));
        }
        return Optional.of(0);
    }

    private BinaryWriter memoryArgument(Instruction instruction, Optional<Integer> known, BinaryWriter out) {
        int memory = known.orElseGet(() -> optional(spaces.memories()));
        long offset = option("offset=").orElse(0L);
        int token = in.position();
        int alignment = instruction.alignment();
        Optional<Long> written = option("align=");
        if (written.isPresent()) {
            long bytes = written.get();
            if (Long.bitCount(bytes) != 1) {
                throw in.error(token, "alignment must be a power of two");
            }
            alignment = Long.numberOfTrailingZeros(bytes);
        }
        out.u32(memory == 0 ? alignment : alignment | HAS_MEMORY);
        if (memory != 0) {
            out.u32(memory);
        }
        return out.u64(offset);
    }

    private Optional<Long> option(String name) {
        if (!in.is(TokenKind.KEYWORD) || !in.text().startsWith(name)) {
            return Optional.empty();
        }
        String number = in.text().substring(name.length());
        byte[] bytes = number.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || NumberText.classify(bytes, 0, bytes.length) != TokenKind.NATURAL) {
            throw in.error("unknown operator " + in.text() + ": expected " + name + " and a natural number");
        }
        long value =
                NumberText.integer(number, 64).orElseThrow(() -> in.error("i64 constant out of range: " + in.text()));
        in.advance();
        return Optional.of(value);
    }

    private int lane() {
        return (int) in.natural("the index of a lane", 8);
    }

    private void shuffle(BinaryWriter out) {
        int token = in.position();
        int count = 0;
        while (in.isNumber()) {
            if (!in.is(TokenKind.NATURAL)) {
                throw in.error("i8 constant out of range: " + in.text() + " as the index of a lane");
            }
            out.u8(lane());
            count++;
        }
        if (count != LANES_OF_SHUFFLE) {
            throw in.error(token, "invalid lane length: " + count + " lanes where 16 belong");
        }
    }
}
