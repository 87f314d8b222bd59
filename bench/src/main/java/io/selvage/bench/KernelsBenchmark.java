package io.selvage.bench;

import io.selvage.wasm.Engine;
import io.selvage.wasm.Imports;
import io.selvage.wasm.Instance;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The kernels under JMH: the engine alone, in a new JVM for each, with JMH's errors and profilers. Run by {@code bench/jmh.sh}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelsBenchmark {
    private static final Path FOLDER = Path.of("bench", "kernels");

    /** The kernel's name; {@code bench/jmh.sh} asks for all of the list. */
    @Param("sha256")
    public String kernel = "";

    private MethodHandle run = MethodHandles.empty(MethodType.methodType(long.class, int.class));
    private int n;
    private long checksum;

    /**
     * Loads the kernel, and sees that it computes what it should.
     *
     * @throws IOException if it cannot be read
     */
    @Setup
    public void load() throws IOException {
        Kernel wanted = Kernel.readAll(FOLDER).stream()
                .filter(k -> k.name().equals(kernel))
                .findFirst()
                .orElseThrow(() -> new BenchmarkException("there is no kernel " + kernel));
        Instance instance =
                Engine.create().load(Files.readAllBytes(wanted.file())).instantiate(Imports.none());
        run = instance.function("run").orElseThrow().handle();
        n = wanted.n();
        checksum = wanted.checksum();
    }

    /**
     * One call.
     *
     * @return its checksum
     * @throws Throwable what the guest throws: a trap
     */
    @Benchmark
    public long run() throws Throwable {
        long answer = (long) run.invokeExact(n);
        if (answer != checksum) {
            throw new BenchmarkException("%s(%d) is %016x; it should be %016x".formatted(kernel, n, answer, checksum));
        }
        return answer;
    }
}
