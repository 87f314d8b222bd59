package io.selvage.wasm;

import io.selvage.wasm.ModuleData.DataSegment;
import io.selvage.wasm.ModuleData.ElementSegment;
import io.selvage.wasm.ModuleData.Expression;
import io.selvage.wasm.ModuleData.Kind;
import io.selvage.wasm.ModuleData.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads and validates the segments that fill tables and memories (core spec §5.5.12, §5.5.14, §3.4.5, §3.4.6). */
final class SegmentReader {
    /** The type of elements that are given as function indices: {@code (ref func)}. */
    private static final ValueType FUNCTIONS = ValueType.reference(AbstractHeapType.FUNC, false);

    private static final int[] NO_FUNCTIONS = {};

    private final BinaryReader in;
    private final IndexSpaces spaces;
    private final ConstantValidator constants;
    private final Set<Feature> features;

    SegmentReader(BinaryReader in, IndexSpaces spaces, ConstantValidator constants, Set<Feature> features) {
        this.in = in;
        this.spaces = spaces;
        this.constants = constants;
        this.features = features;
    }

    /** An element segment; bit 0 of its flags: not active, bit 1: explicit table or declarative, bit 2: expressions. */
    ElementSegment elements() {
        int offset = in.position();
        int flags = in.u32();
        if (Integer.compareUnsigned(flags, 7) > 0) {
            throw new MalformedException("malformed elements segment kind " + Integer.toUnsignedString(flags), offset);
        }
        if (flags != 0) {
            features.add((flags & 1) != 0 ? Feature.BULK_MEMORY : Feature.REFERENCE_TYPES);
        }
        boolean active = (flags & 1) == 0;
        boolean expressions = (flags & 4) != 0;
        int table = active && (flags & 2) != 0 ? in.u32() : 0;
        Expression place = null;
        if (active) {
            spaces.check(Kind.TABLE, table, "of an element segment", offset);
            place = constants.expression(spaces.tables().get(table).address(), "the offset of an element segment");
        }
        ValueType type = (flags & 3) != 0 ? type(expressions) : expressions ? ValueType.FUNCREF : FUNCTIONS;
        if (active && !type.isSubtypeOf(spaces.tables().get(table).element())) {
            throw new InvalidException(
                    "type mismatch: an element segment of " + type + " for table " + table + " of "
                            + spaces.tables().get(table).element(),
                    offset);
        }
        Mode mode = active ? Mode.ACTIVE : (flags & 2) == 0 ? Mode.PASSIVE : Mode.DECLARATIVE;
        return new ElementSegment(
                type,
                mode,
                table,
                place,
                expressions ? NO_FUNCTIONS : functions(),
                expressions ? expressions(type) : List.of());
    }

    private ValueType type(boolean expressions) {
        if (expressions) {
            return TypeReader.reference(in, spaces.types());
        }
        int offset = in.position();
        int kind = in.u8();
        if (kind != 0) {
            throw new MalformedException("malformed element kind " + kind, offset);
        }
        return FUNCTIONS;
    }

    private int elementCount() {
        return ModuleLimits.count(in, "elements in a segment", ModuleLimits.SEGMENT_ELEMENTS, 0);
    }

    private int[] functions() {
        int count = elementCount();
        int[] indices = count == 0 ? NO_FUNCTIONS : new int[count];
        for (int i = 0; i < count; i++) {
            indices[i] = spaces.index(Kind.FUNCTION, "in an element segment");
            spaces.refer(indices[i]);
        }
        return indices;
    }

    private List<Expression> expressions(ValueType type) {
        int count = elementCount();
        List<Expression> expressions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            expressions.add(constants.expression(type, "an element"));
        }
        return expressions;
    }

    /** A data segment; its flags: 0 for memory 0, 1 passive, 2 for a memory that is named. */
    DataSegment data() {
        int offset = in.position();
        int flags = in.u32();
        if (Integer.compareUnsigned(flags, 2) > 0) {
            throw new MalformedException("malformed data segment kind " + Integer.toUnsignedString(flags), offset);
        }
        if (flags != 0) {
            features.add(Feature.BULK_MEMORY);
        }
        Mode mode = flags == 1 ? Mode.PASSIVE : Mode.ACTIVE;
        int memory = flags == 2 ? in.u32() : 0;
        Expression place = null;
        if (mode == Mode.ACTIVE) {
            spaces.check(Kind.MEMORY, memory, "of a data segment", offset);
            place = constants.expression(spaces.memories().get(memory).address(), "the offset of a data segment");
        }
        int length = in.length();
        int from = in.position();
        in.skip(length);
        return new DataSegment(mode, memory, place, from, length);
    }
}
