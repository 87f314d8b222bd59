package io.selvage.node;

import io.selvage.wasm.CompileLimits;
import io.selvage.wasm.Engine;
import io.selvage.wasm.Module;
import io.selvage.wasm.Trap;
import io.selvage.wasm.WasmException;
import io.selvage.wasm.text.WebAssemblyText;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Loads modules from files; the same bytes are loaded once for all that set them the same limits of compilation, wherever they
 * lie. Thread-safe.
 */
final class ModuleStore {
    /** Functions from so many bytes on are compiled before the first request: that takes a tenth of a second or longer. */
    private static final int LARGE = 256 << 10;

    private static final int MOST_REFUSALS = 1_000;

    /**
     * What loads: to decode and compile is work of seconds in the worst case, and would keep the threads busy that carry the requests
     * of others.
     */
    private static final Executor LOADERS = Executors.newFixedThreadPool(
            Math.max(2, Runtime.getRuntime().availableProcessors()),
            Thread.ofPlatform().name("loader-", 0).daemon().factory());

    private static final byte[] MAGIC = {0, 'a', 's', 'm'};

    /** What a file was when it was last looked at. */
    private record Stamp(
            long readAt,
            FileTime modified,
            long size,
            @Nullable Object key,
            String digest) {
        /** A file that was read in the moment it changed may have changed again within the same tick of its clock. */
        boolean fits(BasicFileAttributes now) {
            return readAt - modified.toMillis() > 1_000
                    && modified.equals(now.lastModifiedTime())
                    && size == now.size()
                    && java.util.Objects.equals(key, now.fileKey());
        }
    }

    /** What tells loaded modules apart. */
    private record Key(String digest, CompileLimits limits) {}

    private final Engine engine;
    private final Map<Path, Stamp> stamps = new HashMap<>();
    private final Map<Key, WeakReference<Module>> modules = new HashMap<>();
    private final Map<Key, CompletableFuture<Module>> loading = new HashMap<>();

    /** Why modules cannot be had. */
    private final Map<Key, String> refusals = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, String> eldest) {
            return size() > MOST_REFUSALS;
        }
    };

    ModuleStore(Engine engine) {
        this.engine = engine;
    }

    /**
     * What a file is made of: the SHA-256 of its bytes. A file whose time and size have not changed is not read again.
     *
     * @throws ConfigurationException if it cannot be read or is no module at first sight
     */
    synchronized String digest(Path file) {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            Stamp stamp = stamps.get(file);
            if (stamp == null || !stamp.fits(now)) {
                stamp = new Stamp(
                        System.currentTimeMillis(), now.lastModifiedTime(), now.size(), now.fileKey(), sha256(file));
                stamps.put(file, stamp);
            }
            return stamp.digest;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /**
     * The module of a file, which compiling may cost so much. It is loaded on a thread that serves no requests, whose waiting
     * costs the caller nothing if that is a virtual thread; what is no module is not looked at again until the file changes.
     *
     * @throws ConfigurationException if it cannot be read or is not valid, or if a function is too large to be compiled
     */
    Module load(Path file, CompileLimits limits) {
        Key key = new Key(digest(file), limits);
        CompletableFuture<Module> loaded;
        synchronized (this) {
            String refusal = refusals.get(key);
            if (refusal != null) {
                throw new ConfigurationException(file + ": " + refusal);
            }
            WeakReference<Module> known = modules.get(key);
            Module module = known == null ? null : known.get();
            if (module != null) {
                return module;
            }
            loaded = loading.get(key);
            if (loaded == null) {
                loaded = CompletableFuture.supplyAsync(() -> read(file, key), LOADERS);
                loading.put(key, loaded);
            }
        }
        try {
            return loaded.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case WasmException invalid -> throw new ConfigurationException(file + ": " + invalid.getMessage());
                case RuntimeException other -> throw other;
                case Error error -> throw error;
                case null, default -> throw e;
            }
        }
    }

    private Module read(Path file, Key key) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            // Not the key's if the file has changed since
            Key actual = new Key(HexFormat.of().formatHex(sha256().digest(bytes)), key.limits);
            return decode(bytes, actual);
        } catch (IOException e) {
            throw unreadable(file, e);
        } finally {
            synchronized (this) {
                loading.remove(key);
            }
        }
    }

    private Module decode(byte[] bytes, Key key) {
        try {
            Module module = engine.withCompileLimits(key.limits).load(WebAssemblyText.binary(bytes));
            compileLarge(module);
            synchronized (this) {
                modules.put(key, new WeakReference<>(module));
            }
            return module;
        } catch (WasmException e) {
            synchronized (this) {
                refusals.put(key, String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private static void compileLarge(Module module) {
        try {
            module.compileLarge(LARGE);
        } catch (Trap _) {
            // The limits of compilation are passed: the request that needs the function is told.
        }
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            int length = in.readNBytes(buffer, 0, buffer.length);
            if (!isModule(buffer, length)) {
                throw new ConfigurationException(file + ": this is not a WebAssembly module: it does not begin with "
                        + "\"\\0asm\", nor is it text. Name the .wasm file that the build makes");
            }
            while (length > 0) {
                digest.update(buffer, 0, length);
                length = in.readNBytes(buffer, 0, buffer.length);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static boolean isModule(byte[] start, int length) {
        return length >= MAGIC.length && Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
                || WebAssemblyText.isText(start);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static ConfigurationException unreadable(Path file, IOException e) {
        return new ConfigurationException(file + ": the module cannot be read ("
                + e.getClass().getSimpleName() + "); check that it exists and who may read it");
    }
}
