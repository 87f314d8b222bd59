package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is made for a module goes when the module goes. */
class ModulesGoTest {
    private static final long PATIENCE_NANOS = Duration.ofSeconds(30).toNanos();

    @Test
    void theCodeOfAModuleAndOfItsFunctionTypesGoWithIt() throws InterruptedException {
        List<WeakReference<?>> gone = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            run(1 + 16L * i, gone);
        }
        assertTrue(gone.size() > 40, "too little was made");
        long start = System.nanoTime();
        while (gone.stream().anyMatch(reference -> reference.get() != null)
                && System.nanoTime() - start < PATIENCE_NANOS) {
            System.gc();
            Thread.sleep(10);
        }
        assertEquals(
                0, gone.stream().filter(reference -> reference.get() != null).count());
    }

    private static void run(long seed, List<WeakReference<?>> gone) {
        byte[] binary = RandomModule.of(seed);
        assertTrue(Transcript.of(binary).contains("instantiate = ok"));
        Module module = Engine.create().load(binary);
        module.exports().stream()
                .map(ExportDescriptor::type)
                .filter(type -> type instanceof FunctionType function
                        && function.parameters().size() == 4)
                .forEach(type -> gone.add(new WeakReference<>(SignatureCode.of(DefinedType.of((FunctionType) type)))));
        gone.add(new WeakReference<>(module.code()));
        gone.add(new WeakReference<>(module));
    }
}
