package io.selvage.wasm;

import io.selvage.wasm.ModuleData.Expression;
import io.selvage.wasm.ModuleData.Kind;
import java.util.Arrays;
import java.util.Set;

/** Reads and validates constant expressions (core spec §3.3.10) with the arithmetic of extended constants. */
final class ConstantValidator {
    private final byte[] binary;
    private final BinaryReader in;
    private final IndexSpaces spaces;
    private final ModuleTypes types;
    private final Set<Feature> features;

    private int[] stack = new int[8];
    private int size;
    private String what = "";

    /** Validates what {@code in} reads, which may name what there is so far; notes each function that it refers to. */
    ConstantValidator(byte[] binary, BinaryReader in, IndexSpaces spaces, Set<Feature> features) {
        this.binary = binary;
        this.in = in;
        this.spaces = spaces;
        this.types = spaces.types();
        this.features = features;
    }

    /** Reads the next expression, whose value must be of {@code type}; {@code what} says to a person what it is. */
    Expression expression(ValueType type, String what) {
        this.what = what;
        int start = in.position();
        size = 0;
        int at = start;
        int opcode = in.u8();
        while (opcode != Opcode.END) {
            instruction(opcode, at);
            at = in.position();
            opcode = in.u8();
        }
        if (size != 1 || !types.isSubtype(stack[0], types.code(type))) {
            throw new InvalidException(
                    "type mismatch: " + what + " must be one " + type + ", found " + (size == 0 ? "nothing" : found()),
                    at);
        }
        return new Expression(start, in.position());
    }

    private void instruction(int opcode, int at) {
        switch (opcode) {
            case Opcode.I32_CONST -> {
                in.s32();
                push(TypeCode.I32);
            }
            case Opcode.I64_CONST -> {
                in.s64();
                push(TypeCode.I64);
            }
            case Opcode.F32_CONST -> {
                in.skip(4);
                push(TypeCode.F32);
            }
            case Opcode.F64_CONST -> {
                in.skip(8);
                push(TypeCode.F64);
            }
            case Opcode.PREFIX_FD -> vector(at);
            case Opcode.REF_NULL -> {
                features.add(Feature.REFERENCE_TYPES);
                push(TypeCode.reference(TypeReader.heap(in, types), true));
            }
            case Opcode.REF_FUNC -> push(function(at));
            case Opcode.GLOBAL_GET -> push(global(at));
            case Opcode.I32_ADD, Opcode.I32_SUB, Opcode.I32_MUL -> binary(TypeCode.I32, opcode, at);
            case Opcode.I64_ADD, Opcode.I64_SUB, Opcode.I64_MUL -> binary(TypeCode.I64, opcode, at);
            case Opcode.PREFIX_FB -> aggregate(at);
            default -> throw notConstant(opcode, at);
        }
    }

    private void vector(int at) {
        int start = in.position();
        if (in.u32() != VectorOpcode.V128_CONST) {
            in.position(start);
            throw notConstant(Opcode.PREFIX_FD, at);
        }
        VectorModule.require(at);
        features.add(Feature.SIMD);
        in.skip(16);
        push(TypeCode.V128);
    }

    private int function(int at) {
        int index = in.u32();
        if (!spaces.has(Kind.FUNCTION, index)) {
            throw IndexSpaces.unknown("function", index, "in " + what, at);
        }
        spaces.refer(index);
        features.add(Feature.REFERENCE_TYPES);
        return types.reference(spaces.typeOf(index), false);
    }

    private int global(int at) {
        int index = in.u32();
        if (!spaces.has(Kind.GLOBAL, index)) {
            throw IndexSpaces.unknown(
                    "global", index, "in " + what + ": a constant expression can read the globals before it only", at);
        }
        GlobalType type = spaces.globals().get(index);
        if (type.mutable()) {
            throw new InvalidException(
                    "constant expression required: " + what + " reads global " + index + ", which is mutable", at);
        }
        return types.code(type.type());
    }

    private void binary(int type, int opcode, int at) {
        features.add(Feature.EXTENDED_CONSTANTS);
        if (size < 2 || stack[size - 1] != type || stack[size - 2] != type) {
            throw new InvalidException(
                    "type mismatch: " + Mnemonics.of(opcode) + " in " + what + " needs two values of type "
                            + types.text(type),
                    at);
        }
        size--;
    }

    /** An instruction that makes a struct or an array, or converts a reference (§3.4.11). */
    private void aggregate(int at) {
        features.add(Feature.GARBAGE_COLLECTION);
        int start = in.position();
        int opcode = in.u32();
        switch (opcode) {
            case Opcode.STRUCT_NEW, Opcode.STRUCT_NEW_DEFAULT -> struct(opcode == Opcode.STRUCT_NEW, at);
            case Opcode.ARRAY_NEW, Opcode.ARRAY_NEW_DEFAULT, Opcode.ARRAY_NEW_FIXED -> array(opcode, at);
            case Opcode.REF_I31 -> {
                pop(TypeCode.I32, at);
                push(TypeCode.reference(AbstractHeapType.I31.ordinal(), false));
            }
            case Opcode.ANY_CONVERT_EXTERN -> convert(TypeCode.EXTERNREF, AbstractHeapType.ANY, at);
            case Opcode.EXTERN_CONVERT_ANY -> convert(TypeCode.code(ValueType.ANYREF), AbstractHeapType.EXTERN, at);
            default -> {
                in.position(start);
                throw notConstant(Opcode.PREFIX_FB, at);
            }
        }
    }

    private void convert(int from, AbstractHeapType to, int at) {
        boolean nullable = size > 0 && TypeCode.isNullable(stack[size - 1]);
        pop(from, at);
        push(TypeCode.reference(to.ordinal(), nullable));
    }

    private int typeIndex(AbstractHeapType form, int at) {
        int index = in.u32();
        if (Integer.compareUnsigned(index, types.size()) >= 0) {
            throw IndexSpaces.unknown("type", index, "in " + what, at);
        }
        if (types.get(index).form() != form) {
            throw new InvalidException("type mismatch: type " + index + " is no " + form + " type, in " + what, at);
        }
        return index;
    }

    private void struct(boolean withValues, int at) {
        int index = typeIndex(AbstractHeapType.STRUCT, at);
        for (FieldType field : ((StructType) types.composite(index)).fields().reversed()) {
            value(field, withValues, at);
        }
        push(types.reference(index, false));
    }

    private void array(int opcode, int at) {
        int index = typeIndex(AbstractHeapType.ARRAY, at);
        FieldType element = ((ArrayType) types.composite(index)).element();
        int count = 1;
        if (opcode == Opcode.ARRAY_NEW_FIXED) {
            count = in.u32();
            if (count < 0 || count > ModuleLimits.FIXED_ELEMENTS) {
                throw new UnsupportedException(
                        "too many elements of an array.new_fixed: " + Integer.toUnsignedString(count)
                                + ", the limit is " + ModuleLimits.FIXED_ELEMENTS,
                        at);
            }
        } else {
            pop(TypeCode.I32, at);
        }
        for (int i = 0; i < count; i++) {
            value(element, opcode != Opcode.ARRAY_NEW_DEFAULT, at);
        }
        push(types.reference(index, false));
    }

    /** Takes the value of a field, or sees that the field has a default. */
    private void value(FieldType field, boolean given, int at) {
        if (given) {
            pop(types.code(field.type()), at);
        } else if (!field.type().isDefaultable()) {
            throw new InvalidException("field type is not defaultable: " + field + ", in " + what, at);
        }
    }

    private void pop(int expected, int at) {
        if (size == 0 || !types.isSubtype(stack[size - 1], expected)) {
            throw new InvalidException(
                    "type mismatch: " + types.text(expected) + " expected in " + what + ", found "
                            + (size == 0 ? "nothing" : types.text(stack[size - 1])),
                    at);
        }
        size--;
    }

    private WasmException notConstant(int opcode, int at) {
        boolean prefixed = opcode >= Opcode.PREFIX_FB && opcode <= Opcode.PREFIX_FE;
        String name = prefixed ? Mnemonics.of(opcode, in.u32()) : Mnemonics.of(opcode);
        if (name.equals("-")) {
            return Proposals.opcode(opcode, at);
        }
        // What is not in the format either counts as malformed.
        BodyFormat.checkExpression(binary, at);
        return new InvalidException("constant expression required: " + what + " has " + name, at);
    }

    private void push(int type) {
        if (size == stack.length) {
            stack = Arrays.copyOf(stack, size * 2);
        }
        stack[size++] = type;
    }

    private String found() {
        return size == 1 ? types.text(stack[0]) : size + " values";
    }
}
