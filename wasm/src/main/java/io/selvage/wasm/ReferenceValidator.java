package io.selvage.wasm;

import java.util.Arrays;
import java.util.Set;

/** Validates the instructions on references and what they refer to: functions, structs, arrays (core spec §3.3.6–3.3.7). */
final class ReferenceValidator {
    private static final int ANYREF = TypeCode.code(ValueType.ANYREF);
    private static final int EQREF = TypeCode.code(ValueType.EQREF);
    private static final int I31REF = TypeCode.code(ValueType.I31REF);
    private static final int I31 = TypeCode.reference(AbstractHeapType.I31.ordinal(), false);
    private static final int ARRAYREF = TypeCode.code(ValueType.ARRAYREF);

    private final ModuleData module;
    private final ModuleTypes types;
    private final InstructionPlace place;
    private final ValidatorStack stack;
    private final ModuleIndices indices;
    private final ControlValidator control;
    private final Set<Feature> features;
    private final BinaryReader in;

    ReferenceValidator(
            ModuleData module,
            InstructionPlace place,
            ValidatorStack stack,
            ModuleIndices indices,
            ControlValidator control,
            Set<Feature> features,
            BinaryReader in) {
        this.module = module;
        this.place = place;
        this.stack = stack;
        this.indices = indices;
        this.control = control;
        this.features = features;
        this.in = in;
        types = module.types();
    }

    /** An instruction without prefix. */
    void instruction(int code) {
        switch (code) {
            case Opcode.CALL_REF -> {
                int type = functionReference();
                control.call(type);
            }
            case Opcode.RETURN_CALL_REF -> control.tailCall(functionReference());
            case Opcode.REF_EQ -> {
                features.add(Feature.GARBAGE_COLLECTION);
                stack.pop(EQREF);
                stack.pop(EQREF);
                stack.push(TypeCode.I32);
            }
            case Opcode.REF_AS_NON_NULL -> {
                features.add(Feature.FUNCTION_REFERENCES);
                stack.push(nonNull(stack.popReference()));
            }
            case Opcode.BR_ON_NULL -> branchOnNull();
            default -> branchOnNonNull();
        }
    }

    private int functionReference() {
        features.add(Feature.FUNCTION_REFERENCES);
        int type = indices.checkFunctionType(in.u32());
        stack.pop(types.reference(type, true));
        return type;
    }

    private static int nonNull(int reference) {
        return TypeCode.reference(TypeCode.heap(reference), false);
    }

    private void branchOnNull() {
        features.add(Feature.FUNCTION_REFERENCES);
        int[] carried = stack.label(in.u32());
        int reference = stack.popReference();
        stack.popAll(carried);
        stack.pushAll(carried);
        stack.push(nonNull(reference));
    }

    private void branchOnNonNull() {
        features.add(Feature.FUNCTION_REFERENCES);
        int[] carried = stack.label(in.u32());
        int reference = stack.popReference();
        int last = last(carried);
        if (!types.isSubtype(nonNull(reference), last)) {
            throw place.mismatch(last, nonNull(reference));
        }
        int[] others = Arrays.copyOf(carried, carried.length - 1);
        stack.popAll(others);
        stack.pushAll(others);
    }

    /** The type of the reference that a label takes last. */
    private int last(int[] carried) {
        if (carried.length == 0 || !TypeCode.isReference(carried[carried.length - 1])) {
            throw place.invalid("type mismatch: the label takes no reference");
        }
        return carried[carried.length - 1];
    }

    /** An instruction by its number after {@link Opcode#PREFIX_FB}. */
    void prefixed(int code) {
        features.add(Feature.GARBAGE_COLLECTION);
        switch (code) {
            case Opcode.STRUCT_NEW,
                    Opcode.STRUCT_NEW_DEFAULT,
                    Opcode.STRUCT_GET,
                    Opcode.STRUCT_GET_S,
                    Opcode.STRUCT_GET_U,
                    Opcode.STRUCT_SET -> struct(code);
            case Opcode.ARRAY_LEN -> {
                stack.pop(ARRAYREF);
                stack.push(TypeCode.I32);
            }
            case Opcode.REF_TEST, Opcode.REF_TEST_NULL -> {
                popCast(code == Opcode.REF_TEST_NULL);
                stack.push(TypeCode.I32);
            }
            case Opcode.REF_CAST, Opcode.REF_CAST_NULL -> stack.push(popCast(code == Opcode.REF_CAST_NULL));
            case Opcode.BR_ON_CAST, Opcode.BR_ON_CAST_FAIL -> branchOnCast(code == Opcode.BR_ON_CAST_FAIL);
            case Opcode.ANY_CONVERT_EXTERN -> convert(TypeCode.EXTERNREF, AbstractHeapType.ANY);
            case Opcode.EXTERN_CONVERT_ANY -> convert(ANYREF, AbstractHeapType.EXTERN);
            case Opcode.REF_I31 -> {
                stack.pop(TypeCode.I32);
                stack.push(I31);
            }
            case Opcode.I31_GET_S, Opcode.I31_GET_U -> {
                stack.pop(I31REF);
                stack.push(TypeCode.I32);
            }
            default -> {
                if (code < 0 || code > Opcode.I31_GET_U) {
                    throw place.malformed("illegal opcode 0xfb " + Integer.toUnsignedString(code));
                }
                array(code);
            }
        }
    }

    private void convert(int from, AbstractHeapType to) {
        int given = stack.popReference();
        if (!types.isSubtype(given, from)) {
            throw place.mismatch(from, given);
        }
        stack.push(TypeCode.reference(to.ordinal(), TypeCode.isNullable(given)));
    }

    private int typeIndex(AbstractHeapType form) {
        int index = indices.checkType(in.u32());
        if (types.get(index).form() != form) {
            throw place.invalid("type mismatch: type " + index + " is no " + form + " type");
        }
        return index;
    }

    private int value(FieldType field) {
        return types.code(field.type());
    }

    private void struct(int code) {
        int index = typeIndex(AbstractHeapType.STRUCT);
        StructType struct = (StructType) types.composite(index);
        switch (code) {
            case Opcode.STRUCT_NEW -> {
                for (FieldType field : struct.fields().reversed()) {
                    stack.pop(value(field));
                }
                stack.push(types.reference(index, false));
            }
            case Opcode.STRUCT_NEW_DEFAULT -> {
                for (FieldType field : struct.fields()) {
                    requireDefault(field);
                }
                stack.push(types.reference(index, false));
            }
            default -> {
                int number = in.u32();
                if (Integer.compareUnsigned(number, struct.fields().size()) >= 0) {
                    throw place.unknown(
                            "field", number, "the struct has " + struct.fields().size());
                }
                FieldType field = struct.fields().get(number);
                if (code == Opcode.STRUCT_SET) {
                    requireMutable(field, "struct");
                    stack.pop(value(field));
                    stack.pop(types.reference(index, true));
                } else {
                    requirePacking(field, code != Opcode.STRUCT_GET);
                    stack.pop(types.reference(index, true));
                    stack.push(value(field));
                }
            }
        }
    }

    private void requireDefault(FieldType field) {
        if (!field.type().isDefaultable()) {
            throw place.invalid("field type is not defaultable: " + field);
        }
    }

    private void requireMutable(FieldType field, String what) {
        if (!field.mutable()) {
            throw place.invalid("immutable " + what + ": " + field + " cannot be set");
        }
    }

    private void requirePacking(FieldType field, boolean packed) {
        if (field.isPacked() != packed) {
            throw place.invalid("type mismatch: field is " + (packed ? "unpacked" : "packed") + ": " + field);
        }
    }

    private void array(int code) {
        int index = typeIndex(AbstractHeapType.ARRAY);
        FieldType element = ((ArrayType) types.composite(index)).element();
        switch (code) {
            case Opcode.ARRAY_NEW -> {
                stack.pop(TypeCode.I32);
                stack.pop(value(element));
                stack.push(types.reference(index, false));
            }
            case Opcode.ARRAY_NEW_DEFAULT -> {
                requireDefault(element);
                stack.pop(TypeCode.I32);
                stack.push(types.reference(index, false));
            }
            case Opcode.ARRAY_NEW_FIXED -> fixedArray(index, element);
            case Opcode.ARRAY_NEW_DATA, Opcode.ARRAY_NEW_ELEM -> {
                segment(code == Opcode.ARRAY_NEW_DATA, element);
                stack.pop(TypeCode.I32);
                stack.pop(TypeCode.I32);
                stack.push(types.reference(index, false));
            }
            case Opcode.ARRAY_GET, Opcode.ARRAY_GET_S, Opcode.ARRAY_GET_U -> {
                requirePacking(element, code != Opcode.ARRAY_GET);
                stack.pop(TypeCode.I32);
                stack.pop(types.reference(index, true));
                stack.push(value(element));
            }
            default -> changeArray(code, index, element);
        }
    }

    private void fixedArray(int index, FieldType element) {
        int count = in.u32();
        if (count < 0 || count > ModuleLimits.FIXED_ELEMENTS) {
            throw place.unsupported("too many elements of an array.new_fixed: " + Integer.toUnsignedString(count)
                    + ", the limit is " + ModuleLimits.FIXED_ELEMENTS);
        }
        int type = value(element);
        for (int i = 0; i < count; i++) {
            stack.pop(type);
        }
        stack.push(types.reference(index, false));
    }

    private void segment(boolean data, FieldType element) {
        int segment = in.u32();
        if (data) {
            indices.requireData(segment);
            if (element.type().isReference()) {
                throw place.invalid("array type is not numeric or vector: " + element);
            }
        } else {
            indices.requireElements(segment);
            indices.requireSame(module.elements().get(segment).type(), element.type());
        }
    }

    private void changeArray(int code, int index, FieldType element) {
        requireMutable(element, "array");
        switch (code) {
            case Opcode.ARRAY_SET -> {
                stack.pop(value(element));
                stack.pop(TypeCode.I32);
            }
            case Opcode.ARRAY_FILL -> {
                stack.pop(TypeCode.I32);
                stack.pop(value(element));
                stack.pop(TypeCode.I32);
            }
            case Opcode.ARRAY_COPY -> {
                int source = typeIndex(AbstractHeapType.ARRAY);
                FieldType from = ((ArrayType) types.composite(source)).element();
                if (from.packing() != element.packing() || !from.type().isSubtypeOf(element.type())) {
                    throw place.invalid("array types do not match: " + from + " into " + element);
                }
                stack.pop(TypeCode.I32);
                stack.pop(TypeCode.I32);
                stack.pop(types.reference(source, true));
                stack.pop(TypeCode.I32);
            }
            default -> {
                segment(code == Opcode.ARRAY_INIT_DATA, element);
                stack.pop(TypeCode.I32);
                stack.pop(TypeCode.I32);
                stack.pop(TypeCode.I32);
            }
        }
        stack.pop(types.reference(index, true));
    }

    /** Takes what is cast, which must be in the hierarchy of the wanted type; answers that type. */
    private int popCast(boolean nullable) {
        int heap = TypeReader.heap(in, types);
        stack.pop(TypeCode.reference(types.heap(heap).top().ordinal(), true));
        return TypeCode.reference(heap, nullable);
    }

    private void branchOnCast(boolean onFailure) {
        int flags = in.u8();
        if (flags > 3) {
            throw place.malformed("malformed cast flags " + flags);
        }
        int[] carried = stack.label(in.u32());
        int from = TypeCode.reference(TypeReader.heap(in, types), (flags & 1) != 0);
        int to = TypeCode.reference(TypeReader.heap(in, types), (flags & 2) != 0);
        if (!types.isSubtype(to, from)) {
            throw place.mismatch(from, to);
        }
        int difference = TypeCode.reference(TypeCode.heap(from), TypeCode.isNullable(from) && !TypeCode.isNullable(to));
        int taken = onFailure ? difference : to;
        int last = last(carried);
        if (!types.isSubtype(taken, last)) {
            throw place.mismatch(last, taken);
        }
        int[] others = Arrays.copyOf(carried, carried.length - 1);
        stack.pop(from);
        stack.popAll(others);
        stack.pushAll(others);
        stack.push(onFailure ? to : difference);
    }
}
