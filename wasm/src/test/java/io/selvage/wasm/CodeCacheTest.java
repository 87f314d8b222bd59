package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.text.WebAssemblyText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Code that one process has compiled serves the next, and whatever happens to the file never changes a result. */
class CodeCacheTest {
    /** Large enough to be cached, with a function that is cut and a {@code br_table} that goes over its chunks. */
    private static final byte[] BINARY = WebAssemblyText.parse(text());

    @TempDir
    Path folder;

    private static String text() {
        StringBuilder text = new StringBuilder("(module (memory 6) (data (i32.const 0) \"");
        text.append("x".repeat(300_000)).append("\")\n");
        text.append("(func $cut (param i32) (result i32) (local i32)\n");
        for (int i = 0; i < 1_500; i++) {
            text.append("(local.set 1 (i32.add (local.get 1) (i32.and (local.get 0) (i32.const ")
                    .append(i)
                    .append("))))\n");
        }
        text.append("(local.get 1))\n");
        text.append("(func $leaf (param i64 f64) (result i32) (i32.wrap_i64 (local.get 0)))\n");
        text.append("(func (export \"run\") (result i32) (i32.add (call $cut (i32.const 9)) ");
        text.append("(i32.add (call $leaf (i64.const 12) (f64.const 1)) (i32.load8_u (i32.const 299999))))))");
        return text.toString();
    }

    private static int run(Path folder) {
        Instance instance = Engine.withCache(folder).load(BINARY).instantiate(Imports.none());
        return (int) instance.function("run").orElseThrow().call()[0];
    }

    private static int withoutCache() {
        Instance instance = Engine.create().load(BINARY).instantiate(Imports.none());
        return (int) instance.function("run").orElseThrow().call()[0];
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("code"))) {
            List<Path> all = files.toList();
            assertEquals(1, all.size());
            return all.getFirst();
        }
    }

    @Test
    void theNextProcessFindsWhatThisOneHasCompiled() throws IOException {
        int expected = withoutCache();
        assertEquals(expected, run(folder.resolve("code")));
        long size = Files.size(file());
        assertTrue(size > 1_000, "only the header was kept: " + size + " bytes");
        assertEquals(expected, run(folder.resolve("code")));
        assertEquals(size, Files.size(file()), "the second load compiled something again");
        CodeCache.Stored stored =
                CodeCache.in(folder.resolve("code")).orElseThrow().find(BINARY);
        assertTrue(stored.isValid());
        assertFalse(CodeCache.in(folder.resolve("code"))
                .orElseThrow()
                .find(new byte[300_000])
                .isValid());
    }

    @Test
    void damageCostsTimeAndNothingElse() throws IOException {
        int expected = run(folder.resolve("code"));
        byte[] good = Files.readAllBytes(file());
        Random random = new Random(8);
        for (int round = 0; round < 60; round++) {
            byte[] bad = good.clone();
            for (int i = 0; i <= round % 3; i++) {
                bad[random.nextInt(round % 2 == 0 ? bad.length : 64)] ^= (byte) (1 << random.nextInt(8));
            }
            int length = round % 5 == 4 ? random.nextInt(bad.length) : bad.length;
            Files.write(file(), Arrays.copyOf(bad, length));
            assertEquals(expected, run(folder.resolve("code")), "round " + round);
        }
        assertEquals(expected, run(folder.resolve("code")));
    }

    @Test
    void manyUseItAtOnce() throws Exception {
        int expected = withoutCache();
        List<Future<Integer>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            for (int i = 0; i < 24; i++) {
                results.add(threads.submit(() -> run(folder.resolve("code"))));
            }
        }
        for (Future<Integer> result : results) {
            assertEquals(expected, result.get());
        }
        assertTrue(
                CodeCache.in(folder.resolve("code")).orElseThrow().find(BINARY).isValid());
    }

    @Test
    void itIsForItsOwnerAlone() throws IOException {
        run(folder.resolve("code"));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("code"))));
    }

    @Test
    void aPlaceThatIsNoFolderIsAsGoodAsNone() throws IOException {
        Path place = Files.writeString(folder.resolve("file"), "not a folder");
        assertEquals(withoutCache(), run(place));
        assertEquals(withoutCache(), run(place.resolve("below")));
        assertEquals("not a folder", Files.readString(place));
    }

    @Test
    void anInvalidModuleIsNotKept() throws IOException {
        byte[] invalid = WebAssemblyText.parse("(module (memory 6) (data (i32.const 0) \"" + "x".repeat(300_000)
                + "\") (func (result i32) (f32.const 1)))");
        for (int i = 0; i < 2; i++) {
            assertThrows(
                    InvalidException.class,
                    () -> Engine.withCache(folder.resolve("code")).load(invalid));
        }
        try (Stream<Path> files = Files.list(folder.resolve("code"))) {
            assertEquals(0, files.count());
        }
    }
}
