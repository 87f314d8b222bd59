package io.selvage.wasm;

import java.util.Arrays;
import java.util.Set;

/** Validates the control instructions: blocks, branches, calls and exceptions. */
final class ControlValidator {
    /** The parameters and results of a block without either. */
    private static final int[][] EMPTY_BLOCK = {TypeCode.NONE, TypeCode.NONE};

    /** Those of a block with one result, by its type. */
    private static final int[][][] VALUE_BLOCKS = new int[TypeCode.PLAIN][][];

    static {
        for (int code = 1; code < VALUE_BLOCKS.length; code++) {
            VALUE_BLOCKS[code] = new int[][] {TypeCode.NONE, TypeCode.single(code)};
        }
    }

    private final ModuleData module;
    private final ModuleTypes types;
    private final InstructionPlace place;
    private final ValidatorStack stack;
    private final ModuleIndices indices;
    private final Set<Feature> features;
    private final BinaryReader in;
    private int[] functionResults = TypeCode.NONE;

    ControlValidator(
            ModuleData module,
            InstructionPlace place,
            ValidatorStack stack,
            ModuleIndices indices,
            Set<Feature> features,
            BinaryReader in) {
        this.module = module;
        this.place = place;
        this.stack = stack;
        this.indices = indices;
        this.features = features;
        this.in = in;
        types = module.types();
    }

    /** A function with these results begins. */
    void begin(int[] results) {
        functionResults = results;
        stack.begin(results);
    }

    // Blocks

    /** The parameters and results of the block type that is read next. */
    private int[][] blockType() {
        int code = in.peek();
        if (code == 0x40) {
            in.u8();
            return EMPTY_BLOCK;
        }
        if ((code & 0xc0) == 0x40) {
            int type = TypeReader.valueCode(in, types);
            return type < VALUE_BLOCKS.length ? VALUE_BLOCKS[type] : new int[][] {TypeCode.NONE, TypeCode.single(type)};
        }
        long index = in.s33();
        if (index < 0) {
            throw new MalformedException("malformed value type: a block type of " + index, place.offset());
        }
        int type = indices.checkFunctionType((int) Math.min(index, Integer.MAX_VALUE));
        features.add(Feature.MULTI_VALUE);
        return new int[][] {indices.parameters(type), indices.results(type)};
    }

    void beginIf() {
        int[][] type = blockType();
        stack.pop(TypeCode.I32);
        stack.popAll(type[0]);
        stack.enter(Opcode.IF, type[0], type[1]);
    }

    void block(int code) {
        int[][] type = blockType();
        stack.popAll(type[0]);
        stack.enter(code, type[0], type[1]);
    }

    void otherwise() {
        if (stack.opcode(0) != Opcode.IF) {
            throw place.malformed("END opcode expected: an else without its if");
        }
        int[] startTypes = stack.parameters();
        stack.enter(Opcode.ELSE, startTypes, stack.leave());
    }

    void end() {
        if (stack.opcode(0) == Opcode.IF && !types.areSubtypes(stack.parameters(), stack.results())) {
            throw place.invalidFunction("type mismatch: an if without else must result in what it takes");
        }
        int[] left = stack.leave();
        if (stack.depth() > 0) {
            stack.pushAll(left);
        }
    }

    void branch() {
        stack.popAll(stack.label(in.u32()));
        stack.unreachable();
    }

    void ret() {
        stack.popAll(functionResults);
        stack.unreachable();
    }

    void branchIf() {
        int[] carried = stack.label(in.u32());
        stack.pop(TypeCode.I32);
        stack.popAll(carried);
        stack.pushAll(carried);
    }

    void branchTable() {
        stack.pop(TypeCode.I32);
        int count = in.length();
        int[] previous = null;
        int arity = -1;
        for (int i = 0; i <= count; i++) {
            int[] carried = stack.label(in.u32());
            if (carried != previous) {
                if (arity >= 0 && carried.length != arity) {
                    throw place.invalidFunction("type mismatch: labels of one br_table that carry " + arity + " and "
                            + carried.length + " values");
                }
                arity = carried.length;
                stack.check(carried);
                previous = carried;
            }
        }
        stack.unreachable();
    }

    /** Takes the parameters of a function type and gives its results. */
    void call(int type) {
        stack.popAll(indices.parameters(type));
        stack.pushAll(indices.results(type));
    }

    /** Returns from the function with the results of a function of such a type, whose parameters are taken. */
    void tailCall(int type) {
        features.add(Feature.TAIL_CALL);
        if (!types.areSubtypes(indices.results(type), functionResults)) {
            throw new InvalidException(
                    "type mismatch: a tail call to a function of "
                            + types.function(type) + " in " + place.functionText() + " of "
                            + module.functionType(place.function()),
                    place.offset());
        }
        stack.popAll(indices.parameters(type));
        stack.unreachable();
    }

    /** The type index of an indirect call; its operand on the stack is taken. */
    int indirectType() {
        int type = indices.checkFunctionType(in.u32());
        int table = indices.tableIndex();
        if (!module.tables().get(table).element().isSubtypeOf(ValueType.FUNCREF)) {
            throw new InvalidException(
                    "type mismatch: " + place.instructionText() + " needs a table of funcref, table " + table
                            + " is of " + module.tables().get(table).element(),
                    place.offset());
        }
        if (table != 0) {
            features.add(Feature.REFERENCE_TYPES);
        }
        stack.pop(indices.tableAddress(table));
        return type;
    }

    // Exceptions

    void exception(int code) {
        features.add(Feature.EXCEPTION_HANDLING);
        switch (code) {
            case Opcode.TRY_TABLE -> tryTable();
            case Opcode.THROW -> {
                stack.popAll(tagParameters());
                stack.unreachable();
            }
            case Opcode.THROW_REF -> {
                stack.pop(TypeCode.EXNREF);
                stack.unreachable();
            }
            case Opcode.TRY -> block(code);
            case Opcode.CATCH -> {
                int[] carried = tagParameters();
                stack.enter(code, carried, leaveTry(code));
            }
            case Opcode.CATCH_ALL -> stack.enter(code, TypeCode.NONE, leaveTry(code));
            case Opcode.DELEGATE -> delegate();
            default -> rethrow();
        }
    }

    private int[] tagParameters() {
        int index = in.u32();
        if (Integer.compareUnsigned(index, module.tagTypes().length) >= 0) {
            throw place.unknown("tag", index, "the module has " + module.tagTypes().length);
        }
        return indices.parameters(module.tagTypes()[index]);
    }

    private void tryTable() {
        int[][] type = blockType();
        stack.popAll(type[0]);
        int count = in.length();
        for (int i = 0; i < count; i++) {
            clause();
        }
        stack.enter(Opcode.TRY_TABLE, type[0], type[1]);
    }

    /** One clause of a {@code try_table}: what is caught has to fit the label that it goes to. */
    private void clause() {
        int offset = in.position();
        int kind = in.u8();
        if (kind > Opcode.CLAUSE_CATCH_ALL_REF) {
            throw new MalformedException("malformed catch clause " + kind + ", in " + place.functionText(), offset);
        }
        int[] caught = kind == Opcode.CLAUSE_CATCH || kind == Opcode.CLAUSE_CATCH_REF ? tagParameters() : TypeCode.NONE;
        if (kind == Opcode.CLAUSE_CATCH_REF || kind == Opcode.CLAUSE_CATCH_ALL_REF) {
            caught = Arrays.copyOf(caught, caught.length + 1);
            caught[caught.length - 1] = TypeCode.EXCEPTION;
        }
        if (!types.areSubtypes(caught, stack.label(in.u32()))) {
            throw place.invalidFunction("type mismatch: what a catch clause gives is not what its label takes");
        }
    }

    /** Ends the body of a {@code try}, or one of its clauses, for the next clause; answers what the try results in. */
    private int[] leaveTry(int code) {
        int frame = stack.opcode(0);
        if (frame != Opcode.TRY && frame != Opcode.CATCH) {
            throw place.malformed("END opcode expected: a " + Mnemonics.of(code) + " without its try");
        }
        return stack.leave();
    }

    private void delegate() {
        if (stack.opcode(0) != Opcode.TRY) {
            throw place.malformed("END opcode expected: a delegate without its try");
        }
        int[] left = stack.leave();
        stack.label(in.u32());
        stack.pushAll(left);
    }

    private void rethrow() {
        int index = in.u32();
        int frame = stack.opcode(index);
        if (frame != Opcode.CATCH && frame != Opcode.CATCH_ALL) {
            throw place.invalidFunction("invalid rethrow label " + index + ": it is no catch");
        }
        stack.unreachable();
    }
}
