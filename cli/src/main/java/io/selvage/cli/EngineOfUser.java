package io.selvage.cli;

import io.selvage.wasm.Engine;
import java.nio.file.Path;
import java.util.Optional;

/** The engine of the commands: its compiled code is kept where programs of this user keep such things. */
final class EngineOfUser {
    private EngineOfUser() {}

    /**
     * An engine with a cache in the folder that {@code SELVAGE_CODE_CACHE} names, else in {@code selvage/code} below
     * {@code XDG_CACHE_HOME} or {@code ~/.cache}; without one if the variable is {@code off}.
     */
    static Engine create() {
        String chosen = System.getenv("SELVAGE_CODE_CACHE");
        if (chosen != null && chosen.equals("off")) {
            return Engine.create();
        }
        if (chosen != null && !chosen.isEmpty()) {
            return Engine.withCache(Path.of(chosen));
        }
        Path caches = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"));
        return Engine.withCache(caches.resolve("selvage").resolve("code"));
    }
}
