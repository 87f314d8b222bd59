package io.selvage.wasm;

import io.selvage.wasm.internal.GuestArray;
import io.selvage.wasm.internal.I31;
import io.selvage.wasm.internal.Ops;
import io.selvage.wasm.internal.RuntimeType;
import io.selvage.wasm.internal.VectorArray;

/** Compiles the instructions on structs, arrays and references to them; {@link OperandStack} has the operands. */
final class ReferenceCompiler {
    private static final String OPS = Ops.class.getName().replace('.', '/');
    private static final String ARRAYS = GuestArray.class.getName().replace('.', '/');
    private static final String VECTORS = VectorArray.class.getName().replace('.', '/');
    private static final String NUMBERS = I31.class.getName().replace('.', '/');
    private static final String TYPE_D = RuntimeType.class.descriptorString();
    private static final String STATE_D = "L" + GuestNames.STATE_BASE + ";";
    private static final String OBJECT_D = "Ljava/lang/Object;";

    private final FunctionCode function;
    private final OperandStack stack;
    private final RuntimeCalls runtime;
    private final BranchCompiler branches;
    private final ModuleTypes types;
    private final InstructionReader in;

    ReferenceCompiler(
            FunctionCode function,
            OperandStack stack,
            RuntimeCalls runtime,
            BranchCompiler branches,
            InstructionReader in) {
        this.function = function;
        this.stack = stack;
        this.runtime = runtime;
        this.branches = branches;
        this.in = in;
        types = function.module().types();
    }

    private CodeAssembler code() {
        return function.code();
    }

    /** An instruction by its number after {@link Opcode#PREFIX_FB}. */
    void instruction(int second) {
        switch (second) {
            case Opcode.STRUCT_NEW -> newStruct(in.u32());
            case Opcode.STRUCT_NEW_DEFAULT -> newDefaultStruct(in.u32());
            case Opcode.STRUCT_GET, Opcode.STRUCT_GET_S, Opcode.STRUCT_GET_U -> {
                int type = in.u32();
                getField(types.get(type), in.u32(), second == Opcode.STRUCT_GET_U);
            }
            case Opcode.STRUCT_SET -> {
                int type = in.u32();
                setField(types.get(type), in.u32());
            }
            case Opcode.ARRAY_LEN -> runtime.call(ARRAYS, "length", "L", 'I');
            case Opcode.REF_TEST, Opcode.REF_TEST_NULL -> {
                stack.need(1);
                test(second == Opcode.REF_TEST_NULL);
                stack.pop();
                stack.push('I');
            }
            case Opcode.REF_CAST, Opcode.REF_CAST_NULL -> {
                stack.need(1);
                code().op(CodeAssembler.DUP);
                test(second == Opcode.REF_CAST_NULL);
                code().invokeStatic(OPS, "cast", "(" + OBJECT_D + "Z)" + OBJECT_D);
                stack.deepen();
            }
            case Opcode.BR_ON_CAST, Opcode.BR_ON_CAST_FAIL -> branchOnCast(second == Opcode.BR_ON_CAST);
            case Opcode.ANY_CONVERT_EXTERN, Opcode.EXTERN_CONVERT_ANY -> {}
            case Opcode.REF_I31 -> {
                stack.need(1);
                code().invokeStatic(NUMBERS, "of", "(I)L" + NUMBERS + ";");
                stack.pop();
                stack.push('L');
            }
            case Opcode.I31_GET_S -> runtime.call(OPS, "i31GetS", "L", 'I');
            case Opcode.I31_GET_U -> runtime.call(OPS, "i31GetU", "L", 'I');
            default -> array(second, in.u32());
        }
    }

    /** Puts what an object carries as its type on the JVM's stack. */
    private void loadType(int type) {
        function.loadInstance()
                .getField(GuestNames.STATE_BASE, "types", "[" + TYPE_D)
                .constant(type)
                .op(CodeAssembler.AALOAD);
        stack.deepen();
    }

    // Structs

    private void newStruct(int type) {
        DefinedType defined = types.get(type);
        String owner = StructCode.className(defined);
        StructType struct = (StructType) defined.composite();
        String values = StructCode.values(struct);
        stack.need(values.length());
        if (StructCode.hasFactory(values)) {
            loadType(type);
            code().invokeStatic(owner, "of", StructCode.factoryDescriptor(owner, values));
        } else {
            newWideStruct(type, owner, struct, values);
        }
        stack.pop(values.length());
        stack.push('L');
        countStruct(struct);
    }

    /** Counts the struct on top of the JVM's stack, which has just been made. */
    private void countStruct(StructType struct) {
        code().op(CodeAssembler.DUP);
        function.loadInstance().constant(StructCode.bytes(struct));
        code().invokeStatic(OPS, "made", "(" + OBJECT_D + STATE_D + "I)V");
        stack.deepen();
    }

    private void newWideStruct(int type, String owner, StructType struct, String values) {
        int first = stack.scratchAbove();
        int slot = first;
        for (int i = values.length() - 1; i >= 0; i--) {
            code().store(values.charAt(i), slot);
            slot += CodeAssembler.width(values.charAt(i));
        }
        makeStruct(type, owner);
        for (int i = 0; i < values.length(); i++) {
            slot -= CodeAssembler.width(values.charAt(i));
            code().op(CodeAssembler.DUP).load(values.charAt(i), slot);
            StructCode.putField(
                    code(), owner, i, StructCode.letter(struct.fields().get(i)));
        }
    }

    private void makeStruct(int type, String owner) {
        code().newObject(owner).op(CodeAssembler.DUP);
        loadType(type);
        code().invokeSpecial(owner, "<init>", "(" + TYPE_D + ")V");
    }

    private void newDefaultStruct(int type) {
        makeStruct(type, StructCode.className(types.get(type)));
        stack.push('L');
        countStruct((StructType) types.composite(type));
    }

    private void getField(DefinedType type, int field, boolean unsigned) {
        char letter = StructCode.letter(((StructType) type.composite()).fields().get(field));
        String owner = StructCode.className(type);
        stack.need(1);
        code().invokeStatic(OPS, "struct", "(" + OBJECT_D + ")" + OBJECT_D).checkCast(owner);
        code().getField(owner, "f" + field, StructCode.descriptor(letter));
        if (unsigned) {
            code().constant(letter == 'b' ? 0xff : 0xffff).op(CodeAssembler.IAND);
        }
        stack.pop();
        stack.push(StructCode.value(letter));
    }

    private void setField(DefinedType type, int field) {
        char letter = StructCode.letter(((StructType) type.composite()).fields().get(field));
        String owner = StructCode.className(type);
        stack.need(2);
        int held = stack.scratchAbove();
        char value = StructCode.value(letter);
        code().store(value, held);
        code().invokeStatic(OPS, "struct", "(" + OBJECT_D + ")" + OBJECT_D).checkCast(owner);
        code().load(value, held);
        StructCode.putField(code(), owner, field, letter);
        stack.pop(2);
    }

    // Arrays

    private void array(int second, int type) {
        FieldType element = ((ArrayType) types.composite(type)).element();
        String suffix = Aggregates.suffix(element);
        char value = StructCode.value(StructCode.letter(element));
        String owner = value == 'Q' ? VECTORS : ARRAYS;
        switch (second) {
            case Opcode.ARRAY_NEW -> {
                stack.need(2);
                checkLength(element);
                loadType(type);
                runtime.invoke(owner, "new" + suffix, value + "I", TYPE_D, 'L');
                countArray(element);
            }
            case Opcode.ARRAY_NEW_DEFAULT -> {
                stack.need(1);
                checkLength(element);
                loadType(type);
                runtime.invoke(owner, "newDefault" + suffix, "I", TYPE_D, 'L');
                countArray(element);
            }
            case Opcode.ARRAY_NEW_FIXED -> {
                newFixed(type, in.u32(), owner, suffix, value);
                countArray(element);
            }
            case Opcode.ARRAY_NEW_DATA -> runtime.indexed("arrayNewData", "II", 'L', type, in.u32());
            case Opcode.ARRAY_NEW_ELEM -> runtime.indexed("arrayNewElements", "II", 'L', type, in.u32());
            case Opcode.ARRAY_GET, Opcode.ARRAY_GET_S -> runtime.call(owner, "get" + suffix, "LI", value);
            case Opcode.ARRAY_GET_U -> runtime.call(owner, "getUnsigned" + suffix, "LI", value);
            case Opcode.ARRAY_SET -> runtime.call(owner, "set" + suffix, "LI" + value, 'V');
            case Opcode.ARRAY_FILL -> {
                countElements(4);
                runtime.call(owner, "fill" + suffix, "LI" + value + "I", 'V');
            }
            case Opcode.ARRAY_COPY -> {
                in.u32();
                countElements(5);
                runtime.call(ARRAYS, "copy", "LILII", 'V');
            }
            case Opcode.ARRAY_INIT_DATA -> runtime.indexed("arrayInitData", "LIII", 'V', type, in.u32());
            default -> runtime.indexed("arrayInitElements", "LIII", 'V', type, in.u32());
        }
    }

    /** Sees to it that the length on top of the JVM's stack is one that the instance may have. */
    private void checkLength(FieldType element) {
        function.loadInstance().constant(Aggregates.bytes(element));
        code().invokeStatic(OPS, "arrayLength", "(I" + STATE_D + "I)I");
        stack.deepen();
    }

    /** Counts the array on top of the JVM's stack, which has just been made. */
    private void countArray(FieldType element) {
        code().op(CodeAssembler.DUP);
        function.loadInstance().constant(Aggregates.bytes(element));
        code().invokeStatic(OPS, "arrayMade", "(" + OBJECT_D + STATE_D + "I)V");
        stack.deepen();
    }

    /** Counts as work the elements whose number is the last of these operands. */
    private void countElements(int operands) {
        stack.need(operands);
        function.loadInstance();
        code().invokeStatic(OPS, "elements", "(I" + STATE_D + ")I");
        stack.deepen();
    }

    private void newFixed(int type, int count, String owner, String suffix, char value) {
        stack.need(count);
        int array = stack.scratchAbove();
        code().constant(count);
        loadType(type);
        code().invokeStatic(owner, "newDefault" + suffix, "(I" + TYPE_D + ")" + OBJECT_D)
                .store('L', array);
        for (int i = count - 1; i >= 0; i--) {
            code().store(value, array + 1).load('L', array).constant(i).load(value, array + 1);
            code().invokeStatic(owner, "set" + suffix, "(" + OBJECT_D + "I" + ValueCode.descriptor(value) + ")V");
        }
        code().load('L', array);
        stack.deepen();
        stack.pop(count);
        stack.push('L');
    }

    // Casts

    /** Makes a boolean of the reference on the JVM's stack: whether it is of the type that is read next. */
    private void test(boolean nullable) {
        long number = in.s64();
        code().constant(nullable ? 1 : 0);
        if (number >= 0) {
            int type = (int) number;
            function.loadInstance().constant(type);
            String method = types.isFunction(type) ? "isFunction" : "isObject";
            code().invokeStatic(OPS, method, "(" + OBJECT_D + "I" + STATE_D + "I)Z");
        } else {
            String method = switch (AbstractHeapType.of((int) number & 0x7f)) {
                case ANY, FUNC, EXTERN, EXN -> "isAny";
                case EQ -> "isEq";
                case I31 -> "isI31";
                case STRUCT -> "isStruct";
                case ARRAY -> "isArray";
                case NONE, NOFUNC, NOEXTERN, NOEXN -> "isNull";
            };
            code().invokeStatic(OPS, method, "(" + OBJECT_D + "I)Z");
        }
        stack.deepen();
    }

    private void branchOnCast(boolean onSuccess) {
        int flags = in.u8();
        int depth = in.u32();
        in.s64();
        stack.need(1);
        code().op(CodeAssembler.DUP);
        test((flags & 2) != 0);
        branches.branchIf(depth, Condition.notZero(onSuccess));
    }
}
