package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.text.WebAssemblyText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A module may cost so much compiling and no more, and whoever goes past it is told each time. */
class CompileLimitsTest {
    private static final int FUNCTIONS = 12;

    /** Functions in a class of their own each; {@code call} calls the one it is told, and each answers its number. */
    private static final byte[] MANY = WebAssemblyText.parse(many());

    /** One function of 800 KB, in some hundreds of chunks. */
    private static final byte[] LARGE =
            WebAssemblyText.parse("(module (func (export \"large\") (param i32) (result i32) "
                    + "(local.set 0 (i32.mul (i32.add (local.get 0) (i32.const 77777)) (i32.const 33333)))"
                            .repeat(60_000)
                    + "(local.get 0)))");

    private static String many() {
        StringBuilder text = new StringBuilder("(module (memory 6) (data (i32.const 0) \"");
        text.append("x".repeat(300_000)).append("\")\n");
        for (int i = 0; i < FUNCTIONS; i++) {
            text.append("(func $f").append(i).append(" (export \"f").append(i).append("\") (param i32) (result i32)\n");
            text.append("(local.set 0 (i32.xor (local.get 0) (i32.const 1)))\n".repeat(600));
            text.append("(i32.add (local.get 0) (i32.const ").append(i).append(")))\n");
        }
        text.append("(func (export \"call\") (param i32) (result i32)\n");
        text.append("(block ".repeat(FUNCTIONS)).append("(local.get 0) (br_table");
        for (int i = 0; i < FUNCTIONS; i++) {
            text.append(' ').append(i);
        }
        text.append(')');
        for (int i = 0; i < FUNCTIONS; i++) {
            text.append(") (return (call $f").append(i).append(" (i32.const 0)))\n");
        }
        return text.append("(unreachable)))").toString();
    }

    private static Instance instance(Engine engine, byte[] binary) {
        return engine.load(binary).instantiate(Imports.none());
    }

    private static Engine engine(long codeBytes) {
        return Engine.create().withCompileLimits(CompileLimits.DEFAULT.withCodeBytes(codeBytes));
    }

    private static int call(Instance instance, int function) {
        return (int) instance.function("call").orElseThrow().call(function)[0];
    }

    private static Trap limitOf(Runnable work) {
        Trap trap = assertThrows(Trap.class, work::run);
        assertEquals(Trap.Kind.COMPILE_LIMIT, trap.kind());
        assertTrue(String.valueOf(trap.getMessage()).startsWith("compile limit exceeded: "), trap.getMessage());
        return trap;
    }

    /** How many functions can be called, one after the other, before the first that cannot. */
    private static int callable(Instance instance) {
        for (int i = 0; i < FUNCTIONS; i++) {
            try {
                assertEquals(i, call(instance, i));
            } catch (Trap trap) {
                assertEquals(Trap.Kind.COMPILE_LIMIT, trap.kind());
                return i;
            }
        }
        return FUNCTIONS;
    }

    @Test
    void aWholeModuleIsCompiledAtOnceWithinTheSameLimits() {
        for (byte[] binary : List.of(MANY, LARGE)) {
            Module limited = engine(20_000).load(binary);
            limitOf(limited::compile);
            limitOf(limited::compile);
            Module whole = Engine.create().load(binary);
            whole.compile();
            whole.compile();
        }
    }

    @Test
    void whatWasCompiledAheadCompilesNoMore() {
        Module ahead = Engine.create().load(MANY);
        ahead.compile();
        assertEquals(List.of(), compiledBy(() -> callable(ahead.instantiate(Imports.none()))));
        assertTrue(!compiledBy(() -> callable(instance(Engine.create(), MANY))).isEmpty());
    }

    /** What the JVM's flight recorder has seen of compiling. */
    private static List<RecordedEvent> compiledBy(Runnable work) {
        try (Recording recording = new Recording()) {
            recording.enable("io.selvage.wasm.Compile");
            recording.start();
            work.run();
            recording.stop();
            Path file = Files.createTempFile("compiled", ".jfr");
            recording.dump(file);
            List<RecordedEvent> events = RecordingFile.readAllEvents(file);
            Files.delete(file);
            return events.stream()
                    .filter(event -> event.getEventType().getName().equals("io.selvage.wasm.Compile"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatIsCompiledRunsOnAndWhatIsNotTrapsEachTime() {
        Engine engine = engine(20_000);
        Instance limited = instance(engine, MANY);
        int fits = callable(limited);
        assertTrue(fits > 1 && fits < FUNCTIONS - 2, "a function takes some kilobytes; called: " + fits);
        String message = String.valueOf(limitOf(() -> call(limited, fits)).getMessage());
        assertTrue(message.contains(" bytes of code, and the module may have 20,000; allow it more"), message);
        for (int round = 0; round < 3_000; round++) {
            int missing = fits + round % (FUNCTIONS - fits);
            assertEquals(message, limitOf(() -> call(limited, missing)).getMessage());
            int there = round % fits;
            assertEquals(there, call(limited, there));
        }
        assertEquals(
                fits - 1,
                limited.module()
                        .instantiate(Imports.none())
                        .function("call")
                        .orElseThrow()
                        .call(fits - 1)[0]);
        assertEquals(
                fits,
                callable(instance(engine, MANY)),
                "another module, even of the same bytes, has limits of its own");
    }

    @Test
    void aTrapNamesTheFunctionsThatWantedMore() {
        Instance limited = instance(engine(20_000), MANY);
        Trap trap = limitOf(() -> call(limited, callable(limited)));
        assertEquals("call", trap.frames().getFirst().name());
    }

    @Test
    void theHostIsToldToo() {
        Instance limited = instance(engine(2_000), MANY);
        for (int i = 0; i < 3; i++) {
            limitOf(() -> limited.function("f0").orElseThrow().call(1));
        }
    }

    @Test
    void aLargeFunctionIsGivenUpOnTheWay() {
        Instance limited = instance(engine(200_000), LARGE);
        for (int i = 0; i < 3; i++) {
            Trap trap = limitOf(() -> limited.function("large").orElseThrow().call(1));
            String made = String.valueOf(trap.getMessage())
                    .replaceAll(".* take ([0-9,]+) bytes.*", "$1")
                    .replace(",", "");
            assertTrue(Integer.parseInt(made) < 400_000, "it was compiled further than needed: " + trap.getMessage());
        }
        assertEquals(
                1,
                instance(Engine.create(), LARGE).function("large").orElseThrow().call(1).length);
    }

    @Test
    void timeIsLimitedToo() {
        Engine engine = Engine.create().withCompileLimits(CompileLimits.DEFAULT.withTime(Duration.ZERO));
        Instance limited = instance(engine, MANY);
        for (int i = 0; i < 3; i++) {
            String message = String.valueOf(limitOf(() -> call(limited, 0)).getMessage());
            assertTrue(message.contains(" ms, and the module may take 0 ms; allow it more"), message);
        }
    }

    @Test
    void codeFromTheCacheCounts(@TempDir Path folder) {
        Engine free = Engine.withCache(folder.resolve("code"));
        assertEquals(FUNCTIONS, callable(instance(free, MANY)));
        Engine limited = free.withCompileLimits(CompileLimits.DEFAULT.withCodeBytes(20_000));
        Instance first = instance(limited, MANY);
        int fits = callable(first);
        assertEquals(callable(instance(engine(20_000), MANY)), fits);
        limitOf(() -> call(first, FUNCTIONS - 1));
        assertEquals(0, call(first, 0));
    }

    @Test
    void manyThreadsAreStoppedAtOnce() throws Exception {
        LinkedModule module = engine(20_000).load(MANY).link(Imports.none());
        List<Future<Integer>> counts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 16; i++) {
                counts.add(threads.submit(() -> callable(module.instantiate(RunLimits.none()))));
            }
        }
        int fits = counts.getFirst().get();
        for (Future<Integer> count : counts) {
            assertTrue(Math.abs(count.get() - fits) <= 1 && count.get() > 0, "called " + count.get() + " and " + fits);
        }
    }

    @Test
    void aLimitIsNotNegative() {
        assertThrows(IllegalArgumentException.class, () -> CompileLimits.DEFAULT.withCodeBytes(-1));
        assertThrows(IllegalArgumentException.class, () -> CompileLimits.DEFAULT.withTime(Duration.ofMillis(-1)));
    }
}
