package io.selvage.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.CompileLimits;
import io.selvage.wasm.Engine;
import io.selvage.wasm.Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Modules are loaded from files in either format. */
class ModuleStoreTest {
    @TempDir
    private Path folder;

    private final ModuleStore store = new ModuleStore(Engine.create());

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    @Test
    void aModuleMayBeText() throws IOException {
        Path file = file("hello.wat", "(module $hello (func (export \"_start\")))");
        assertEquals(64, store.digest(file).length());
        assertEquals(
                Optional.of("hello"), store.load(file, CompileLimits.DEFAULT).name());
    }

    @Test
    void onlyFunctionsWithTheSameLimitsOfCompilationShareAModule() throws IOException {
        Path file = file("hello.wat", "(module (func (export \"_start\")))");
        Path copy = file("copy.wat", "(module (func (export \"_start\")))");
        CompileLimits small = CompileLimits.DEFAULT.withCodeBytes(1 << 20);
        assertSame(store.load(file, small), store.load(copy, small));
        assertNotSame(store.load(file, small), store.load(file, CompileLimits.DEFAULT));
    }

    @Test
    void aMistakeInATextHasItsPlace() throws IOException {
        Path file = file("wrong.wat", "(module\n  (func i32.ad))");
        String message =
                String.valueOf(assertThrows(ConfigurationException.class, () -> store.load(file, CompileLimits.DEFAULT))
                        .getMessage());
        assertTrue(message.endsWith("wrong.wat: unknown operator i32.ad: expected an instruction (at 2:9)"), message);
    }

    @Test
    void whatIsRefusedIsLookedAtAgainWhenTheFileHasChanged() throws IOException {
        Path file = file("hello.wat", "(module (func (export \"_start\") i32.add))");
        for (int i = 0; i < 2; i++) {
            ConfigurationException refused =
                    assertThrows(ConfigurationException.class, () -> store.load(file, CompileLimits.DEFAULT));
            assertTrue(String.valueOf(refused.getMessage()).contains("hello.wat: type mismatch"), refused.toString());
        }
        file("hello.wat", "(module $now (func (export \"_start\")))");
        assertEquals(Optional.of("now"), store.load(file, CompileLimits.DEFAULT).name());
    }

    @Test
    void whoAsksAtTheSameTimeGetsTheSame() throws Exception {
        Path file = file("hello.wat", "(module (func (export \"_start\")" + " nop".repeat(1_000_000) + "))");
        Set<Module> loaded = ConcurrentHashMap.newKeySet();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofVirtual().start(() -> loaded.add(store.load(file, CompileLimits.DEFAULT))));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, loaded.size());
    }

    @Test
    void whatIsNeitherIsRefusedAtFirstSight() throws IOException {
        Path file = file("hello.js", "export default {}");
        String message = String.valueOf(assertThrows(ConfigurationException.class, () -> store.digest(file))
                .getMessage());
        assertTrue(message.contains("nor is it text"), message);
    }
}
