package io.selvage.bench;

import io.selvage.wasm.Engine;
import io.selvage.wasm.Imports;
import io.selvage.wasm.Instance;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Selvage's engine, in this process. */
final class SelvageContender implements Contender {
    private final Engine engine = Engine.create();
    private @Nullable Runnable loaded;

    @Override
    public String name() {
        return "Selvage";
    }

    @Override
    public long load(Workload workload) {
        try {
            long start = System.nanoTime();
            Runnable fresh = switch (workload) {
                case Kernel kernel -> kernel(kernel);
                case Trace trace -> new Replay(trace, engine)::run;
            };
            fresh.run();
            loaded = fresh;
            return System.nanoTime() - start;
        } catch (IOException e) {
            throw new BenchmarkException("cannot read " + workload.name() + ": " + e, e);
        }
    }

    private Runnable kernel(Kernel kernel) throws IOException {
        Instance instance = engine.load(Files.readAllBytes(kernel.file())).instantiate(Imports.none());
        MethodHandle run = instance.function("run").orElseThrow().handle();
        return () -> call(kernel, run);
    }

    @Override
    public long[] runFor(long nanos) {
        Runnable current = loaded;
        if (current == null) {
            throw new IllegalStateException("nothing is loaded");
        }
        long[] times = new long[1024];
        int count = 0;
        long begin = System.nanoTime();
        long before = begin;
        do {
            current.run();
            long now = System.nanoTime();
            if (count == times.length) {
                times = Arrays.copyOf(times, count * 2);
            }
            times[count++] = now - before;
            before = now;
        } while (before - begin < nanos);
        return Arrays.copyOf(times, count);
    }

    private static void call(Kernel kernel, MethodHandle run) {
        long checksum;
        try {
            checksum = (long) run.invokeExact(kernel.n());
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new BenchmarkException(kernel.name() + " failed", e);
        }
        if (checksum != kernel.checksum()) {
            throw new BenchmarkException("%s(%d) is %016x in Selvage; it should be %016x"
                    .formatted(kernel.name(), kernel.n(), checksum, kernel.checksum()));
        }
    }

    @Override
    public void close() {}
}
