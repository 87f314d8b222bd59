package io.selvage.wasm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Compares the engine with Node's V8 on random valid modules, for as long as one likes; {@code wasm/fuzz.sh} starts it.
 *
 * <p>Each module comes from one seed: of every eight, one is made by Binaryen's {@code wasm-opt -ttf} from random bytes,
 * which takes a process, and seven by {@link RandomModule}. What differs is kept in a folder, named by its seed.
 */
final class Fuzz {
    private static final int REPORT_EVERY = 1_000;
    private static final int BINARYEN_EVERY = 8;
    /** A fresh process now and then keeps V8's memory small. */
    private static final int MODULES_PER_V8 = 5_000;

    private static final long STACK_BYTES = 64L << 20;
    private static final String[] OPTIMISATIONS = {"-O0", "-O0", "-O1", "-O2", "-O3", "-Os", "--flatten", "--vacuum"};

    private final Path script;
    private final Path kept;
    private final int calls;
    private final Path work = Files.createTempDirectory("selvage-fuzz");
    private final ExecutorService guests = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("guest").stackSize(STACK_BYTES).factory());
    private int modules;
    private int byBinaryen;
    private long lines;
    private long traps;
    private int refused;
    private int exhausted;
    private int disputed;
    private int different;

    private Fuzz(Path script, Path kept, int calls) throws IOException {
        this.script = script;
        this.kept = kept;
        this.calls = calls;
    }

    /**
     * Runs.
     *
     * @param arguments {@code --minutes N --modules N --seed S --calls N --scripts FOLDER --keep FOLDER}
     */
    public static void main(String[] arguments) throws Exception {
        double minutes = Double.NaN;
        long most = Long.MAX_VALUE;
        long seed = 1;
        int calls = 0;
        Path scripts = Path.of("wasm/src/test/fuzz");
        Path kept = Path.of("wasm/target/fuzz");
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--minutes" -> minutes = Double.parseDouble(arguments[i + 1]);
                case "--modules" -> most = Long.parseLong(arguments[i + 1]);
                case "--seed" -> seed = Long.parseLong(arguments[i + 1]);
                case "--calls" -> calls = Integer.parseInt(arguments[i + 1]);
                case "--scripts" -> scripts = Path.of(arguments[i + 1]);
                case "--keep" -> kept = Path.of(arguments[i + 1]);
                default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
            }
        }
        if (Double.isNaN(minutes)) {
            minutes = most == Long.MAX_VALUE ? 1 : TimeUnit.DAYS.toMinutes(365);
        }
        System.exit(new Fuzz(scripts.resolve("v8.mjs"), kept, calls).run(minutes, most, seed));
    }

    private int run(double minutes, long most, long firstSeed) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long end = start + (long) (minutes * TimeUnit.MINUTES.toNanos(1));
        try (guests) {
            while (modules < most && System.nanoTime() - end < 0) {
                try (V8Process v8 = new V8Process(script)) {
                    do {
                        compare(v8, firstSeed + modules);
                        if (modules % REPORT_EVERY == 0) {
                            report(firstSeed, start);
                        }
                    } while (modules % MODULES_PER_V8 != 0 && modules < most && System.nanoTime() - end < 0);
                }
            }
        } finally {
            Files.deleteIfExists(work.resolve("input"));
            Files.deleteIfExists(work.resolve("module"));
            Files.delete(work);
        }
        report(firstSeed, start);
        return different == 0 ? 0 : 1;
    }

    private void report(long firstSeed, long start) {
        long seconds = Math.max(1, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
        System.out.println("seeds " + firstSeed + " to " + (firstSeed + modules - 1) + ": " + modules + " modules ("
                + modules / seconds + " a second, " + byBinaryen + " by Binaryen), " + lines + " events compared, "
                + traps + " traps, " + exhausted + " cut short by the stack, " + refused + " refused by both, "
                + disputed + " disputed within V8, " + different + " different");
    }

    private byte[] generate(long seed) throws IOException, InterruptedException {
        if (seed % BINARYEN_EVERY != 0) {
            return RandomModule.of(seed);
        }
        SplittableRandom random = new SplittableRandom(seed);
        byte[] bytes = new byte[1_000 + random.nextInt(20_000)];
        random.nextBytes(bytes);
        Path input = work.resolve("input");
        Path module = work.resolve("module");
        Files.write(input, bytes);
        command(
                "wasm-opt",
                "-ttf",
                input.toString(),
                "-o",
                module.toString(),
                "--denan",
                OPTIMISATIONS[random.nextInt(OPTIMISATIONS.length)],
                "--enable-bulk-memory",
                "--enable-sign-ext",
                "--enable-nontrapping-float-to-int",
                "--enable-mutable-globals",
                "--enable-multivalue",
                "--enable-tail-call");
        byBinaryen++;
        return Files.readAllBytes(module);
    }

    private static void command(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException(words[0] + " did not end");
        }
        if (process.exitValue() != 0) {
            throw new IOException(words[0] + " failed: exit code " + process.exitValue() + " of " + List.of(words));
        }
    }

    private void compare(V8Process v8, long seed) throws IOException, InterruptedException {
        byte[] module = generate(seed);
        v8.run(module, calls);
        String actual = transcript(module);
        String expected = v8.transcript();
        modules++;
        if (expected.startsWith("refused") && actual.startsWith("refused")) {
            refused++;
            return;
        }
        lines += expected.lines().count();
        traps += expected.lines().filter(line -> line.contains("= trap")).count();
        if (same(expected, actual)) {
            return;
        }
        if (same(optimised(module), actual)) {
            disputed++;
            System.out.println(
                    "DISPUTED: seed " + seed + ": V8's own compilers differ, the engine does as the optimising one");
            return;
        }
        different++;
        Files.createDirectories(kept);
        Files.write(kept.resolve(seed + ".wasm"), module);
        Files.writeString(kept.resolve(seed + ".txt"), expected);
        Files.writeString(kept.resolve(seed + ".engine.txt"), actual);
        System.out.println("DIFFERENT: seed " + seed + ", kept as " + kept.resolve(seed + ".wasm") + "; "
                + firstDifference(expected, actual));
    }

    /** What V8 makes of a module without its baseline compiler. */
    private String optimised(byte[] module) throws IOException {
        try (V8Process v8 = new V8Process(script, "--no-liftoff")) {
            v8.run(module, calls);
            return v8.transcript();
        }
    }

    /** The same up to where one of both ran out of stack: how deep it is, is each engine's own affair. */
    private boolean same(String expected, String actual) {
        if (expected.equals(actual)) {
            return true;
        }
        List<String> left = expected.lines().toList();
        List<String> right = actual.lines().toList();
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            if (left.get(i).endsWith("trap STACK") || right.get(i).endsWith("trap STACK")) {
                exhausted++;
                return true;
            }
            if (!left.get(i).equals(right.get(i))) {
                return exhaustsLater(left, right, i);
            }
        }
        return false;
    }

    /** Whether the difference at {@code index} comes from the calls before the stack ran out in the same export. */
    private boolean exhaustsLater(List<String> left, List<String> right, int index) {
        for (List<String> side : List.of(left, right)) {
            var answer = side.stream()
                    .skip(index)
                    .filter(line -> line.contains(" = "))
                    .findFirst();
            if (answer.isPresent() && answer.get().endsWith("trap STACK")) {
                exhausted++;
                return true;
            }
        }
        return false;
    }

    private static String firstDifference(String expected, String actual) {
        List<String> left = expected.lines().toList();
        List<String> right = actual.lines().toList();
        int i = 0;
        while (i < left.size() && i < right.size() && left.get(i).equals(right.get(i))) {
            i++;
        }
        return "V8: " + (i < left.size() ? left.get(i) : "(end)") + ", engine: "
                + (i < right.size() ? right.get(i) : "(end)");
    }

    private String transcript(byte[] binary) throws InterruptedException {
        Future<String> task = guests.submit(() -> Transcript.of(binary, calls));
        try {
            return task.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            StackTraceElement[] stack = cause.getStackTrace();
            return "the engine failed: " + cause + (stack.length == 0 ? "" : " at " + stack[0]) + "\n";
        }
    }
}
