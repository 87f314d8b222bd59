package io.selvage.kv;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.selvage.node.KeyValueStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What other processes do to a state in tests: {@code MODE STATE-DIRECTORY}. */
final class StateChild {
    private StateChild() {}

    public static void main(String[] arguments) throws Exception {
        try (SqliteKeyValueService service = SqliteKeyValueService.open(Path.of(arguments[1]))) {
            KeyValueStore store = service.store("default");
            switch (arguments[0]) {
                case "write-for-ever" -> writeForEver(store);
                case "increment" -> increment(store);
                case "fill" -> fill(store);
                case "set" -> System.out.println(attempt(store, "small", 1));
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }
    }

    /** Says of every write when it is acknowledged. */
    private static void writeForEver(KeyValueStore store) {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 32; i++) {
                int writer = i;
                executor.submit(() -> {
                    for (int n = 0; ; n++) {
                        store.set("w" + writer + "/" + n, (writer + " wrote " + n).getBytes(UTF_8));
                        System.out.println("w" + writer + "/" + n);
                    }
                });
            }
        }
    }

    private static void increment(KeyValueStore store) throws IOException {
        for (int i = 0; i < 200; i++) {
            store.increment("n", 1);
        }
    }

    /** One write that does not fit on the disk, in the company of many that do. */
    private static void fill(KeyValueStore store) throws Exception {
        store.set("first", new byte[10]);
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> attempts = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String key = "small" + i;
                attempts.add(executor.submit(() -> attempt(store, key, 10)));
                if (i == 10) {
                    attempts.add(executor.submit(() -> attempt(store, "large", 8 << 20)));
                }
            }
            for (Future<String> attempt : attempts) {
                System.out.println(attempt.get());
            }
        }
        System.out.println(store.get("large").isPresent() ? "large is there" : "large is not there");
        System.out.println(attempt(store, "after", 10));
    }

    private static String attempt(KeyValueStore store, String key, int size) {
        try {
            store.set(key, new byte[size]);
            return key + ": done";
        } catch (IOException e) {
            return key + ": " + e.getMessage();
        }
    }
}
