package io.selvage.bench;

import io.selvage.wasm.Engine;
import io.selvage.wasm.Imports;
import io.selvage.wasm.Instance;
import io.selvage.wasm.LinkedModule;
import io.selvage.wasm.Module;
import io.selvage.wasm.RunLimits;
import io.selvage.wasm.text.WebAssemblyText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Measures what comes before a guest's first instruction: a new instance of a module in use, the first call into a
 * module that was never seen, and a large file in a new process, beside V8.
 */
final class Loading {
    private static final int INSTANCES = 20_000;
    private static final int MODULES = 300;
    private static final int PROCESSES = 7;

    private Loading() {}

    /**
     * Takes the folder of the traces of bench/real.sh, and perhaps a large module that exports {@code _start}.
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path traces = Path.of(args[0]);
        System.out.printf("%-44s %12s %12s%n", "median", "Selvage", "V8");
        instance();
        first(traces.resolve("markdown.wasm"), "e");
        first(traces.resolve("png.wasm"), "__wbindgen_malloc");
        if (args.length > 1) {
            file(Path.of(args[1]));
        }
    }

    private static void instance() throws IOException, InterruptedException {
        byte[] binary = WebAssemblyText.parse(Files.readString(Path.of("bench/load/instance.wat")));
        Path file = Files.createTempFile("instance", ".wasm");
        Files.write(file, binary);
        LinkedModule module = Engine.create().load(binary).link(Imports.none());
        long[] times = new long[INSTANCES];
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < INSTANCES; i++) {
                long start = System.nanoTime();
                Instance instance = module.instantiate(RunLimits.none());
                instance.function("run").orElseThrow().call();
                times[i] = System.nanoTime() - start;
                instance.release();
            }
        }
        row("new instance, 1.1 MB, and its first call", times, v8("instance", file.toString(), "5000"));
        Files.delete(file);
    }

    private static void first(Path file, String export) throws IOException, InterruptedException {
        byte[] binary = Files.readAllBytes(file);
        long[] times = new long[MODULES];
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < MODULES; i++) {
                byte[] unseen = withNumber(binary, round * MODULES + i);
                long start = System.nanoTime();
                Module module = Engine.create().load(unseen);
                Instance instance =
                        module.instantiate(Imports.builder().stubMissing().build());
                io.selvage.wasm.Function function = instance.function(export).orElseThrow();
                Object[] arguments = new Object[function.type().parameters().size()];
                Arrays.setAll(arguments, k -> k == 0 ? 64 : 8);
                function.call(arguments);
                times[i] = System.nanoTime() - start;
            }
        }
        row(
                "first call into %s, %d KB, unseen".formatted(file.getFileName(), binary.length / 1024),
                times,
                v8("first", file.toString(), export, String.valueOf(MODULES)));
    }

    /** The module with a custom section that makes it another one. */
    private static byte[] withNumber(byte[] binary, int number) {
        byte[] other = Arrays.copyOf(binary, binary.length + 8);
        byte[] section = {0, 6, 1, 'x', (byte) number, (byte) (number >> 8), (byte) (number >> 16), 0};
        System.arraycopy(section, 0, other, binary.length, section.length);
        return other;
    }

    private static void file(Path file) throws IOException, InterruptedException {
        Path cache = Files.createTempDirectory("code");
        long[] cold = new long[PROCESSES];
        long[] cached = new long[PROCESSES];
        long[] v8 = new long[PROCESSES];
        run(file, "off");
        for (int i = 0; i < PROCESSES; i++) {
            cold[i] = run(file, "off");
            run(file, cache.toString());
            cached[i] = run(file, cache.toString());
            v8[i] = v8("file", file.toString())[0];
        }
        String size = "%.1f MB".formatted(Files.size(file) / 1e6);
        row("file to _start, new process, " + size, cold, v8);
        row("the same with the cache on disk", cached, v8);
        try (Stream<Path> files = Files.list(cache)) {
            for (Path entry : files.toList()) {
                Files.delete(entry);
            }
        }
        Files.delete(cache);
    }

    /** The nanoseconds from the file to where {@code _start} can be entered. */
    private static long run(Path file, String cache) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                "./selvage", "wasm", "run", "--stub-imports", "--json", "--invoke", "_start", file.toString());
        builder.environment().put("SELVAGE_CODE_CACHE", cache);
        String json = output(builder);
        return number(json, "compile_ns") + number(json, "instantiate_ns");
    }

    private static long number(String json, String key) {
        int at = json.indexOf("\"" + key + "\":");
        if (at < 0) {
            throw new BenchmarkException("no " + key + " in: " + json);
        }
        int from = at + key.length() + 3;
        int to = from;
        while (to < json.length() && Character.isDigit(json.charAt(to))) {
            to++;
        }
        return Long.parseLong(json, from, to, 10);
    }

    private static long[] v8(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(Stream.concat(Stream.of("node", "bench/load/v8.mjs"), Arrays.stream(arguments))
                        .toList());
        return output(builder).lines().mapToLong(Long::parseLong).toArray();
    }

    private static String output(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private static void row(String what, long[] selvage, long[] v8) {
        System.out.printf(Locale.ROOT, "%-44s %9.3f ms %9.3f ms%n", what, median(selvage) / 1e6, median(v8) / 1e6);
    }

    private static double median(long[] times) {
        long[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
