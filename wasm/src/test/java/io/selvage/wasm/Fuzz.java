package io.selvage.wasm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Compares the engine with Node's V8 on random valid modules, for as long as one likes; {@code wasm/fuzz.sh} starts it.
 *
 * <p>Each module comes from one seed: an even seed makes one with Binaryen's {@code wasm-opt -ttf} from random bytes, an
 * odd one with {@link RandomModule}. What differs is kept in a folder, named by its seed.
 */
final class Fuzz {
    private static final int BATCH = 200;
    private static final long STACK_BYTES = 64L << 20;
    private static final String[] OPTIMISATIONS = {"-O0", "-O0", "-O1", "-O2", "-O3", "-Os", "--flatten", "--vacuum"};

    private final Path scripts;
    private final Path kept;
    private final Path work = Files.createTempDirectory("selvage-fuzz");
    private int modules;
    private int lines;
    private int traps;
    private int refused;
    private int exhausted;
    private int different;

    private Fuzz(Path scripts, Path kept) throws IOException {
        this.scripts = scripts;
        this.kept = kept;
    }

    /**
     * Runs.
     *
     * @param arguments {@code --minutes N --seed S --scripts FOLDER --keep FOLDER}
     */
    public static void main(String[] arguments) throws Exception {
        double minutes = 1;
        long seed = 1;
        Path scripts = Path.of("wasm/src/test/fuzz");
        Path kept = Path.of("wasm/target/fuzz");
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--minutes" -> minutes = Double.parseDouble(arguments[i + 1]);
                case "--seed" -> seed = Long.parseLong(arguments[i + 1]);
                case "--scripts" -> scripts = Path.of(arguments[i + 1]);
                case "--keep" -> kept = Path.of(arguments[i + 1]);
                default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
            }
        }
        System.exit(new Fuzz(scripts, kept).run(minutes, seed));
    }

    private int run(double minutes, long firstSeed) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long end = start + (long) (minutes * TimeUnit.MINUTES.toNanos(1));
        long seed = firstSeed;
        try {
            while (System.nanoTime() - end < 0) {
                batch(seed);
                seed += BATCH;
                long seconds = Math.max(1, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
                System.out.println("seeds " + firstSeed + " to " + (seed - 1) + ": " + modules + " modules ("
                        + modules * 60L / seconds + " a minute), " + lines + " events compared, " + traps + " traps, "
                        + exhausted + " cut short by the stack, " + refused + " refused by both, " + different
                        + " different");
            }
        } finally {
            clear();
            Files.delete(work);
        }
        return different == 0 ? 0 : 1;
    }

    private void batch(long seed) throws IOException, InterruptedException {
        clear();
        for (long s = seed; s < seed + BATCH; s++) {
            generate(s);
        }
        command(
                "node",
                "--experimental-wasm-type-reflection",
                "--experimental-wasm-extended-const",
                scripts.resolve("v8.mjs").toString(),
                work.toString());
        for (long s = seed; s < seed + BATCH; s++) {
            compare(s);
        }
    }

    private void generate(long seed) throws IOException, InterruptedException {
        Path module = work.resolve(seed + ".wasm");
        if (seed % 2 != 0) {
            Files.write(module, RandomModule.of(seed));
            return;
        }
        SplittableRandom random = new SplittableRandom(seed);
        byte[] bytes = new byte[1_000 + random.nextInt(20_000)];
        random.nextBytes(bytes);
        Path input = work.resolve("input");
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

    private void compare(long seed) throws IOException, InterruptedException {
        Path module = work.resolve(seed + ".wasm");
        String expected = Files.readString(work.resolve(seed + ".v8"));
        String actual = transcript(Files.readAllBytes(module));
        modules++;
        if (expected.startsWith("refused") && actual.startsWith("refused")) {
            refused++;
            return;
        }
        lines += (int) expected.lines().count();
        traps += (int) expected.lines().filter(line -> line.contains("= trap")).count();
        if (same(expected, actual)) {
            return;
        }
        different++;
        Files.createDirectories(kept);
        Files.copy(module, kept.resolve(seed + ".wasm"), StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(kept.resolve(seed + ".txt"), expected);
        Files.writeString(kept.resolve(seed + ".engine.txt"), actual);
        System.out.println("DIFFERENT: seed " + seed + ", kept as " + kept.resolve(seed + ".wasm") + "; "
                + firstDifference(expected, actual));
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

    private static String transcript(byte[] binary) throws InterruptedException {
        FutureTask<String> task = new FutureTask<>(() -> Transcript.of(binary));
        Thread.ofPlatform().stackSize(STACK_BYTES).start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            Throwable cause = String.valueOf(e.getCause()).length() > 0 && e.getCause() != null ? e.getCause() : e;
            StackTraceElement[] stack = cause.getStackTrace();
            return "the engine failed: " + cause + (stack.length == 0 ? "" : " at " + stack[0]) + "\n";
        }
    }

    private void clear() throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.list(work)) {
            all.sorted(Comparator.naturalOrder()).forEach(files::add);
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
