package io.selvage.wasm;

import io.selvage.wasm.WasmBuilder.Code;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A random valid module from a seed, dense with what Binaryen's generator makes seldom: blocks with parameters, branches
 * with many values, tables, references, tail calls, bulk memory.
 *
 * <p>It ends: every function and loop takes one from a global, which {@code hangLimitInitializer} sets, and returns when it
 * is used up. It shows no NaN's bits but those that the specification defines.
 */
final class RandomModule {
    /** How many functions and loops may begin in one call from outside. */
    private static final int FUEL = 400;

    static final ValueType[] NUMBERS = {ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64};
    static final ValueType[] ALL = {
        ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64, ValueType.FUNCREF, ValueType.EXTERNREF
    };
    /** The global that counts down is behind the others, which are one of each of {@link #ALL}, in order. */
    static final int FUEL_GLOBAL = ALL.length;

    static final int FUNCTION_TABLE = 0;
    static final int EXTERN_TABLE = 1;
    static final int TABLE_SIZE = 16;
    static final int SEGMENTS = 2;

    /** The types that most modules take theirs from: a type that the engine has not seen costs it a millisecond. */
    private static final List<FunctionType> POOL = pool();

    private final SplittableRandom random;
    private final List<FunctionType> types = new ArrayList<>();
    /** The type of each function, imported ones first. */
    private final List<FunctionType> functions = new ArrayList<>();

    private int imported;
    private final boolean large;

    private RandomModule(long seed) {
        random = new SplittableRandom(seed);
        large = (seed & 15) == 15;
    }

    /** Whether its functions get so much straight code that they do not fit in a JVM method. */
    boolean large() {
        return large;
    }

    static byte[] of(long seed) {
        return new RandomModule(seed).build();
    }

    List<FunctionType> types() {
        return types;
    }

    List<FunctionType> functions() {
        return functions;
    }

    private byte[] build() {
        types.add(FunctionType.of());
        for (int i = 0; i < 10; i++) {
            int mostResults = i < 4 ? 1 : 3;
            types.add(random.nextInt(100) == 0 ? randomType(random, mostResults) : pooled(mostResults));
        }
        for (ValueType type : ALL) {
            types.add(FunctionType.of(type).returning(type));
        }
        imported = 2;
        functions.add(numbersOnly());
        functions.add(numbersOnly());
        int own = 3 + random.nextInt(8);
        for (int i = 0; i < own; i++) {
            functions.add(types.get(random.nextInt(types.size())));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        section(out, 1, typeSection());
        section(out, 2, importSection());
        section(out, 3, functionSection());
        section(out, 4, new Code().ops(2, 0x70, 1, TABLE_SIZE, TABLE_SIZE + 4, 0x6f, 1, TABLE_SIZE, TABLE_SIZE + 4));
        section(out, 5, new Code().ops(1, 1, 1, 3));
        section(out, 6, globalSection());
        section(out, 7, exportSection());
        section(out, 9, elementSection());
        section(out, 12, new Code().u32(SEGMENTS));
        section(out, 10, codeSection());
        section(out, 11, dataSection());
        return out.toByteArray();
    }

    private static List<FunctionType> pool() {
        SplittableRandom random = new SplittableRandom(1);
        List<FunctionType> pool = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            pool.add(randomType(random, i % 2 == 0 ? 1 : 3));
        }
        return pool;
    }

    private FunctionType pooled(int mostResults) {
        FunctionType type;
        do {
            type = POOL.get(random.nextInt(POOL.size()));
        } while (type.results().size() > mostResults);
        return type;
    }

    private static FunctionType randomType(SplittableRandom random, int mostResults) {
        return new FunctionType(randomTypes(random, 4), randomTypes(random, mostResults));
    }

    private static List<ValueType> randomTypes(SplittableRandom random, int most) {
        List<ValueType> list = new ArrayList<>();
        int count = random.nextInt(most + 1);
        for (int i = 0; i < count; i++) {
            list.add(
                    random.nextInt(10) == 0
                            ? ALL[random.nextInt(ALL.length)]
                            : NUMBERS[random.nextInt(NUMBERS.length)]);
        }
        return list;
    }

    private FunctionType numbersOnly() {
        FunctionType type;
        do {
            type = types.get(random.nextInt(types.size()));
        } while (type.results().stream().anyMatch(ValueType::isReference));
        return type;
    }

    private Code typeSection() {
        Code section = new Code().u32(types.size());
        for (FunctionType type : types) {
            section.op(0x60).u32(type.parameters().size());
            type.parameters().forEach(parameter -> section.op(parameter.code()));
            section.u32(type.results().size());
            type.results().forEach(result -> section.op(result.code()));
        }
        return section;
    }

    private Code importSection() {
        Code section = new Code().u32(imported);
        for (int i = 0; i < imported; i++) {
            name(name(section, "host"), "log" + i).op(0, types.indexOf(functions.get(i)));
        }
        return section;
    }

    private Code functionSection() {
        Code section = new Code().u32(functions.size() - imported + 1);
        functions.stream().skip(imported).forEach(type -> section.u32(types.indexOf(type)));
        return section.u32(0);
    }

    private Code globalSection() {
        Code section = new Code().u32(ALL.length + 1);
        for (ValueType type : ALL) {
            section.ops(type.code(), 1);
            constant(section, type).op(Opcode.END);
        }
        return section.ops(ValueType.I32.code(), 1).i32(FUEL).op(Opcode.END);
    }

    private static Code constant(Code code, ValueType type) {
        return switch (type.kind()) {
            case I32 -> code.i32(5);
            case I64 -> code.i64(-6);
            case F32 -> code.f32(Float.floatToRawIntBits(1.5f));
            case F64 -> code.f64(Double.doubleToRawLongBits(-2.5));
            default -> code.op(Opcode.REF_NULL).op(type.code());
        };
    }

    private Code exportSection() {
        Code section = new Code().u32(functions.size() - imported + 1 + 1 + 2 + NUMBERS.length);
        for (int i = imported; i < functions.size(); i++) {
            name(section, "f" + i).op(0, i);
        }
        name(section, "hangLimitInitializer").op(0, functions.size());
        name(section, "memory").op(2, 0);
        name(section, "functions").op(1, FUNCTION_TABLE);
        name(section, "externs").op(1, EXTERN_TABLE);
        for (int i = 0; i < NUMBERS.length; i++) {
            name(section, "g" + i).op(3, i);
        }
        return section;
    }

    /** Segment 0 fills the table, 1 is passive; both name all functions in turn. */
    private Code elementSection() {
        Code section = new Code().u32(SEGMENTS).op(0).i32(0).op(Opcode.END).u32(TABLE_SIZE - 4);
        for (int i = 0; i < TABLE_SIZE - 4; i++) {
            section.u32(i % functions.size());
        }
        section.ops(1, 0).u32(TABLE_SIZE);
        for (int i = 0; i < TABLE_SIZE; i++) {
            section.u32((i + 3) % functions.size());
        }
        return section;
    }

    private Code codeSection() {
        Code section = new Code().u32(functions.size() - imported + 1);
        for (int i = imported; i < functions.size(); i++) {
            body(section, new RandomBody(random, this, functions.get(i)).code());
        }
        Code reset =
                new Code().u32(0).i32(FUEL).op(Opcode.GLOBAL_SET, FUEL_GLOBAL).op(Opcode.END);
        body(section, reset);
        return section;
    }

    private static void body(Code section, Code body) {
        section.u32(body.size());
        section.bytes(body.toByteArray());
    }

    private Code dataSection() {
        byte[] active = new byte[64];
        byte[] passive = new byte[64];
        random.nextBytes(active);
        random.nextBytes(passive);
        Code section = new Code().u32(SEGMENTS).op(0).i32(100).op(Opcode.END).u32(active.length);
        section.bytes(active).op(1).u32(passive.length);
        return section.bytes(passive);
    }

    private static Code name(Code section, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return section.u32(bytes.length).bytes(bytes);
    }

    private static void section(ByteArrayOutputStream out, int id, Code contents) {
        Code head = new Code().op(id).u32(contents.size());
        out.writeBytes(head.toByteArray());
        out.writeBytes(contents.toByteArray());
    }
}
