package io.selvage.wasm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Runs a module in a fixed way and writes down what it does, in the words of {@code src/test/fuzz/v8.mjs}, its twin:
 * every call's results or trap, every call of the host, and at the end the memories, globals and tables.
 */
final class Transcript {
    private static final int MOST_LINES = 5_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int[] I32S = {0, 1, -1, 2, 7, 31, 255, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, 1_000};
    private static final long[] I64S = {
        0, 1, -1, 2, 63, 0xffff_ffffL, 0x1_0000_0000L, Long.MAX_VALUE, Long.MIN_VALUE, 1_000
    };
    private static final double[] FLOATS = {
        0,
        -0.0,
        1,
        -1,
        0.5,
        1.5,
        1_000.25,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        16_777_216,
        2_147_483_648.0,
        -2_147_483_648.5
    };

    private final Module module;
    private final int calls;
    private final List<String> lines = new ArrayList<>();
    private int random = 0x9e37_79b9;
    private boolean folding;
    private int hash;

    private Transcript(Module module, int calls) {
        this.module = module;
        this.calls = calls;
    }

    /** What the module does, one event a line. */
    static String of(byte[] binary) {
        return of(binary, 0);
    }

    /**
     * What the module does, one event a line.
     *
     * @param calls how often each function is called once more, with one line for all these calls
     */
    static String of(byte[] binary, int calls) {
        Module module;
        try {
            module = Engine.create().load(binary);
        } catch (WasmException e) {
            return "refused " + e.getMessage() + "\n";
        }
        Transcript transcript = new Transcript(module, calls);
        transcript.run();
        return String.join("\n", transcript.lines) + "\n";
    }

    private void run() {
        Instance[] made = new Instance[1];
        boolean goOn = attempt("instantiate", () -> {
            made[0] = module.link(imports()).instantiate(RunLimits.none().withWall(PATIENCE));
            return "ok";
        });
        if (!goOn || made[0] == null) {
            return;
        }
        Instance instance = made[0];
        List<ExportDescriptor> functions = module.exports().stream()
                .filter(export ->
                        export.type() instanceof FunctionType && !export.name().equals("hangLimitInitializer"))
                .toList();
        for (int round = 0; round < 2; round++) {
            for (ExportDescriptor export : functions) {
                if (!call(instance, export)) {
                    return;
                }
            }
        }
        if (calls > 0 && !functions.stream().allMatch(export -> callOften(instance, export))) {
            return;
        }
        module.exports().forEach(export -> state(instance, export));
    }

    private boolean callOften(Instance instance, ExportDescriptor export) {
        hash = 0;
        folding = true;
        boolean goOn = true;
        for (int i = 0; i < calls && goOn; i++) {
            goOn = call(instance, export);
        }
        folding = false;
        line(export.name() + " again = " + (goOn ? String.valueOf(hash) : "trap STACK"));
        return goOn;
    }

    private boolean call(Instance instance, ExportDescriptor export) {
        String name = export.name();
        FunctionType type = (FunctionType) export.type();
        @Nullable
        Object[] arguments = type.parameters().stream().map(this::value).toArray();
        instance.function("hangLimitInitializer").ifPresent(Function::call);
        return attempt(name, () -> {
            @Nullable Object[] results = instance.function(name).orElseThrow().call(arguments);
            return Arrays.stream(results).map(Transcript::show).collect(Collectors.joining(" "));
        });
    }

    private void state(Instance instance, ExportDescriptor export) {
        switch (instance.export(export.name()).orElseThrow()) {
            case Memory memory -> {
                CRC32 crc = new CRC32();
                crc.update(memory.bytes(), 0, memory.size());
                line("memory " + export.name() + " " + memory.pages() + " " + Long.toHexString(crc.getValue()));
            }
            case Global global -> line("global " + export.name() + " " + show(global.get()));
            case Table table ->
                line("table " + export.name() + " " + table.size() + " "
                        + IntStream.range(0, table.size())
                                .filter(i -> table.get(i) != null)
                                .count());
            case Function _, Tag _ -> {}
        }
    }

    private Imports imports() {
        Imports.Builder builder = Imports.builder();
        for (ImportDescriptor needed : module.imports()) {
            if (needed.type() instanceof FunctionType type) {
                HostFunction function = HostFunction.of(type, (_, arguments) -> host(needed.name(), type, arguments));
                builder.function(needed.module(), needed.name(), function);
            }
        }
        return builder.build();
    }

    private @Nullable Object[] host(String name, FunctionType type, @Nullable Object[] arguments) {
        line(name + " " + Arrays.stream(arguments).map(Transcript::show).collect(Collectors.joining(" ")));
        return type.results().stream().map(this::value).toArray();
    }

    private boolean attempt(String name, java.util.function.Supplier<String> action) {
        try {
            line(name + " = " + action.get());
            return true;
        } catch (Trap trap) {
            line(name + " = trap " + kind(trap));
            return trap.kind() != Trap.Kind.CALL_STACK_EXHAUSTED;
        }
    }

    private static String kind(Trap trap) {
        return switch (trap.kind()) {
            case UNREACHABLE -> "UNREACHABLE";
            case MEMORY_OUT_OF_BOUNDS -> "MEMORY";
            case TABLE_OUT_OF_BOUNDS, UNDEFINED_ELEMENT -> "TABLE";
            case UNINITIALIZED_ELEMENT, INDIRECT_CALL_TYPE_MISMATCH -> "INDIRECT";
            case INTEGER_DIVIDE_BY_ZERO -> "DIVIDE_BY_ZERO";
            case INTEGER_OVERFLOW, INVALID_CONVERSION_TO_INTEGER -> "NUMBER";
            case CALL_STACK_EXHAUSTED -> "STACK";
            default -> trap.kind() + " " + trap.getMessage();
        };
    }

    /** Keeps a line, or while each function is called very often, just the hash of all of them. */
    private void line(String text) {
        if (folding) {
            hash = 31 * hash + text.stripTrailing().hashCode();
        } else if (lines.size() < MOST_LINES) {
            lines.add(text.stripTrailing());
        }
    }

    private int next() {
        int x = random;
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        random = x;
        return x & 0x7fff_ffff;
    }

    private @Nullable Object value(ValueType type) {
        int n = next();
        return switch (type.kind()) {
            case I32 -> I32S[n % I32S.length];
            case I64 -> I64S[n % I64S.length];
            case F32 -> (float) FLOATS[n % FLOATS.length];
            case F64 -> FLOATS[n % FLOATS.length];
            default -> null;
        };
    }

    private static String show(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Float number -> number.isNaN() ? "nan" : "0x" + Integer.toHexString(Float.floatToRawIntBits(number));
            case Double number -> number.isNaN() ? "nan" : "0x" + Long.toHexString(Double.doubleToRawLongBits(number));
            case Function _ -> "func";
            case Integer _, Long _ -> value.toString();
            default -> "extern";
        };
    }
}
