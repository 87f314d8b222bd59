package io.selvage.cgi;

import io.selvage.node.Exchange;
import io.selvage.node.FunctionDefinition;
import io.selvage.node.FunctionLimits;
import io.selvage.node.GuestException;
import io.selvage.node.KeyValueStore;
import io.selvage.node.LimitExceededException;
import io.selvage.node.Services;
import io.selvage.node.World;
import io.selvage.wasi.GuestExit;
import io.selvage.wasi.MemoryFolder;
import io.selvage.wasi.WasiConfig;
import io.selvage.wasi.WasiContext;
import io.selvage.wasi.WasiException;
import io.selvage.wasm.Function;
import io.selvage.wasm.Instance;
import io.selvage.wasm.LinkedModule;
import io.selvage.wasm.Memory;
import io.selvage.wasm.RunLimits;
import io.selvage.wasm.Trap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A CGI program ready for requests: everything that they share. */
final class CgiGuest implements World.Guest {
    /** The size of {@code /tmp}, in bytes. */
    private static final long TEMPORARY = 16L << 20;

    private final LinkedModule module;
    private final RunLimits limits;
    private final WasiConfig config;
    private final Environment environment;
    private final Map<String, KeyValueStore> stores;
    private final Flusher flusher;

    CgiGuest(FunctionDefinition function, LinkedModule module, Services services, Flusher flusher) {
        FunctionLimits allowed = function.limits();
        this.module = module;
        this.flusher = flusher;
        limits = RunLimits.none()
                .withMemory(allowed.memory())
                .withCpu(allowed.cpu())
                .withWall(allowed.wall());
        config = WasiConfig.none().withMount("/tmp", MemoryFolder.ofSize(Math.min(TEMPORARY, allowed.memory())));
        environment = new Environment(function, services);
        stores = services.granted(function, KeyValueStore.class);
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        ResponseStream output = new ResponseStream(exchange, flusher);
        LogStream log = new LogStream(exchange);
        try {
            End end = run(config(exchange, output, log).open(), exchange);
            log.finish();
            if (end.outgrew && !output.hasHead()) {
                throw outOfMemory("exited with code " + Integer.toUnsignedString(end.exitCode));
            }
            output.finish(end.exitCode);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            log.finish();
            output.abandon();
        }
    }

    private WasiConfig config(Exchange exchange, ResponseStream output, LogStream log) {
        WasiConfig request = config.withArguments(Environment.arguments(exchange.request()))
                .withEnvironment(() -> environment.of(exchange.request()))
                .withStdin(exchange.requestBody())
                .withStdout(output)
                .withStderr(log);
        for (Map.Entry<String, KeyValueStore> store : stores.entrySet()) {
            StoreMount mount = new StoreMount(store.getValue(), store.getKey(), exchange::log);
            request = request.withMount("/kv/" + store.getKey(), mount);
        }
        return request;
    }

    /** How a program ended by itself; the code is an unsigned number. */
    private record End(int exitCode, boolean outgrew) {}

    private End run(WasiContext context, Exchange exchange) {
        Instance instance = null;
        int exitCode = 0;
        try {
            instance = module.instantiate(limits, context);
            Function start = instance.function("_start").orElseThrow();
            start.call();
        } catch (GuestExit e) {
            exitCode = e.code();
        } catch (Trap e) {
            context.discard();
            throw explain(e, instance);
        } catch (Throwable e) {
            context.discard();
            throw e;
        } finally {
            if (instance != null) {
                exchange.used(
                        instance.cpuNanos(),
                        instance.memory("memory").map(Memory::size).orElse(0));
            }
        }
        try {
            context.close();
        } catch (WasiException e) {
            throw new GuestException("a file that the function left open could not be committed: " + e.getMessage());
        }
        End end = new End(exitCode, exitCode != 0 && outgrew(instance));
        if (instance != null) {
            instance.release();
        }
        return end;
    }

    /** A program that was refused memory rarely says so: it aborts, or reads at address 0. */
    private RuntimeException explain(Trap trap, @Nullable Instance instance) {
        return switch (trap.kind()) {
            case OUT_OF_MEMORY, COMPILE_LIMIT, DEADLINE_EXCEEDED, CPU_TIME_EXCEEDED, INTERRUPTED, MISSING_IMPORT ->
                trap;
            default -> outgrew(instance) ? outOfMemory("trapped: " + trap.getMessage()) : trap;
        };
    }

    private static boolean outgrew(@Nullable Instance instance) {
        return instance != null
                && instance.memory("memory").filter(Memory::growthRefused).isPresent();
    }

    private LimitExceededException outOfMemory(String end) {
        return new LimitExceededException(
                LimitExceededException.Limit.MEMORY,
                "the function wanted more than its limit of " + mebibytes(limits.memoryBytes())
                        + " of memory (limits.memory), was refused it and " + end);
    }

    private static String mebibytes(long bytes) {
        return bytes % (1 << 20) == 0 ? (bytes >> 20) + " MiB" : bytes + " bytes";
    }

    @Override
    public void close() {}
}
