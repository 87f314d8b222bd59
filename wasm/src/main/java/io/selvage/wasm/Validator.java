package io.selvage.wasm;

import io.selvage.wasm.ModuleData.Body;
import io.selvage.wasm.ModuleData.LocalTypes;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;

/**
 * Validates the bodies of functions in one pass over their bytes (core spec §3.3, by the algorithm of appendix A.3).
 *
 * <p>It makes no object per instruction: the types on the operand stack are numbers ({@link ModuleTypes}), the control stack
 * is a handful of parallel arrays; both grow on demand and serve every function. It takes time in proportion to the
 * bytes of a body, however many values one instruction moves: long runs of types are copied and compared as arrays.
 *
 * <p>One thread uses a validator; several validators can work on the bodies of one module.
 */
final class Validator {
    /** Locals are spread out for look-up as far as the body could name them with so many bytes an instruction. */
    private static final int SPREAD_LOCALS_PER_BYTE = 4;

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
    private final boolean dataCounted;
    private final BitSet referencedFunctions;
    private final Set<Feature> features;
    private final BinaryReader in;
    private final int[][] parameters;
    private final int[][] results;
    private final int[] functionTypes;
    private final int[] globalTypes;
    private final ReferenceValidator references;
    private final int[] memoryAddresses;
    private final int[] tableAddresses;
    private final int[] tableElements;

    private int[] stack = new int[256];
    private int size;

    private int[] frameOpcodes = new int[64];
    private int[] frameHeights = new int[64];
    private boolean[] frameUnreachable = new boolean[64];
    private int[][] frameParameters = new int[64][];
    private int[][] frameResults = new int[64][];
    private int[] frameInitialized = new int[64];
    int depth;

    /** Where the operands of the innermost block begin. */
    private int height;

    /** Whether the rest of the innermost block is never reached, so that its stack holds whatever is asked for. */
    private boolean unreachable;

    private int function;
    private int[] functionResults = TypeCode.NONE;
    private int[] locals = new int[64];
    private int spreadLocals;
    private int localCount;
    private LocalTypes declaredLocals = new LocalTypes(new int[0], new ValueType[0]);

    /** The local that was read last. */
    private int lastLocal;

    /** The locals without a default that have a value here (core spec §3.3.1), and the order in which they got it. */
    private final BitSet initialized = new BitSet();

    private int[] initializedOrder = new int[8];
    private int initializedCount;

    /** Where the present instruction begins. */
    private int at;

    /** Its opcode, and the number after it if the opcode is a prefix. */
    private int opcode;

    private int secondOpcode;

    /**
     * Validates bodies of a module whose sections are valid.
     *
     * @param dataCounted whether it has a data count section, without which no body may name a data segment
     * @param referencedFunctions the functions to which a body may take a reference
     * @param features receives what the bodies use
     */
    Validator(ModuleData module, boolean dataCounted, BitSet referencedFunctions, Set<Feature> features) {
        this.module = module;
        this.dataCounted = dataCounted;
        this.referencedFunctions = referencedFunctions;
        this.features = features;
        in = new BinaryReader(module.binary());
        references = new ReferenceValidator(this, in, module);
        functionTypes = module.functionTypes();
        types = module.types();
        parameters = new int[types.size()][];
        results = new int[types.size()][];
        for (int i = 0; i < parameters.length; i++) {
            if (types.composite(i) instanceof FunctionType type) {
                parameters[i] = types.codes(type.parameters());
                results[i] = types.codes(type.results());
            }
        }
        memoryAddresses = module.memories().stream()
                .mapToInt(memory -> TypeCode.code(memory.address()))
                .toArray();
        tableAddresses = module.tables().stream()
                .mapToInt(table -> TypeCode.code(table.address()))
                .toArray();
        tableElements = module.tables().stream()
                .mapToInt(table -> types.code(table.element()))
                .toArray();
        globalTypes = new int[module.globals().size()];
        for (int i = 0; i < globalTypes.length; i++) {
            globalTypes[i] = types.code(module.globals().get(i).type());
        }
    }

    /** Validates every body. */
    void validateAll() {
        int count = module.bodies().size();
        for (int i = 0; i < count; i++) {
            validate(i);
        }
    }

    /**
     * Validates one body.
     *
     * @param index its place in {@link ModuleData#bodies}
     */
    void validate(int index) {
        Body body = module.bodies().get(index);
        function = module.importedFunctions() + index;
        int type = functionTypes[function];
        functionResults = results[type];
        spreadLocals(parameters[type], body);
        in.position(body.start());
        size = 0;
        depth = 0;
        forgetLocals(0);
        enter(Opcode.BLOCK, TypeCode.NONE, functionResults);
        try {
            instructions();
        } catch (InvalidException e) {
            BodyFormat.check(module.binary(), body);
            throw e;
        }
        if (in.position() != body.end()) {
            throw new MalformedException(
                    "section size mismatch: the code of " + functionText() + " ends at byte " + in.position()
                            + ", its length says " + body.end(),
                    in.position());
        }
    }

    // --- locals

    private void spreadLocals(int[] parameters, Body body) {
        declaredLocals = body.locals();
        localCount = parameters.length + declaredLocals.size();
        spreadLocals = Math.max(parameters.length, (int)
                Math.min(localCount, (long) SPREAD_LOCALS_PER_BYTE * (body.end() - body.start())));
        if (spreadLocals > locals.length) {
            locals = new int[Math.max(spreadLocals, locals.length * 2)];
        }
        System.arraycopy(parameters, 0, locals, 0, parameters.length);
        int next = parameters.length;
        for (int run = 0; next < spreadLocals; run++) {
            int end = Math.min(spreadLocals, next + declaredLocals.counts()[run]);
            Arrays.fill(locals, next, end, types.code(declaredLocals.types()[run]));
            next = end;
        }
    }

    /** The type of the local whose index is read next, and which then has a value. */
    private int setLocal() {
        int type = local();
        if (!TypeCode.isDefaultable(type) && lastLocal >= parameters[functionTypes[function]].length) {
            if (!initialized.get(lastLocal)) {
                initialized.set(lastLocal);
                if (initializedCount == initializedOrder.length) {
                    initializedOrder = Arrays.copyOf(initializedOrder, initializedCount * 2);
                }
                initializedOrder[initializedCount++] = lastLocal;
            }
        }
        return type;
    }

    private void requireInitialized() {
        if (lastLocal >= parameters[functionTypes[function]].length && !initialized.get(lastLocal)) {
            throw new InvalidException(
                    "uninitialized local " + lastLocal + ", which has no default, at " + instructionText(), at);
        }
    }

    /** Forgets the locals that were set in a block that ends, since it may not have been run. */
    private void forgetLocals(int count) {
        while (initializedCount > count) {
            initialized.clear(initializedOrder[--initializedCount]);
        }
    }

    private int local() {
        int index = in.u32();
        lastLocal = index;
        if (index >= 0 && index < spreadLocals) {
            return locals[index];
        }
        if (Integer.compareUnsigned(index, localCount) >= 0) {
            throw unknown("local", index, "it has " + localCount);
        }
        int[] counts = declaredLocals.counts();
        int end = localCount;
        int run = counts.length;
        while (index < end) {
            run--;
            end -= counts[run];
        }
        return types.code(declaredLocals.types()[run]);
    }

    // --- operand stack

    void push(int type) {
        if (size == stack.length) {
            growStack(1);
        }
        stack[size++] = type;
    }

    void pushAll(int[] values) {
        int count = values.length;
        if (count == 1) {
            push(values[0]);
        } else if (count > 0) {
            if (size + count > stack.length) {
                growStack(count);
            }
            System.arraycopy(values, 0, stack, size, count);
            size += count;
        }
    }

    private void growStack(int count) {
        if (size + count > ModuleLimits.OPERANDS) {
            throw new UnsupportedException(
                    "too many operands on the stack of " + functionText() + ": the limit is " + ModuleLimits.OPERANDS,
                    at);
        }
        stack = Arrays.copyOf(stack, Math.min(ModuleLimits.OPERANDS, Math.max(size + count, stack.length * 2)));
    }

    void pop(int expected) {
        if (size > height) {
            int actual = stack[size - 1];
            if (actual != expected && !types.isSubtype(actual, expected)) {
                throw mismatch(expected, actual);
            }
            size--;
        } else if (!unreachable) {
            throw missing(expected);
        }
    }

    /** Takes an operand of any type and answers its type. */
    int pop() {
        if (size > height) {
            return stack[--size];
        }
        if (!unreachable) {
            throw missing(TypeCode.UNKNOWN);
        }
        return TypeCode.UNKNOWN;
    }

    /** Takes a reference and answers its type. */
    int popReference() {
        int type = pop();
        if (type == TypeCode.UNKNOWN) {
            return TypeCode.reference(TypeCode.BOTTOM, false);
        }
        if (!TypeCode.isReference(type)) {
            throw new InvalidException(
                    "type mismatch: a reference expected, found " + types.text(type) + ", at " + instructionText(), at);
        }
        return type;
    }

    void popAll(int[] values) {
        if (values.length == 1) {
            pop(values[0]);
        } else if (values.length > 0) {
            size -= check(values);
        }
    }

    /** Sees that {@code values} are on the stack, and answers how many of them really are: less in unreachable code. */
    private int check(int[] values) {
        int count = values.length;
        int present = Math.min(count, size - height);
        int from = size - present;
        int k = count - present;
        if (k > 0 && !unreachable) {
            throw missing(values[k - 1]);
        }
        while (true) {
            int difference = Arrays.mismatch(stack, from, size, values, k, count);
            if (difference < 0) {
                return present;
            }
            from += difference;
            k += difference;
            if (!types.isSubtype(stack[from], values[k])) {
                throw mismatch(values[k], stack[from]);
            }
            from++;
            k++;
        }
    }

    boolean areSubtypes(int[] values, int[] others) {
        if (values.length != others.length) {
            return false;
        }
        for (int i = 0; i < values.length; i++) {
            if (!types.isSubtype(values[i], others[i])) {
                return false;
            }
        }
        return true;
    }

    // --- control stack

    private void enter(int opcode, int[] parameters, int[] results) {
        if (depth == frameOpcodes.length) {
            growFrames();
        }
        frameOpcodes[depth] = opcode;
        frameHeights[depth] = size;
        frameUnreachable[depth] = false;
        frameParameters[depth] = parameters;
        frameResults[depth] = results;
        frameInitialized[depth] = initializedCount;
        depth++;
        height = size;
        unreachable = false;
        pushAll(parameters);
    }

    private void growFrames() {
        if (depth == ModuleLimits.NESTING) {
            throw new UnsupportedException(
                    "blocks nested too deeply in " + functionText() + ": the limit is " + ModuleLimits.NESTING, at);
        }
        int length = Math.min(ModuleLimits.NESTING, depth * 2);
        frameOpcodes = Arrays.copyOf(frameOpcodes, length);
        frameHeights = Arrays.copyOf(frameHeights, length);
        frameUnreachable = Arrays.copyOf(frameUnreachable, length);
        frameParameters = Arrays.copyOf(frameParameters, length);
        frameResults = Arrays.copyOf(frameResults, length);
        frameInitialized = Arrays.copyOf(frameInitialized, length);
    }

    /** Takes what the innermost block leaves and goes back to the one around it; answers what the block results in. */
    private int[] leave() {
        int[] left = frameResults[depth - 1];
        popAll(left);
        if (size != height) {
            throw new InvalidException(
                    "type mismatch: " + (size - height) + " more on the stack than the block results in, at "
                            + instructionText(),
                    at);
        }
        depth--;
        forgetLocals(frameInitialized[depth]);
        if (depth > 0) {
            height = frameHeights[depth - 1];
            unreachable = frameUnreachable[depth - 1];
        }
        return left;
    }

    void unreachable() {
        size = height;
        unreachable = true;
        frameUnreachable[depth - 1] = true;
    }

    /** What a branch to the label that is read next carries. */
    int[] label() {
        int index = in.u32();
        if (Integer.compareUnsigned(index, depth) >= 0) {
            throw unknown("label", index, depth + " are around it");
        }
        int frame = depth - 1 - index;
        return frameOpcodes[frame] == Opcode.LOOP ? frameParameters[frame] : frameResults[frame];
    }

    // --- instructions

    /** Every instruction up to the end of the outermost block; what is most frequent comes first. */
    private void instructions() {
        while (depth > 0) {
            at = in.position();
            int code = in.u8();
            opcode = code;
            switch (code) {
                case Opcode.LOCAL_GET -> {
                    int type = local();
                    if (!TypeCode.isDefaultable(type)) {
                        requireInitialized();
                    }
                    push(type);
                }
                case Opcode.LOCAL_SET -> pop(setLocal());
                case Opcode.LOCAL_TEE -> {
                    int type = setLocal();
                    pop(type);
                    push(type);
                }
                case Opcode.I32_CONST -> {
                    in.s32();
                    push(TypeCode.I32);
                }
                case Opcode.NOP -> {}
                case Opcode.END -> end();
                case Opcode.BLOCK, Opcode.LOOP -> block(code);
                case Opcode.BR_IF -> branchIf();
                case Opcode.CALL -> call();
                default -> {
                    if (code >= Opcode.I32_LOAD && code <= Opcode.I64_STORE32) {
                        memoryAccess(code);
                    } else if (NumericOpcode.signature(code) != 0) {
                        numeric(code);
                    } else {
                        other(code);
                    }
                }
            }
        }
    }

    private void numeric(int code) {
        if (code >= Opcode.I32_EXTEND8_S) {
            features.add(Feature.SIGN_EXTENSION);
        }
        numericSignature(NumericOpcode.signature(code));
    }

    private void numericSignature(int signature) {
        pop(NumericOpcode.first(signature));
        int second = NumericOpcode.second(signature);
        if (second != 0) {
            pop(second);
        }
        push(NumericOpcode.result(signature));
    }

    private void memoryAccess(int code) {
        int address = memoryArgument(NumericOpcode.memoryWidth(code));
        int type = NumericOpcode.memoryType(code);
        if (code >= Opcode.I32_STORE) {
            pop(type);
            pop(address);
        } else {
            pop(address);
            push(type);
        }
    }

    /** The immediates of an access of 2**{@code natural} bytes; answers the type of the memory's addresses. */
    private int memoryArgument(int natural) {
        int flags = in.u32();
        if (Integer.compareUnsigned(flags, 2 * Opcode.MEMORY_INDEX_FLAG) >= 0) {
            throw new MalformedException(
                    "malformed memop flags " + Integer.toUnsignedString(flags) + ", at " + instructionText(), at);
        }
        int address = checkMemory((flags & Opcode.MEMORY_INDEX_FLAG) == 0 ? 0 : in.u32());
        int alignment = flags & (Opcode.MEMORY_INDEX_FLAG - 1);
        if (alignment > natural) {
            throw new InvalidException(
                    "alignment must not be larger than natural: 2**" + alignment + " at " + instructionText() + " of "
                            + (1 << natural) + " bytes",
                    at);
        }
        long offset = in.u64();
        if (address == TypeCode.I32 && offset >>> 32 != 0) {
            throw new InvalidException(
                    "offset out of range: " + Long.toUnsignedString(offset) + " at " + instructionText(), at);
        }
        return address;
    }

    private void other(int code) {
        switch (code) {
            case Opcode.UNREACHABLE -> unreachable();
            case Opcode.IF -> {
                int[][] type = blockType();
                pop(TypeCode.I32);
                popAll(type[0]);
                enter(code, type[0], type[1]);
            }
            case Opcode.ELSE -> otherwise();
            case Opcode.BR -> {
                popAll(label());
                unreachable();
            }
            case Opcode.BR_TABLE -> branchTable();
            case Opcode.RETURN -> {
                popAll(functionResults);
                unreachable();
            }
            case Opcode.CALL_INDIRECT -> {
                call(indirectType());
            }
            case Opcode.RETURN_CALL -> tailCall(functionTypes[functionIndex()]);
            case Opcode.RETURN_CALL_INDIRECT -> tailCall(indirectType());
            case Opcode.DROP -> pop();
            case Opcode.SELECT -> select();
            case Opcode.SELECT_TYPED -> selectTyped();
            case Opcode.GLOBAL_GET -> push(globalTypes[globalIndex()]);
            case Opcode.GLOBAL_SET -> globalSet();
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
            default -> reference(code);
        }
    }

    private void reference(int code) {
        switch (code) {
            case Opcode.MEMORY_SIZE -> {
                push(memoryIndex());
            }
            case Opcode.MEMORY_GROW -> {
                int address = memoryIndex();
                pop(address);
                push(address);
            }
            case Opcode.TABLE_GET -> {
                int table = accessedTable();
                pop(tableAddresses[table]);
                push(tableElements[table]);
            }
            case Opcode.TABLE_SET -> {
                int table = accessedTable();
                pop(tableElements[table]);
                pop(tableAddresses[table]);
            }
            case Opcode.REF_NULL -> {
                features.add(Feature.REFERENCE_TYPES);
                push(TypeCode.reference(TypeReader.heap(in, types), true));
            }
            case Opcode.REF_IS_NULL -> {
                popReference();
                push(TypeCode.I32);
            }
            case Opcode.REF_FUNC -> referenceFunction();
            case Opcode.PREFIX_FC -> {
                secondOpcode = in.u32();
                miscellaneous(secondOpcode);
            }
            case Opcode.TRY_TABLE,
                    Opcode.THROW,
                    Opcode.THROW_REF,
                    Opcode.TRY,
                    Opcode.CATCH,
                    Opcode.CATCH_ALL,
                    Opcode.DELEGATE,
                    Opcode.RETHROW -> exception(code);
            case Opcode.CALL_REF,
                    Opcode.RETURN_CALL_REF,
                    Opcode.REF_EQ,
                    Opcode.REF_AS_NON_NULL,
                    Opcode.BR_ON_NULL,
                    Opcode.BR_ON_NON_NULL -> references.instruction(code);
            case Opcode.PREFIX_FB -> {
                secondOpcode = in.u32();
                references.prefixed(secondOpcode);
            }
            case Opcode.PREFIX_FE -> {
                secondOpcode = in.u32();
                atomic(secondOpcode);
            }
            case Opcode.PREFIX_FD -> {
                secondOpcode = in.u32();
                vector(secondOpcode);
            }
            default -> throw Proposals.opcode(code, at);
        }
    }

    private void vector(int second) {
        if (!VectorOpcode.isKnown(second)) {
            throw Proposals.vector(second, at);
        }
        VectorModule.require(at);
        features.add(second >= VectorOpcode.FIRST_RELAXED ? Feature.RELAXED_SIMD : Feature.SIMD);
        int address = VectorOpcode.isAccess(second) ? memoryArgument(VectorOpcode.width(second)) : TypeCode.I32;
        if (second == VectorOpcode.V128_CONST) {
            in.skip(16);
        } else if (second == VectorOpcode.I8X16_SHUFFLE) {
            for (int i = 0; i < 16; i++) {
                lane(32);
            }
        } else if (VectorOpcode.lanes(second) > 0) {
            lane(VectorOpcode.lanes(second));
        }
        String operands = VectorOpcode.operands(second);
        for (int i = operands.length() - 1; i >= 0; i--) {
            boolean isAddress = i == 0 && VectorOpcode.isAccess(second);
            pop(isAddress ? address : VectorOpcode.type(operands.charAt(i)));
        }
        if (VectorOpcode.result(second) != 'V') {
            push(VectorOpcode.type(VectorOpcode.result(second)));
        }
    }

    private void atomic(int second) {
        if (!AtomicOpcode.isKnown(second)) {
            throw Proposals.atomic(second, at);
        }
        features.add(Feature.THREADS);
        if (second == AtomicOpcode.FENCE) {
            in.zero();
            return;
        }
        int alignment = in.peek() & (Opcode.MEMORY_INDEX_FLAG - 1);
        int address = memoryArgument(AtomicOpcode.width(second));
        if (alignment != AtomicOpcode.width(second)) {
            throw new InvalidException(
                    "alignment must be natural: 2**" + alignment + " at " + instructionText() + " of "
                            + (1 << AtomicOpcode.width(second)) + " bytes",
                    at);
        }
        String operands = AtomicOpcode.operands(second);
        for (int i = operands.length() - 1; i >= 0; i--) {
            pop(i == 0 ? address : VectorOpcode.type(operands.charAt(i)));
        }
        if (AtomicOpcode.result(second) != 'V') {
            push(VectorOpcode.type(AtomicOpcode.result(second)));
        }
    }

    private void lane(int count) {
        int lane = in.u8();
        if (lane >= count) {
            throw new InvalidException("invalid lane index " + lane + " of " + count + ", at " + instructionText(), at);
        }
    }

    // --- control

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
            throw new MalformedException("malformed value type: a block type of " + index, at);
        }
        int type = checkFunctionType((int) Math.min(index, Integer.MAX_VALUE));
        features.add(Feature.MULTI_VALUE);
        return new int[][] {parameters[type], results[type]};
    }

    private void block(int code) {
        int[][] type = blockType();
        popAll(type[0]);
        enter(code, type[0], type[1]);
    }

    private void otherwise() {
        if (frameOpcodes[depth - 1] != Opcode.IF) {
            throw new MalformedException("END opcode expected: an else without its if, in " + functionText(), at);
        }
        int[] startTypes = frameParameters[depth - 1];
        enter(Opcode.ELSE, startTypes, leave());
    }

    private void end() {
        if (frameOpcodes[depth - 1] == Opcode.IF && !areSubtypes(frameParameters[depth - 1], frameResults[depth - 1])) {
            throw new InvalidException(
                    "type mismatch: an if without else must result in what it takes, in " + functionText(), at);
        }
        int[] left = leave();
        if (depth > 0) {
            pushAll(left);
        }
    }

    private void branchIf() {
        int[] carried = label();
        pop(TypeCode.I32);
        popAll(carried);
        pushAll(carried);
    }

    private void branchTable() {
        pop(TypeCode.I32);
        int count = in.length();
        int[] previous = null;
        int arity = -1;
        for (int i = 0; i <= count; i++) {
            int[] carried = label();
            if (carried != previous) {
                if (arity >= 0 && carried.length != arity) {
                    throw new InvalidException(
                            "type mismatch: labels of one br_table that carry " + arity + " and " + carried.length
                                    + " values, in " + functionText(),
                            at);
                }
                arity = carried.length;
                check(carried);
                previous = carried;
            }
        }
        unreachable();
    }

    private void call() {
        call(functionTypes[functionIndex()]);
    }

    /** Takes the parameters of a function type and gives its results. */
    void call(int type) {
        popAll(parameters[type]);
        pushAll(results[type]);
    }

    void tailCall(int type) {
        features.add(Feature.TAIL_CALL);
        if (!areSubtypes(results[type], functionResults)) {
            throw new InvalidException(
                    "type mismatch: a tail call to a function of "
                            + types.function(type) + " in " + functionText() + " of "
                            + module.functionType(function),
                    at);
        }
        popAll(parameters[type]);
        unreachable();
    }

    /** The type index of an indirect call; its operand on the stack is taken. */
    private int indirectType() {
        int type = checkFunctionType(in.u32());
        int table = tableIndex();
        if (!module.tables().get(table).element().isSubtypeOf(ValueType.FUNCREF)) {
            throw new InvalidException(
                    "type mismatch: " + instructionText() + " needs a table of funcref, table " + table + " is of "
                            + module.tables().get(table).element(),
                    at);
        }
        if (table != 0) {
            features.add(Feature.REFERENCE_TYPES);
        }
        pop(tableAddresses[table]);
        return type;
    }

    private void select() {
        pop(TypeCode.I32);
        int first = pop();
        int second = pop();
        if (TypeCode.isReference(first) || TypeCode.isReference(second)) {
            throw new InvalidException(
                    "type mismatch: a select without type takes numbers, found a reference, in " + functionText(), at);
        }
        if (first != second && first != TypeCode.UNKNOWN && second != TypeCode.UNKNOWN) {
            throw mismatch(second, first);
        }
        push(first == TypeCode.UNKNOWN ? second : first);
    }

    private void selectTyped() {
        int count = in.length();
        int type = TypeCode.UNKNOWN;
        for (int i = 0; i < count; i++) {
            type = TypeReader.valueCode(in, types);
        }
        if (count != 1) {
            throw new InvalidException(
                    "invalid result arity: a select with " + count + " types, in " + functionText(), at);
        }
        features.add(Feature.REFERENCE_TYPES);
        pop(TypeCode.I32);
        pop(type);
        pop(type);
        push(type);
    }

    // --- exceptions

    private void exception(int code) {
        features.add(Feature.EXCEPTION_HANDLING);
        switch (code) {
            case Opcode.TRY_TABLE -> tryTable();
            case Opcode.THROW -> {
                popAll(tagParameters());
                unreachable();
            }
            case Opcode.THROW_REF -> {
                pop(TypeCode.EXNREF);
                unreachable();
            }
            case Opcode.TRY -> block(code);
            case Opcode.CATCH -> {
                int[] carried = tagParameters();
                enter(code, carried, leaveTry());
            }
            case Opcode.CATCH_ALL -> enter(code, TypeCode.NONE, leaveTry());
            case Opcode.DELEGATE -> delegate();
            default -> rethrow();
        }
    }

    private int[] tagParameters() {
        int index = in.u32();
        if (Integer.compareUnsigned(index, module.tagTypes().length) >= 0) {
            throw unknown("tag", index, "the module has " + module.tagTypes().length);
        }
        return parameters[module.tagTypes()[index]];
    }

    private void tryTable() {
        int[][] type = blockType();
        popAll(type[0]);
        int count = in.length();
        for (int i = 0; i < count; i++) {
            clause();
        }
        enter(Opcode.TRY_TABLE, type[0], type[1]);
    }

    /** One clause of a {@code try_table}: what is caught has to fit the label that it goes to. */
    private void clause() {
        int offset = in.position();
        int kind = in.u8();
        if (kind > Opcode.CLAUSE_CATCH_ALL_REF) {
            throw new MalformedException("malformed catch clause " + kind + ", in " + functionText(), offset);
        }
        int[] caught = kind == Opcode.CLAUSE_CATCH || kind == Opcode.CLAUSE_CATCH_REF ? tagParameters() : TypeCode.NONE;
        if (kind == Opcode.CLAUSE_CATCH_REF || kind == Opcode.CLAUSE_CATCH_ALL_REF) {
            caught = Arrays.copyOf(caught, caught.length + 1);
            caught[caught.length - 1] = TypeCode.EXCEPTION;
        }
        if (!areSubtypes(caught, label())) {
            throw new InvalidException(
                    "type mismatch: what a catch clause gives is not what its label takes, in " + functionText(), at);
        }
    }

    /** Ends the body of a {@code try}, or one of its clauses, for the next clause; answers what the try results in. */
    private int[] leaveTry() {
        int frame = frameOpcodes[depth - 1];
        if (frame != Opcode.TRY && frame != Opcode.CATCH) {
            throw new MalformedException(
                    "END opcode expected: a " + Mnemonics.of(opcode) + " without its try, in " + functionText(), at);
        }
        return leave();
    }

    private void delegate() {
        if (frameOpcodes[depth - 1] != Opcode.TRY) {
            throw new MalformedException("END opcode expected: a delegate without its try, in " + functionText(), at);
        }
        int[] left = leave();
        label();
        pushAll(left);
    }

    private void rethrow() {
        int index = in.u32();
        if (Integer.compareUnsigned(index, depth) >= 0) {
            throw unknown("label", index, depth + " are around it");
        }
        int frame = frameOpcodes[depth - 1 - index];
        if (frame != Opcode.CATCH && frame != Opcode.CATCH_ALL) {
            throw new InvalidException("invalid rethrow label " + index + ": it is no catch, in " + functionText(), at);
        }
        unreachable();
    }

    // --- globals, references, tables, bulk memory

    private void globalSet() {
        int index = globalIndex();
        if (!module.globals().get(index).mutable()) {
            throw new InvalidException("global is immutable: global.set of " + index + " in " + functionText(), at);
        }
        pop(globalTypes[index]);
    }

    private void referenceFunction() {
        int index = functionIndex();
        if (!referencedFunctions.get(index)) {
            throw new InvalidException(
                    "undeclared function reference: ref.func " + index + " in " + functionText()
                            + ", but no segment, export or global names that function",
                    at);
        }
        features.add(Feature.REFERENCE_TYPES);
        push(types.reference(functionTypes[index], false));
    }

    private void miscellaneous(int code) {
        switch (code) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> {
                features.add(Feature.SATURATING_CONVERSIONS);
                numericSignature(NumericOpcode.saturating(code));
            }
            case Opcode.MEMORY_INIT -> {
                int segment = in.u32();
                int address = memoryIndex();
                requireData(segment);
                popBulk(TypeCode.I32, TypeCode.I32, address);
            }
            case Opcode.DATA_DROP -> requireData(in.u32());
            case Opcode.MEMORY_COPY -> {
                int target = memoryIndex();
                int source = memoryIndex();
                popBulk(Math.min(target, source), source, target);
            }
            case Opcode.MEMORY_FILL -> {
                int address = memoryIndex();
                popBulk(address, TypeCode.I32, address);
            }
            case Opcode.TABLE_INIT -> tableInit();
            case Opcode.ELEM_DROP -> requireElements(in.u32());
            case Opcode.TABLE_COPY -> tableCopy();
            case Opcode.TABLE_GROW -> {
                int table = accessedTable();
                pop(tableAddresses[table]);
                pop(tableElements[table]);
                push(tableAddresses[table]);
            }
            case Opcode.TABLE_SIZE -> push(tableAddresses[accessedTable()]);
            case Opcode.TABLE_FILL -> {
                int table = accessedTable();
                pop(tableAddresses[table]);
                pop(tableElements[table]);
                pop(tableAddresses[table]);
            }
            default ->
                throw new MalformedException(
                        "illegal opcode 0xfc " + Integer.toUnsignedString(code) + " in " + functionText(), at);
        }
    }

    /** Takes the operands of a bulk instruction, the last one first. */
    private void popBulk(int length, int source, int target) {
        features.add(Feature.BULK_MEMORY);
        pop(length);
        pop(source);
        pop(target);
    }

    private void tableInit() {
        int segment = in.u32();
        int table = tableIndex();
        requireElements(segment);
        requireSame(
                module.elements().get(segment).type(),
                module.tables().get(table).element());
        popBulk(TypeCode.I32, TypeCode.I32, tableAddresses[table]);
    }

    private void tableCopy() {
        int target = tableIndex();
        int source = tableIndex();
        requireSame(
                module.tables().get(source).element(),
                module.tables().get(target).element());
        popBulk(
                Math.min(tableAddresses[target], tableAddresses[source]),
                tableAddresses[source],
                tableAddresses[target]);
    }

    void requireSame(ValueType source, ValueType target) {
        if (!source.isSubtypeOf(target)) {
            throw new InvalidException("type mismatch: " + instructionText() + " from " + source + " to " + target, at);
        }
    }

    // --- indices

    private int functionIndex() {
        int index = in.u32();
        if (Integer.compareUnsigned(index, functionTypes.length) >= 0) {
            throw unknown("function", index, "the module has " + functionTypes.length);
        }
        return index;
    }

    int checkType(int index) {
        if (Integer.compareUnsigned(index, parameters.length) >= 0) {
            throw unknown("type", index, "the module has " + parameters.length);
        }
        return index;
    }

    /** The index of a function type. */
    int checkFunctionType(int index) {
        if (!types.isFunction(checkType(index))) {
            throw new InvalidException(
                    "type mismatch: type " + index + " is no function type, at " + instructionText(), at);
        }
        return index;
    }

    private int globalIndex() {
        int index = in.u32();
        if (Integer.compareUnsigned(index, globalTypes.length) >= 0) {
            throw unknown("global", index, "the module has " + globalTypes.length);
        }
        return index;
    }

    private int tableIndex() {
        int index = in.u32();
        if (Integer.compareUnsigned(index, module.tables().size()) >= 0) {
            throw unknown("table", index, "the module has " + module.tables().size());
        }
        return index;
    }

    /** The index of a table that an instruction reads or changes. */
    private int accessedTable() {
        features.add(Feature.REFERENCE_TYPES);
        return tableIndex();
    }

    void requireElements(int index) {
        features.add(Feature.BULK_MEMORY);
        if (Integer.compareUnsigned(index, module.elements().size()) >= 0) {
            throw unknown(
                    "elem segment", index, "the module has " + module.elements().size());
        }
    }

    void requireData(int index) {
        features.add(Feature.BULK_MEMORY);
        int count = module.data().size();
        if (!dataCounted && count > 0) {
            throw new MalformedException("data count section required for " + instructionText(), at);
        }
        if (Integer.compareUnsigned(index, count) >= 0) {
            throw unknown("data segment", index, "the module has " + count);
        }
    }

    /** The type of the addresses of the memory whose index is read next. */
    private int memoryIndex() {
        return checkMemory(in.u32());
    }

    private int checkMemory(int index) {
        if (Integer.compareUnsigned(index, memoryAddresses.length) >= 0) {
            throw unknown("memory", index, "the module has " + memoryAddresses.length);
        }
        return memoryAddresses[index];
    }

    // --- messages

    void use(Feature feature) {
        features.add(feature);
    }

    InvalidException invalid(String message) {
        return new InvalidException(message + ", at " + instructionText(), at);
    }

    MalformedException malformed(String message) {
        return new MalformedException(message + ", in " + functionText(), at);
    }

    UnsupportedException unsupported(String message) {
        return new UnsupportedException(message + ", in " + functionText(), at);
    }

    InvalidException mismatch(int expected, int actual) {
        return new InvalidException(
                "type mismatch: " + types.text(expected) + " expected, found " + types.text(actual) + ", at "
                        + instructionText(),
                at);
    }

    private InvalidException missing(int expected) {
        return new InvalidException(
                "type mismatch: " + types.text(expected) + " expected, but the stack of the block is empty, at "
                        + instructionText(),
                at);
    }

    InvalidException unknown(String what, int index, String known) {
        return new InvalidException(
                "unknown " + what + " " + Integer.toUnsignedString(index) + ", at " + instructionText() + " (" + known
                        + ")",
                at);
    }

    String instructionText() {
        boolean prefixed = opcode >= Opcode.PREFIX_FB && opcode <= Opcode.PREFIX_FE;
        String name = prefixed ? Mnemonics.of(opcode, secondOpcode) : Mnemonics.of(opcode);
        return name + " in " + functionText();
    }

    private String functionText() {
        String name = module.functionNames().get(function);
        return "function " + function + (name == null ? "" : " (" + name + ")");
    }
}
