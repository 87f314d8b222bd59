package io.selvage.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every kernel answers in Selvage, bit for bit, what it answered in V8. */
class KernelsTest {
    @TestFactory
    Stream<DynamicTest> theChecksumOfEveryKernelIsThatOfV8() throws IOException {
        return Kernel.readAll(Path.of("kernels")).stream()
                .map(kernel -> DynamicTest.dynamicTest(kernel.name(), () -> {
                    try (Contender selvage = new SelvageContender()) {
                        selvage.load(kernel);
                        selvage.runFor(0);
                    }
                }));
    }
}
