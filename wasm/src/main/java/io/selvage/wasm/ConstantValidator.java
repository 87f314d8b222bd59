package io.selvage.wasm;

import io.selvage.wasm.ModuleData.Expression;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** Reads and validates constant expressions (core spec §3.3.10) with the arithmetic of extended constants. */
final class ConstantValidator {
    private final BinaryReader in;
    private final ModuleTypes types;
    private final List<GlobalType> globals;
    private final BitSet referencedFunctions;
    private final Set<Feature> features;
    private int visibleGlobals;
    private int functions;
    private int[] stack = new int[8];
    private int size;
    private ValueType wanted = ValueType.I32;
    private String what = "";

    /** Validates what {@code in} reads, in a module with these globals; notes each function that it refers to. */
    ConstantValidator(
            BinaryReader in,
            ModuleTypes types,
            List<GlobalType> globals,
            BitSet referencedFunctions,
            Set<Feature> features) {
        this.in = in;
        this.types = types;
        this.globals = globals;
        this.referencedFunctions = referencedFunctions;
        this.features = features;
    }

    /** How many of the globals an expression may read: those that are imported (§3.4.10). */
    void visibleGlobals(int count) {
        visibleGlobals = count;
    }

    /** How many functions the module has. */
    void functions(int count) {
        functions = count;
    }

    /** Reads the next expression, whose value must be of {@code type}; {@code what} says to a person what it is. */
    Expression expression(ValueType type, String what) {
        this.what = what;
        wanted = type;
        int start = in.position();
        size = 0;
        int at = start;
        int opcode = in.u8();
        while (opcode != Opcode.END) {
            instruction(opcode, at);
            at = in.position();
            opcode = in.u8();
        }
        if (size != 1 || stack[0] != types.code(type)) {
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
            case Opcode.REF_NULL -> {
                features.add(Feature.REFERENCE_TYPES);
                push(TypeCode.reference(TypeReader.heap(in, types), true));
            }
            case Opcode.REF_FUNC -> push(function(at));
            case Opcode.GLOBAL_GET -> push(global(at));
            case Opcode.I32_ADD, Opcode.I32_SUB, Opcode.I32_MUL -> binary(TypeCode.I32, opcode, at);
            case Opcode.I64_ADD, Opcode.I64_SUB, Opcode.I64_MUL -> binary(TypeCode.I64, opcode, at);
            default -> throw notConstant(opcode, at);
        }
    }

    private int function(int at) {
        int index = in.u32();
        if (Integer.compareUnsigned(index, functions) >= 0) {
            throw new InvalidException("unknown function " + Integer.toUnsignedString(index) + ", in " + what, at);
        }
        referencedFunctions.set(index);
        features.add(Feature.REFERENCE_TYPES);
        return TypeCode.FUNCREF;
    }

    private int global(int at) {
        int index = in.u32();
        if (Integer.compareUnsigned(index, visibleGlobals) >= 0) {
            throw new InvalidException(
                    "unknown global " + Integer.toUnsignedString(index) + ", in " + what
                            + ": a constant expression can read imported globals only",
                    at);
        }
        GlobalType type = globals.get(index);
        if (type.mutable()) {
            throw new InvalidException(
                    "constant expression required: " + what + " reads global " + index + ", which is mutable", at);
        }
        return types.code(type.type());
    }

    private void binary(int type, int opcode, int at) {
        if (wanted.isReference()) {
            throw notConstant(opcode, at);
        }
        features.add(Feature.EXTENDED_CONSTANTS);
        if (size < 2 || stack[size - 1] != type || stack[size - 2] != type) {
            throw new InvalidException(
                    "type mismatch: " + Mnemonics.of(opcode) + " in " + what + " needs two values of type "
                            + types.text(type),
                    at);
        }
        size--;
    }

    private WasmException notConstant(int opcode, int at) {
        if (opcode == Opcode.PREFIX_FD) {
            return Proposals.vector(in.u32(), at);
        }
        String name = opcode == Opcode.PREFIX_FC ? Mnemonics.of(opcode, in.u32()) : Mnemonics.of(opcode);
        return name.equals("-")
                ? Proposals.opcode(opcode, at)
                : new InvalidException("constant expression required: " + what + " has " + name, at);
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
