package io.selvage.wasm;

import io.selvage.wasm.internal.Ticker;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Loads WebAssembly modules. One engine serves a whole process; it is thread-safe and needs no closing.
 *
 * <pre>{@code
 * Module module = Engine.create().load(Files.readAllBytes(Path.of("add.wasm")));
 * Instance instance = module.instantiate(Imports.none());
 * int sum = (int) instance.function("add").orElseThrow().call(1, 2)[0];
 * }</pre>
 */
public final class Engine {
    /** How long a module is, in bytes, that is looked for in the cache: shorter ones are compiled sooner. */
    private static final int CACHED_BYTES = 256 * 1024;

    private final Optional<CodeCache> cache;
    private final CompileLimits limits;

    private Engine(Optional<CodeCache> cache, CompileLimits limits) {
        this.cache = cache;
        this.limits = limits;
    }

    /** An engine with the default settings, without a cache. */
    public static Engine create() {
        return new Engine(Optional.empty(), CompileLimits.DEFAULT);
    }

    /**
     * An engine that keeps the compiled code of large modules in {@code folder} for the next process. The folder is made
     * if it is not there, for its owner alone: who can write to it decides what guests do. It may be shared by
     * processes and by versions of the engine, grows to 512 MiB at most, and can be deleted at any time. If it cannot be
     * used, everything works as without.
     */
    public static Engine withCache(Path folder) {
        return new Engine(CodeCache.in(folder), CompileLimits.DEFAULT);
    }

    /** An engine that is the same but for what compiling each of its modules may cost. */
    public Engine withCompileLimits(CompileLimits limits) {
        return new Engine(cache, limits);
    }

    /**
     * Decodes and validates a module. Functions are compiled when they are first called.
     *
     * @param binary the module in the binary format; it must not be changed afterwards
     * @throws MalformedException if the bytes are not a module
     * @throws InvalidException if the module breaks a rule of validation
     * @throws UnsupportedException if it needs a feature that the engine does not run
     */
    public Module load(byte[] binary) {
        return EventRecording.isOn() ? loadRecorded(binary) : decode(binary);
    }

    /**
     * Whether a guest of this process has lately, in the last 10 ms, been running that had used 2 ms of processor time or more.
     * Costs next to nothing; thread-safe.
     */
    public static boolean isComputing() {
        return Ticker.isBusy();
    }

    private Module loadRecorded(byte[] binary) {
        LoadEvent event = new LoadEvent();
        event.begin();
        Module module = decode(binary);
        event.end();
        if (event.shouldCommit()) {
            event.module = module.name().orElse("");
            event.digest = module.code().digest();
            event.bytes = binary.length;
            event.functions = module.data().bodies().size();
            event.commit();
        }
        return module;
    }

    private Module decode(byte[] binary) {
        if (cache.isEmpty() || binary.length < CACHED_BYTES) {
            return new Module(Decoder.decode(binary), null, limits);
        }
        CompletableFuture<CodeCache.Stored> search =
                CompletableFuture.supplyAsync(() -> cache.get().find(binary));
        Decoder decoder = new Decoder(binary);
        ModuleData data = decoder.sections();
        CodeCache.Stored stored = join(search);
        if (!stored.isValid()) {
            decoder.validator(data).validateAll();
            stored.keepValid();
        }
        return new Module(data, stored, limits);
    }

    private static CodeCache.Stored join(CompletableFuture<CodeCache.Stored> search) {
        try {
            return search.join();
        } catch (CompletionException e) {
            throw new IllegalStateException("the cache of compiled code failed", e.getCause());
        }
    }
}
