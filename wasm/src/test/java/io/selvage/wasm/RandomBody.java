package io.selvage.wasm;

import static io.selvage.wasm.ValueType.EXTERNREF;
import static io.selvage.wasm.ValueType.F32;
import static io.selvage.wasm.ValueType.F64;
import static io.selvage.wasm.ValueType.FUNCREF;
import static io.selvage.wasm.ValueType.I32;
import static io.selvage.wasm.ValueType.I64;

import io.selvage.wasm.WasmBuilder.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The random code of one function of a {@link RandomModule}. */
final class RandomBody {
    private static final int DEEPEST = 7;
    private static final int[] I32S = {
        0, 1, -1, 2, 3, 7, 8, 31, 32, 127, 128, 255, 256, 65_535, 65_536, 65_532, 0x7fff_ffff, 0x8000_0000, 0x8000_0001
    };
    private static final long[] I64S = {
        0,
        1,
        -1,
        2,
        7,
        63,
        64,
        255,
        65_535,
        0x7fff_ffffL,
        0x8000_0000L,
        0xffff_ffffL,
        0x1_0000_0000L,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1
    };
    private static final double[] FLOATS = {
        0,
        -0.0,
        1,
        -1,
        0.5,
        -0.5,
        1.5,
        2.5,
        1e-40,
        1e30,
        -1e300,
        3.5,
        2_147_483_647.0,
        2_147_483_648.0,
        -2_147_483_649.0,
        4_294_967_295.0,
        9.223372036854775807e18,
        1.8446744073709551615e19,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE,
        Double.MAX_VALUE,
        16_777_217,
        0.1
    };

    private final SplittableRandom random;
    private final RandomModule module;
    private final FunctionType type;
    private final Code code = new Code();
    private final List<ValueType> locals = new ArrayList<>();
    /** What a branch to each label around takes, the outermost first. */
    private final List<List<ValueType>> labels = new ArrayList<>();

    private final int f32Scratch;
    private final int f64Scratch;
    private int budget;
    private int depth;

    RandomBody(SplittableRandom random, RandomModule module, FunctionType type) {
        this.random = random;
        this.module = module;
        this.type = type;
        budget = 20 + random.nextInt(300);
        locals.addAll(type.parameters());
        for (ValueType local : RandomModule.ALL) {
            locals.add(local);
            locals.add(local);
        }
        f32Scratch = locals.size();
        locals.add(F32);
        f64Scratch = locals.size();
        locals.add(F64);
    }

    /** The body as the code section holds it, without its size. */
    Code code() {
        int parameters = type.parameters().size();
        code.u32(locals.size() - parameters);
        for (ValueType local : locals.subList(parameters, locals.size())) {
            code.op(1, local.code());
        }
        takeFuel();
        labels.add(type.results());
        statements();
        values(type.results());
        return code.op(Opcode.END);
    }

    private void takeFuel() {
        code.op(Opcode.GLOBAL_GET, RandomModule.FUEL_GLOBAL)
                .op(Opcode.I32_EQZ)
                .op(Opcode.IF)
                .op(WasmBuilder.EMPTY);
        type.results().forEach(this::constant);
        code.ops(Opcode.RETURN, Opcode.END);
        code.op(Opcode.GLOBAL_GET, RandomModule.FUEL_GLOBAL).i32(1).op(0x6b);
        code.op(Opcode.GLOBAL_SET, RandomModule.FUEL_GLOBAL);
    }

    private boolean chance(int of) {
        return random.nextInt(of) == 0;
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private void values(List<ValueType> types) {
        types.forEach(this::value);
    }

    private int local(ValueType wanted) {
        List<Integer> fitting = new ArrayList<>();
        for (int i = 0; i < f32Scratch; i++) {
            if (locals.get(i) == wanted) {
                fitting.add(i);
            }
        }
        return pick(fitting);
    }

    private int global(ValueType wanted) {
        return List.of(RandomModule.ALL).indexOf(wanted);
    }

    /** Takes values of these types off the stack, the last first, into locals, globals or nowhere. */
    private void consume(List<ValueType> top) {
        for (ValueType popped : top.reversed()) {
            switch (random.nextInt(4)) {
                case 0 -> code.op(Opcode.GLOBAL_SET, global(popped));
                case 1 -> code.op(Opcode.DROP);
                default -> code.op(Opcode.LOCAL_SET, local(popped));
            }
        }
    }

    // ---- statements ---------------------------------------------------------------------------------------------

    private void statements() {
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count && budget > 0; i++) {
            depth++;
            statement();
            if (module.large() && chance(6)) {
                fill();
            }
            depth--;
        }
    }

    /** A few kilobytes of code without branches. */
    private void fill() {
        int count = 200 + random.nextInt(600);
        for (int i = 0; i < count; i++) {
            int target = local(I32);
            code.get(target).i32(random.nextInt()).op(0x6a + random.nextInt(3)).set(target);
        }
    }

    private void statement() {
        budget--;
        if (depth > DEEPEST || budget <= 0) {
            code.op(Opcode.NOP);
            return;
        }
        switch (random.nextInt(21)) {
            case 0, 1, 2 -> {
                ValueType wanted = RandomModule.ALL[random.nextInt(RandomModule.ALL.length)];
                value(wanted);
                consume(List.of(wanted));
            }
            case 3, 4 -> store();
            case 5, 6, 7 -> structured(List.of());
            case 8, 9 -> branchIf();
            case 10 -> branchTable();
            case 11 -> call(pick(callable()));
            case 12 -> callIndirect(pick(module.types()));
            case 13 -> bulkMemory();
            case 14 -> tableStatement();
            case 15 -> severalValues();
            case 16 -> conditionalExit();
            case 17 -> arithmeticInPlace();
            case 18 -> countedLoop();
            case 19 -> switchLoop();
            default -> {
                value(I32);
                code.op(Opcode.DROP);
            }
        }
    }

    private List<Integer> callable() {
        List<Integer> list = new ArrayList<>();
        for (int i = 0; i < module.functions().size(); i++) {
            list.add(i);
        }
        return list;
    }

    private void call(int function) {
        FunctionType callee = module.functions().get(function);
        values(callee.parameters());
        code.op(Opcode.CALL, function);
        consume(callee.results());
    }

    private void callIndirect(FunctionType callee) {
        if (!module.functions().contains(callee) && !chance(20)) {
            return;
        }
        values(callee.parameters());
        indirectIndex(callee);
        code.op(Opcode.CALL_INDIRECT, module.types().indexOf(callee)).u32(RandomModule.FUNCTION_TABLE);
        consume(callee.results());
    }

    /** Mostly an index where, to begin with, a function of this type is. */
    private void indirectIndex(FunctionType callee) {
        List<Integer> fitting = new ArrayList<>();
        for (int i = 0; i < RandomModule.TABLE_SIZE - 4; i++) {
            if (module.functions().get(i % module.functions().size()).equals(callee)) {
                fitting.add(i);
            }
        }
        if (fitting.isEmpty() || chance(40)) {
            index(RandomModule.TABLE_SIZE);
        } else {
            code.i32(pick(fitting));
        }
    }

    private void structured(List<ValueType> results) {
        if (depth > DEEPEST) {
            values(results);
            return;
        }
        List<FunctionType> fitting = new ArrayList<>(
                module.types().stream().filter(t -> t.results().equals(results)).toList());
        List<ValueType> parameters =
                fitting.isEmpty() || chance(2) ? null : pick(fitting).parameters();
        if (parameters == null && results.size() > 1) {
            if (fitting.isEmpty()) {
                values(results);
                return;
            }
            parameters = pick(fitting).parameters();
        }
        if (parameters != null) {
            values(parameters);
        }
        int opcode = List.of(Opcode.BLOCK, Opcode.LOOP, Opcode.IF).get(random.nextInt(3));
        if (opcode == Opcode.IF) {
            value(I32);
        }
        code.op(opcode);
        if (parameters != null) {
            code.u32(module.types().indexOf(new FunctionType(parameters, results)));
        } else {
            code.op(results.isEmpty() ? WasmBuilder.EMPTY : results.getFirst().code());
            parameters = List.of();
        }
        labels.add(opcode == Opcode.LOOP ? parameters : results);
        depth++;
        inside(opcode, parameters, results);
        if (opcode == Opcode.IF && !(results.equals(parameters) && chance(2))) {
            code.op(Opcode.ELSE);
            inside(opcode, parameters, results);
        }
        depth--;
        labels.removeLast();
        code.op(Opcode.END);
    }

    private void inside(int opcode, List<ValueType> parameters, List<ValueType> results) {
        if (opcode == Opcode.LOOP) {
            takeFuel();
        }
        consume(parameters);
        statements();
        if (chance(12)) {
            exit();
            if (chance(2)) {
                return;
            }
        }
        values(results);
    }

    /** Leaves for good: what follows is dead. */
    private void exit() {
        switch (random.nextInt(6)) {
            case 0 -> {
                values(type.results());
                code.op(Opcode.RETURN);
            }
            case 1 -> tailCall();
            case 2 -> {
                int label = random.nextInt(labels.size());
                values(labels.reversed().get(label));
                index(4);
                code.op(Opcode.BR_TABLE).u32(0).u32(label);
            }
            case 3 -> {
                if (chance(8)) {
                    code.op(Opcode.UNREACHABLE);
                } else {
                    exit();
                }
            }
            default -> {
                // a few values more than the branch takes
                ValueType extra = RandomModule.NUMBERS[random.nextInt(4)];
                value(extra);
                int label = random.nextInt(labels.size());
                values(labels.reversed().get(label));
                code.op(Opcode.BR, label);
            }
        }
    }

    private void tailCall() {
        List<Integer> fitting = callable().stream()
                .filter(f -> module.functions().get(f).results().equals(type.results()))
                .toList();
        if (fitting.isEmpty()) {
            type.results().forEach(this::constant);
            code.op(Opcode.RETURN);
            return;
        }
        int function = pick(fitting);
        FunctionType callee = module.functions().get(function);
        values(callee.parameters());
        if (chance(3)) {
            indirectIndex(callee);
            code.op(Opcode.RETURN_CALL_INDIRECT, module.types().indexOf(callee)).u32(RandomModule.FUNCTION_TABLE);
        } else {
            code.op(Opcode.RETURN_CALL, function);
        }
    }

    private void conditionalExit() {
        value(I32);
        code.op(Opcode.IF).op(WasmBuilder.EMPTY);
        labels.add(List.of());
        depth++;
        statements();
        exit();
        depth--;
        labels.removeLast();
        code.op(Opcode.END);
    }

    private void branchIf() {
        int label = random.nextInt(labels.size());
        List<ValueType> taken = labels.reversed().get(label);
        values(taken);
        value(I32);
        code.op(Opcode.BR_IF, label);
        consume(taken);
    }

    /** In a block of its own, for what follows a br_table is dead. */
    private void branchTable() {
        code.op(Opcode.BLOCK).op(WasmBuilder.EMPTY);
        labels.add(List.of());
        List<ValueType> taken = labels.reversed().get(random.nextInt(labels.size()));
        List<Integer> fitting = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            if (labels.reversed().get(i).equals(taken)) {
                fitting.add(i);
            }
        }
        values(taken);
        index(8);
        int count = random.nextInt(8);
        code.op(Opcode.BR_TABLE).u32(count);
        for (int i = 0; i <= count; i++) {
            code.u32(pick(fitting));
        }
        labels.removeLast();
        code.op(Opcode.END);
    }

    private void severalValues() {
        FunctionType shape = pick(module.types());
        structured(shape.results());
        consume(shape.results());
    }

    private void arithmeticInPlace() {
        ValueType wanted = RandomModule.NUMBERS[random.nextInt(4)];
        int target = local(wanted);
        code.get(target);
        value(wanted);
        code.op(
                switch (wanted.kind()) {
                    case I32 -> 0x6a;
                    case I64 -> 0x7c;
                    case F32 -> 0x92;
                    default -> 0xa0;
                });
        canonical(wanted);
        code.op(Opcode.LOCAL_TEE, target).op(Opcode.LOCAL_SET, target);
    }

    private void countedLoop() {
        int counter = local(I32);
        code.i32(2 + random.nextInt(5)).set(counter);
        code.op(Opcode.LOOP).op(WasmBuilder.EMPTY);
        labels.add(List.of());
        takeFuel();
        depth++;
        statements();
        depth--;
        code.get(counter)
                .i32(1)
                .op(0x6b)
                .op(Opcode.LOCAL_TEE, counter)
                .i32(0)
                .op(0x4a)
                .op(Opcode.BR_IF, 0);
        labels.removeLast();
        code.op(Opcode.END);
    }

    /** A loop around a switch: most cases go on with the next turn, some fall through, some leave. */
    private void switchLoop() {
        int cases = 8 + random.nextInt(9);
        int step = local(I32);
        code.op(Opcode.LOOP).op(WasmBuilder.EMPTY);
        labels.add(List.of());
        takeFuel();
        code.get(step).i32(1 + random.nextInt(7)).op(0x6a).set(step);
        for (int i = 0; i <= cases; i++) {
            code.op(Opcode.BLOCK).op(WasmBuilder.EMPTY);
            labels.add(List.of());
        }
        code.get(step).i32(15).op(0x71);
        code.op(Opcode.BR_TABLE).u32(cases);
        for (int i = 0; i <= cases; i++) {
            code.u32(chance(4) ? random.nextInt(cases + 2) : i);
        }
        depth++;
        for (int i = 0; i < cases; i++) {
            labels.removeLast();
            code.op(Opcode.END);
            int target = local(I32);
            code.get(target).get(local(I32)).op(0x6a + random.nextInt(3)).set(target);
            if (chance(4)) {
                statement();
            }
            if (!chance(4)) {
                code.op(Opcode.BR).u32(chance(8) ? cases - 1 - i : cases - i);
            }
        }
        depth--;
        for (int i = 0; i < 2; i++) {
            labels.removeLast();
            code.op(Opcode.END);
        }
    }

    // ---- memory and tables --------------------------------------------------------------------------------------

    private void address() {
        value(I32);
        if (!chance(200)) {
            code.i32(0xfff8).op(0x71);
        }
    }

    /** Mostly below {@code size}. */
    private void index(int size) {
        value(I32);
        if (!chance(60)) {
            code.i32(size - 1).op(0x71);
        }
    }

    private void offset(int align) {
        code.u32(random.nextInt(align + 1));
        code.u32(chance(150) ? pick(List.of(65_535, 65_536, 0x7fff_ffff, 0x8000_0000, -1)) : random.nextInt(16));
    }

    private void store() {
        ValueType stored = RandomModule.NUMBERS[random.nextInt(4)];
        address();
        value(stored);
        switch (stored.kind()) {
            case I32 -> {
                int opcode = pick(List.of(0x36, 0x3a, 0x3b));
                code.op(opcode);
                offset(opcode == 0x36 ? 2 : opcode - 0x3a);
            }
            case I64 -> {
                int opcode = pick(List.of(0x37, 0x3c, 0x3d, 0x3e));
                code.op(opcode);
                offset(opcode == 0x37 ? 3 : opcode - 0x3c);
            }
            case F32 -> {
                code.op(0x38);
                offset(2);
            }
            default -> {
                code.op(0x39);
                offset(3);
            }
        }
    }

    private void load(ValueType wanted) {
        address();
        switch (wanted.kind()) {
            case I32 -> {
                int opcode = pick(List.of(0x28, 0x2c, 0x2d, 0x2e, 0x2f));
                code.op(opcode);
                offset(opcode == 0x28 ? 2 : (opcode - 0x2c) / 2);
            }
            case I64 -> {
                int opcode = pick(List.of(0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35));
                code.op(opcode);
                offset(opcode == 0x29 ? 3 : (opcode - 0x30) / 2);
            }
            case F32 -> {
                code.op(0x2a);
                offset(2);
            }
            default -> {
                code.op(0x2b);
                offset(3);
            }
        }
    }

    private void fc(int opcode) {
        code.op(Opcode.PREFIX_FC).u32(opcode);
    }

    private void bulkMemory() {
        int segment = chance(20) ? 0 : 1;
        switch (random.nextInt(5)) {
            case 0 -> {
                address();
                address();
                index(64);
                fc(Opcode.MEMORY_COPY);
                code.ops(0, 0);
            }
            case 1 -> {
                address();
                value(I32);
                index(64);
                fc(Opcode.MEMORY_FILL);
                code.op(0);
            }
            case 2, 3 -> {
                address();
                index(32);
                index(32);
                fc(Opcode.MEMORY_INIT);
                code.u32(segment).op(0);
            }
            default -> {
                if (chance(10)) {
                    fc(Opcode.DATA_DROP);
                    code.u32(segment);
                }
            }
        }
    }

    private void tableStatement() {
        int table = random.nextInt(2);
        ValueType element = table == RandomModule.FUNCTION_TABLE ? FUNCREF : EXTERNREF;
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                index(RandomModule.TABLE_SIZE);
                value(element);
                code.op(Opcode.TABLE_SET, table);
            }
            case 2 -> {
                index(8);
                value(element);
                index(4);
                fc(Opcode.TABLE_FILL);
                code.u32(table);
            }
            case 3 -> {
                index(8);
                index(8);
                index(8);
                fc(Opcode.TABLE_COPY);
                code.u32(table).u32(table);
            }
            case 4 -> {
                index(8);
                index(8);
                index(8);
                fc(Opcode.TABLE_INIT);
                code.u32(chance(20) ? 0 : 1).u32(RandomModule.FUNCTION_TABLE);
            }
            default -> {
                value(element);
                index(4);
                fc(Opcode.TABLE_GROW);
                code.u32(table);
                consume(List.of(I32));
            }
        }
    }

    // ---- values -------------------------------------------------------------------------------------------------

    private void value(ValueType wanted) {
        budget--;
        if (depth > DEEPEST || budget <= 0) {
            leaf(wanted);
            return;
        }
        depth++;
        if (wanted.isReference()) {
            reference(wanted);
        } else {
            number(wanted);
        }
        depth--;
    }

    private void leaf(ValueType wanted) {
        switch (random.nextInt(3)) {
            case 0 -> code.get(local(wanted));
            case 1 -> code.op(Opcode.GLOBAL_GET, global(wanted));
            default -> constant(wanted);
        }
    }

    private void constant(ValueType wanted) {
        switch (wanted.kind()) {
            case I32 -> code.i32(I32S[random.nextInt(I32S.length)]);
            case I64 -> code.i64(I64S[random.nextInt(I64S.length)]);
            case F32 -> code.f32(Float.floatToRawIntBits((float) FLOATS[random.nextInt(FLOATS.length)]));
            case F64 -> code.f64(Double.doubleToRawLongBits(FLOATS[random.nextInt(FLOATS.length)]));
            default -> {
                if (wanted == FUNCREF && !chance(3)) {
                    code.op(Opcode.REF_FUNC, pick(callable()));
                } else {
                    code.op(Opcode.REF_NULL).op(wanted.code());
                }
            }
        }
    }

    private void reference(ValueType wanted) {
        switch (random.nextInt(6)) {
            case 0 -> {
                index(RandomModule.TABLE_SIZE);
                code.op(Opcode.TABLE_GET, wanted == FUNCREF ? RandomModule.FUNCTION_TABLE : RandomModule.EXTERN_TABLE);
            }
            case 1 -> structured(List.of(wanted));
            case 2 -> {
                value(wanted);
                value(wanted);
                value(I32);
                code.op(Opcode.SELECT_TYPED).u32(1).op(wanted.code());
            }
            default -> leaf(wanted);
        }
    }

    private void number(ValueType wanted) {
        switch (random.nextInt(16)) {
            case 0, 1 -> leaf(wanted);
            case 2 -> {
                value(wanted);
                code.op(Opcode.LOCAL_TEE, local(wanted));
            }
            case 3, 4 -> unary(wanted);
            case 5, 6, 7 -> binary(wanted);
            case 8 -> load(wanted);
            case 9 -> {
                value(wanted);
                value(wanted);
                value(I32);
                code.op(Opcode.SELECT);
            }
            case 10 -> structured(List.of(wanted));
            case 11 -> callFor(wanted);
            case 12 -> branchWith(wanted);
            case 13 -> special(wanted);
            default -> convert(wanted);
        }
    }

    private void callFor(ValueType wanted) {
        List<Integer> fitting = callable().stream()
                .filter(f -> module.functions().get(f).results().contains(wanted))
                .toList();
        if (fitting.isEmpty()) {
            leaf(wanted);
            return;
        }
        int function = pick(fitting);
        FunctionType callee = module.functions().get(function);
        values(callee.parameters());
        if (chance(3)) {
            indirectIndex(callee);
            code.op(Opcode.CALL_INDIRECT, module.types().indexOf(callee)).u32(RandomModule.FUNCTION_TABLE);
        } else {
            code.op(Opcode.CALL, function);
        }
        int kept = callee.results().lastIndexOf(wanted);
        consume(callee.results().subList(kept + 1, callee.results().size()));
        int target = local(wanted);
        code.op(Opcode.LOCAL_SET, target);
        consume(callee.results().subList(0, kept));
        code.get(target);
    }

    /** A br_if that leaves its value on the stack when it is not taken. */
    private void branchWith(ValueType wanted) {
        List<Integer> fitting = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            if (labels.reversed().get(i).equals(List.of(wanted))) {
                fitting.add(i);
            }
        }
        value(wanted);
        if (!fitting.isEmpty()) {
            value(I32);
            code.op(Opcode.BR_IF, pick(fitting));
        }
    }

    private void special(ValueType wanted) {
        if (wanted != I32) {
            binary(wanted);
            return;
        }
        switch (random.nextInt(5)) {
            case 0 -> code.op(Opcode.MEMORY_SIZE).op(0);
            case 1 -> {
                value(I32);
                code.i32(1).op(0x71).op(Opcode.MEMORY_GROW).op(0);
            }
            case 2 -> {
                fc(Opcode.TABLE_SIZE);
                code.u32(random.nextInt(2));
            }
            default -> {
                value(chance(2) ? FUNCREF : EXTERNREF);
                code.op(Opcode.REF_IS_NULL);
            }
        }
    }

    private void unary(ValueType wanted) {
        value(wanted);
        switch (wanted.kind()) {
            case I32 -> code.op(pick(List.of(0x67, 0x68, 0x69, 0xc0, 0xc1, 0x45)));
            case I64 -> code.op(pick(List.of(0x79, 0x7a, 0x7b, 0xc2, 0xc3, 0xc4)));
            case F32 -> code.op(0x8b + random.nextInt(7));
            default -> code.op(0x99 + random.nextInt(7));
        }
        canonical(wanted);
    }

    private void binary(ValueType wanted) {
        if (wanted == I32 && chance(2)) {
            compare();
            return;
        }
        value(wanted);
        value(wanted);
        int opcode = switch (wanted.kind()) {
            case I32 -> 0x6a + random.nextInt(15);
            case I64 -> 0x7c + random.nextInt(15);
            case F32 -> 0x92 + random.nextInt(7);
            default -> 0xa0 + random.nextInt(7);
        };
        if (opcode >= 0x6d && opcode <= 0x70 && !chance(100)) {
            code.i32(1).op(0x72);
        } else if (opcode >= 0x7f && opcode <= 0x82 && !chance(100)) {
            code.i64(1).op(0x84);
        }
        code.op(opcode);
        canonical(wanted);
    }

    private void compare() {
        switch (random.nextInt(5)) {
            case 0 -> {
                value(I64);
                code.op(0x50);
            }
            case 1 -> both(I32, 0x46 + random.nextInt(10));
            case 2 -> both(I64, 0x51 + random.nextInt(10));
            case 3 -> both(F32, 0x5b + random.nextInt(6));
            default -> both(F64, 0x61 + random.nextInt(6));
        }
    }

    private void both(ValueType operands, int opcode) {
        value(operands);
        value(operands);
        code.op(opcode);
    }

    private void convert(ValueType wanted) {
        switch (wanted.kind()) {
            case I32 -> toI32();
            case I64 -> toI64();
            case F32 -> toF32();
            default -> toF64();
        }
    }

    private void toF32() {
        switch (random.nextInt(6)) {
            case 0 -> from(I32, 0xb2);
            case 1 -> from(I32, 0xb3);
            case 2 -> from(I64, 0xb4);
            case 3 -> from(I64, 0xb5);
            case 4 -> {
                from(F64, 0xb6);
                canonical(F32);
            }
            default -> from(I32, 0xbe);
        }
    }

    private void toF64() {
        switch (random.nextInt(6)) {
            case 0 -> from(I32, 0xb7);
            case 1 -> from(I32, 0xb8);
            case 2 -> from(I64, 0xb9);
            case 3 -> from(I64, 0xba);
            case 4 -> {
                from(F32, 0xbb);
                canonical(F64);
            }
            default -> from(I64, 0xbf);
        }
    }

    private void from(ValueType operand, int opcode) {
        value(operand);
        code.op(opcode);
    }

    private void toI32() {
        switch (random.nextInt(8)) {
            case 3 -> from(F32, 0xbc);
            case 4 -> saturate(F32, random.nextInt(2));
            case 5 -> saturate(F64, 2 + random.nextInt(2));
            default -> from(I64, 0xa7);
        }
    }

    private void toI64() {
        switch (random.nextInt(7)) {
            case 0, 1 -> from(I32, 0xac);
            case 2 -> from(I32, 0xad);
            case 3 -> from(F64, 0xbd);
            case 4 -> saturate(F32, 4 + random.nextInt(2));
            default -> saturate(F64, 6 + random.nextInt(2));
        }
    }

    private void saturate(ValueType operand, int opcode) {
        value(operand);
        if (chance(40)) {
            // the trapping twin: 0xa8 to 0xab and 0xae to 0xb1 in the same order
            code.op(opcode < 4 ? 0xa8 + opcode : 0xae + opcode - 4);
        } else {
            fc(opcode);
        }
    }

    /** Makes 0 of a NaN whose bits the specification leaves open. */
    private void canonical(ValueType produced) {
        if (produced == F32) {
            code.op(Opcode.LOCAL_TEE, f32Scratch)
                    .f32(0)
                    .get(f32Scratch)
                    .get(f32Scratch)
                    .ops(0x5b, Opcode.SELECT);
        } else if (produced == F64) {
            code.op(Opcode.LOCAL_TEE, f64Scratch)
                    .f64(0)
                    .get(f64Scratch)
                    .get(f64Scratch)
                    .ops(0x61, Opcode.SELECT);
        }
    }
}
