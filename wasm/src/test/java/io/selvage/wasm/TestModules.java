package io.selvage.wasm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The modules and tables that {@code src/test/modules/build.mjs} makes. */
final class TestModules {
    private TestModules() {}

    static Module module(String name) {
        return Engine.create().load(resource(name + ".wasm"));
    }

    static Instance instance(String name) {
        return module(name).instantiate(Imports.none());
    }

    /** The lines of a table without its comments. */
    static List<String> table(String name) {
        return new String(resource(name + ".txt"), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    /** Calls an exported function. */
    static @Nullable Object[] call(Instance instance, String name, @Nullable Object... arguments) {
        return function(instance, name).call(arguments);
    }

    static Function function(Instance instance, String name) {
        return instance.function(name).orElseThrow(() -> new AssertionError("no function " + name));
    }

    static byte[] resource(String name) {
        try (InputStream stream = TestModules.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new AssertionError("no resource " + name);
            }
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
