package io.selvage.cli;

import io.selvage.kv.SqliteKeyValueService;
import io.selvage.node.Json;
import io.selvage.node.KeyValueStore;
import io.selvage.node.Setting;
import io.selvage.node.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage kv}: reads and writes a node's key-value stores from outside, also while it runs. */
@Command(
        name = "kv",
        description = "Read and write the key-value stores of a node, also while it runs.",
        subcommands = {KvCommand.Get.class, KvCommand.Set.class, KvCommand.Delete.class, KvCommand.ListKeys.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  selvage kv set greeting hello         in the store \"default\" of ./.selvage",
            "  selvage kv get greeting",
            "  selvage kv set page --file page.html --store site --expires 1h",
            "  selvage kv list --prefix user: --json"
        })
final class KvCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "selvage kv needs one of: get, set, delete, list");
    }

    /** Where the store is. */
    static final class StoreOptions {
        @Option(names = "--store", paramLabel = "NAME", description = "The store. Default: default.")
        private String store = "default";

        @Option(names = "--state", paramLabel = "DIR", description = "The node's folder of state. Default: .selvage.")
        private @Nullable String state;

        @Option(names = "--config", paramLabel = "FILE", description = "The node's file of settings.")
        private @Nullable Path config;

        /** What is done with a store. */
        interface Use {
            int of(KeyValueStore store) throws IOException;
        }

        int use(Use use) throws IOException {
            Settings.Builder settings = Settings.builder();
            if (config != null) {
                settings.file(config);
            }
            Path folder = settings.environment(System.getenv())
                    .flag("--state", Setting.STATE, Optional.ofNullable(state))
                    .build()
                    .get(Setting.STATE);
            try (SqliteKeyValueService stores = Assembly.stores(folder)) {
                return use.of(stores.store(store));
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(String.valueOf(e.getMessage()));
            }
        }
    }

    /** {@code kv get}. */
    @Command(name = "get", description = "Print the value of a key, byte for byte. Exit code 1 if there is none.")
    static final class Get implements java.util.concurrent.Callable<Integer> {
        @Mixin
        private StoreOptions options = new StoreOptions();

        @Parameters(paramLabel = "KEY", description = "The key.")
        private String key = "";

        @Override
        public Integer call() throws IOException {
            return options.use(store -> {
                Optional<KeyValueStore.Entry> entry = store.get(key);
                if (entry.isEmpty()) {
                    throw new CommandFailure("store \"" + options.store + "\" has no key \"" + key + "\"");
                }
                OutputStream out = System.out;
                out.write(entry.get().value());
                out.flush();
                return Main.OK;
            });
        }
    }

    /** {@code kv set}. */
    @Command(name = "set", description = "Set a key to VALUE, to a file's bytes, or to what standard input brings.")
    static final class Set implements java.util.concurrent.Callable<Integer> {
        @Mixin
        private StoreOptions options = new StoreOptions();

        @Option(
                names = "--file",
                paramLabel = "FILE",
                description = "Take the value from this file; - is standard input.")
        private @Nullable Path file;

        @Option(
                names = "--expires",
                paramLabel = "TIME",
                description = "Remove the key after this time, as 30s or 24h.")
        private @Nullable String expires;

        @Parameters(index = "0", paramLabel = "KEY", description = "The key, up to 512 bytes.")
        private String key = "";

        @Parameters(index = "1", arity = "0..1", paramLabel = "VALUE", description = "The value, as UTF-8.")
        private @Nullable String value;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            if ((value == null) == (file == null)) {
                throw new ParameterException(spec.commandLine(), "give a VALUE or --file FILE, one of them");
            }
            byte[] bytes = bytes();
            Optional<Duration> end = Optional.ofNullable(expires).map(Quantities::time);
            return options.use(store -> {
                store.set(key, bytes, end);
                return Main.OK;
            });
        }

        private byte[] bytes() throws IOException {
            if (value != null) {
                return value.getBytes(StandardCharsets.UTF_8);
            }
            return file == null || file.toString().equals("-") ? System.in.readAllBytes() : Files.readAllBytes(file);
        }
    }

    /** {@code kv delete}. */
    @Command(name = "delete", description = "Remove a key. Exit code 1 if there is none.")
    static final class Delete implements java.util.concurrent.Callable<Integer> {
        @Mixin
        private StoreOptions options = new StoreOptions();

        @Parameters(paramLabel = "KEY", description = "The key.")
        private String key = "";

        @Override
        public Integer call() throws IOException {
            return options.use(store -> {
                if (!store.delete(key)) {
                    throw new CommandFailure("store \"" + options.store + "\" has no key \"" + key + "\"");
                }
                return Main.OK;
            });
        }
    }

    /** {@code kv list}. */
    @Command(name = "list", description = "Print the keys, one a line, in the order of their bytes.")
    static final class ListKeys implements java.util.concurrent.Callable<Integer> {
        private static final int PAGE = 1_000;

        @Mixin
        private StoreOptions options = new StoreOptions();

        @Option(names = "--prefix", paramLabel = "TEXT", description = "Only keys that begin with this.")
        private String prefix = "";

        @Option(names = "--json", description = "Print one JSON object a key: key and bytes.")
        private boolean json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            return options.use(store -> {
                Optional<String> cursor = Optional.empty();
                do {
                    KeyValueStore.Page page = store.list(prefix, cursor, PAGE);
                    for (String key : page.keys()) {
                        out.println(
                                json
                                        ? Json.object(
                                                "key",
                                                key,
                                                "bytes",
                                                store.size(key).orElse(0L))
                                        : key);
                    }
                    cursor = page.cursor();
                } while (cursor.isPresent());
                out.flush();
                return Main.OK;
            });
        }
    }
}
