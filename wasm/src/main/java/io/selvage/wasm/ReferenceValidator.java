package io.selvage.wasm;

import java.util.Arrays;

/** Validates the instructions on references and what they refer to: functions, structs, arrays (core spec §3.3.6–3.3.7). */
final class ReferenceValidator {
    private static final int ANYREF = TypeCode.code(ValueType.ANYREF);
    private static final int EQREF = TypeCode.code(ValueType.EQREF);
    private static final int I31REF = TypeCode.code(ValueType.I31REF);
    private static final int I31 = TypeCode.reference(AbstractHeapType.I31.ordinal(), false);
    private static final int ARRAYREF = TypeCode.code(ValueType.ARRAYREF);

    private final Validator validator;
    private final BinaryReader in;
    private final ModuleData module;
    private final ModuleTypes types;

    ReferenceValidator(Validator validator, BinaryReader in, ModuleData module) {
        this.validator = validator;
        this.in = in;
        this.module = module;
        types = module.types();
    }

    /** An instruction without prefix. */
    void instruction(int code) {
        switch (code) {
            case Opcode.CALL_REF -> {
                int type = functionReference();
                validator.call(type);
            }
            case Opcode.RETURN_CALL_REF -> validator.tailCall(functionReference());
            case Opcode.REF_EQ -> {
                validator.use(Feature.GARBAGE_COLLECTION);
                validator.pop(EQREF);
                validator.pop(EQREF);
                validator.push(TypeCode.I32);
            }
            case Opcode.REF_AS_NON_NULL -> {
                validator.use(Feature.FUNCTION_REFERENCES);
                validator.push(nonNull(validator.popReference()));
            }
            case Opcode.BR_ON_NULL -> branchOnNull();
            default -> branchOnNonNull();
        }
    }

    private int functionReference() {
        validator.use(Feature.FUNCTION_REFERENCES);
        int type = validator.checkFunctionType(in.u32());
        validator.pop(types.reference(type, true));
        return type;
    }

    private static int nonNull(int reference) {
        return TypeCode.reference(TypeCode.heap(reference), false);
    }

    private void branchOnNull() {
        validator.use(Feature.FUNCTION_REFERENCES);
        int[] carried = validator.label();
        int reference = validator.popReference();
        validator.popAll(carried);
        validator.pushAll(carried);
        validator.push(nonNull(reference));
    }

    private void branchOnNonNull() {
        validator.use(Feature.FUNCTION_REFERENCES);
        int[] carried = validator.label();
        int reference = validator.popReference();
        int last = last(carried);
        if (!types.isSubtype(nonNull(reference), last)) {
            throw validator.mismatch(last, nonNull(reference));
        }
        int[] others = Arrays.copyOf(carried, carried.length - 1);
        validator.popAll(others);
        validator.pushAll(others);
    }

    /** The type of the reference that a label takes last. */
    private int last(int[] carried) {
        if (carried.length == 0 || !TypeCode.isReference(carried[carried.length - 1])) {
            throw validator.invalid("type mismatch: the label takes no reference");
        }
        return carried[carried.length - 1];
    }

    /** An instruction by its number after {@link Opcode#PREFIX_FB}. */
    void prefixed(int code) {
        validator.use(Feature.GARBAGE_COLLECTION);
        switch (code) {
            case Opcode.STRUCT_NEW,
                    Opcode.STRUCT_NEW_DEFAULT,
                    Opcode.STRUCT_GET,
                    Opcode.STRUCT_GET_S,
                    Opcode.STRUCT_GET_U,
                    Opcode.STRUCT_SET -> struct(code);
            case Opcode.ARRAY_LEN -> {
                validator.pop(ARRAYREF);
                validator.push(TypeCode.I32);
            }
            case Opcode.REF_TEST, Opcode.REF_TEST_NULL -> {
                popCast(code == Opcode.REF_TEST_NULL);
                validator.push(TypeCode.I32);
            }
            case Opcode.REF_CAST, Opcode.REF_CAST_NULL -> validator.push(popCast(code == Opcode.REF_CAST_NULL));
            case Opcode.BR_ON_CAST, Opcode.BR_ON_CAST_FAIL -> branchOnCast(code == Opcode.BR_ON_CAST_FAIL);
            case Opcode.ANY_CONVERT_EXTERN -> convert(TypeCode.EXTERNREF, AbstractHeapType.ANY);
            case Opcode.EXTERN_CONVERT_ANY -> convert(ANYREF, AbstractHeapType.EXTERN);
            case Opcode.REF_I31 -> {
                validator.pop(TypeCode.I32);
                validator.push(I31);
            }
            case Opcode.I31_GET_S, Opcode.I31_GET_U -> {
                validator.pop(I31REF);
                validator.push(TypeCode.I32);
            }
            default -> {
                if (code < 0 || code > Opcode.I31_GET_U) {
                    throw validator.malformed("illegal opcode 0xfb " + Integer.toUnsignedString(code));
                }
                array(code);
            }
        }
    }

    private void convert(int from, AbstractHeapType to) {
        int given = validator.popReference();
        if (!types.isSubtype(given, from)) {
            throw validator.mismatch(from, given);
        }
        validator.push(TypeCode.reference(to.ordinal(), TypeCode.isNullable(given)));
    }

    private int typeIndex(AbstractHeapType form) {
        int index = validator.checkType(in.u32());
        if (types.get(index).form() != form) {
            throw validator.invalid("type mismatch: type " + index + " is no " + form + " type");
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
                    validator.pop(value(field));
                }
                validator.push(types.reference(index, false));
            }
            case Opcode.STRUCT_NEW_DEFAULT -> {
                for (FieldType field : struct.fields()) {
                    requireDefault(field);
                }
                validator.push(types.reference(index, false));
            }
            default -> {
                int number = in.u32();
                if (Integer.compareUnsigned(number, struct.fields().size()) >= 0) {
                    throw validator.unknown(
                            "field", number, "the struct has " + struct.fields().size());
                }
                FieldType field = struct.fields().get(number);
                if (code == Opcode.STRUCT_SET) {
                    requireMutable(field, "struct");
                    validator.pop(value(field));
                    validator.pop(types.reference(index, true));
                } else {
                    requirePacking(field, code != Opcode.STRUCT_GET);
                    validator.pop(types.reference(index, true));
                    validator.push(value(field));
                }
            }
        }
    }

    private void requireDefault(FieldType field) {
        if (!field.type().isDefaultable()) {
            throw validator.invalid("field type is not defaultable: " + field);
        }
    }

    private void requireMutable(FieldType field, String what) {
        if (!field.mutable()) {
            throw validator.invalid("immutable " + what + ": " + field + " cannot be set");
        }
    }

    private void requirePacking(FieldType field, boolean packed) {
        if (field.isPacked() != packed) {
            throw validator.invalid("type mismatch: field is " + (packed ? "unpacked" : "packed") + ": " + field);
        }
    }

    private void array(int code) {
        int index = typeIndex(AbstractHeapType.ARRAY);
        FieldType element = ((ArrayType) types.composite(index)).element();
        switch (code) {
            case Opcode.ARRAY_NEW -> {
                validator.pop(TypeCode.I32);
                validator.pop(value(element));
                validator.push(types.reference(index, false));
            }
            case Opcode.ARRAY_NEW_DEFAULT -> {
                requireDefault(element);
                validator.pop(TypeCode.I32);
                validator.push(types.reference(index, false));
            }
            case Opcode.ARRAY_NEW_FIXED -> fixedArray(index, element);
            case Opcode.ARRAY_NEW_DATA, Opcode.ARRAY_NEW_ELEM -> {
                segment(code == Opcode.ARRAY_NEW_DATA, element);
                validator.pop(TypeCode.I32);
                validator.pop(TypeCode.I32);
                validator.push(types.reference(index, false));
            }
            case Opcode.ARRAY_GET, Opcode.ARRAY_GET_S, Opcode.ARRAY_GET_U -> {
                requirePacking(element, code != Opcode.ARRAY_GET);
                validator.pop(TypeCode.I32);
                validator.pop(types.reference(index, true));
                validator.push(value(element));
            }
            default -> changeArray(code, index, element);
        }
    }

    private void fixedArray(int index, FieldType element) {
        int count = in.u32();
        if (count < 0 || count > ModuleLimits.FIXED_ELEMENTS) {
            throw validator.unsupported("too many elements of an array.new_fixed: " + Integer.toUnsignedString(count)
                    + ", the limit is " + ModuleLimits.FIXED_ELEMENTS);
        }
        int type = value(element);
        for (int i = 0; i < count; i++) {
            validator.pop(type);
        }
        validator.push(types.reference(index, false));
    }

    private void segment(boolean data, FieldType element) {
        int segment = in.u32();
        if (data) {
            validator.requireData(segment);
            if (element.type().isReference()) {
                throw validator.invalid("array type is not numeric or vector: " + element);
            }
        } else {
            validator.requireElements(segment);
            validator.requireSame(module.elements().get(segment).type(), element.type());
        }
    }

    private void changeArray(int code, int index, FieldType element) {
        requireMutable(element, "array");
        switch (code) {
            case Opcode.ARRAY_SET -> {
                validator.pop(value(element));
                validator.pop(TypeCode.I32);
            }
            case Opcode.ARRAY_FILL -> {
                validator.pop(TypeCode.I32);
                validator.pop(value(element));
                validator.pop(TypeCode.I32);
            }
            case Opcode.ARRAY_COPY -> {
                int source = typeIndex(AbstractHeapType.ARRAY);
                FieldType from = ((ArrayType) types.composite(source)).element();
                if (from.packing() != element.packing() || !from.type().isSubtypeOf(element.type())) {
                    throw validator.invalid("array types do not match: " + from + " into " + element);
                }
                validator.pop(TypeCode.I32);
                validator.pop(TypeCode.I32);
                validator.pop(types.reference(source, true));
                validator.pop(TypeCode.I32);
            }
            default -> {
                segment(code == Opcode.ARRAY_INIT_DATA, element);
                validator.pop(TypeCode.I32);
                validator.pop(TypeCode.I32);
                validator.pop(TypeCode.I32);
            }
        }
        validator.pop(types.reference(index, true));
    }

    /** Takes what is cast, which must be in the hierarchy of the wanted type; answers that type. */
    private int popCast(boolean nullable) {
        int heap = TypeReader.heap(in, types);
        validator.pop(TypeCode.reference(types.heap(heap).top().ordinal(), true));
        return TypeCode.reference(heap, nullable);
    }

    private void branchOnCast(boolean onFailure) {
        int flags = in.u8();
        if (flags > 3) {
            throw validator.malformed("malformed cast flags " + flags);
        }
        int[] carried = validator.label();
        int from = TypeCode.reference(TypeReader.heap(in, types), (flags & 1) != 0);
        int to = TypeCode.reference(TypeReader.heap(in, types), (flags & 2) != 0);
        if (!types.isSubtype(to, from)) {
            throw validator.mismatch(from, to);
        }
        int difference = TypeCode.reference(TypeCode.heap(from), TypeCode.isNullable(from) && !TypeCode.isNullable(to));
        int taken = onFailure ? difference : to;
        int last = last(carried);
        if (!types.isSubtype(taken, last)) {
            throw validator.mismatch(last, taken);
        }
        int[] others = Arrays.copyOf(carried, carried.length - 1);
        validator.pop(from);
        validator.popAll(others);
        validator.pushAll(others);
        validator.push(onFailure ? to : difference);
    }
}
