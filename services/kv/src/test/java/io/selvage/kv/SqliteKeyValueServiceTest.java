package io.selvage.kv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.ConfigurationException;
import io.selvage.node.KeyValueStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteKeyValueServiceTest {
    @TempDir
    private Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.ofEpochSecond(1_000_000));
    private SqliteKeyValueService service;
    private KeyValueStore store;

    @BeforeEach
    void open() {
        service = SqliteKeyValueService.open(folder.resolve("state"), now::get);
        store = service.store("default");
    }

    @AfterEach
    void close() {
        service.close();
    }

    @Test
    void openingAServiceTouchesNothing() {
        assertFalse(Files.exists(folder.resolve("state")));
    }

    @Test
    void aValueIsThereUntilItIsDeleted() throws IOException {
        assertEquals(Optional.empty(), text("a"));
        assertFalse(store.exists("a"));
        store.set("a", bytes("one"));
        assertEquals(Optional.of("one"), text("a"));
        assertEquals(Optional.of(3L), store.size("a"));
        store.set("a", bytes(""));
        assertEquals(Optional.of(""), text("a"));
        assertTrue(store.exists("a"));
        assertTrue(store.delete("a"));
        assertFalse(store.delete("a"));
        assertEquals(Optional.empty(), text("a"));
    }

    @Test
    void valuesOutliveTheService() throws IOException {
        store.set("a", bytes("one"));
        service.close();
        open();
        assertEquals(Optional.of("one"), text("a"));
    }

    @Test
    void storesAreApart() throws IOException {
        KeyValueStore other = service.store("other.v2_x-1");
        store.set("a", bytes("one"));
        other.set("b", bytes("two"));
        assertEquals(Optional.empty(), other.get("a"));
        assertEquals(List.of("a"), store.list("", Optional.empty(), 10).keys());
        assertEquals(List.of("b"), other.list("", Optional.empty(), 10).keys());
        assertEquals(List.of("default", "other.v2_x-1"), service.stores());
    }

    @Test
    void aStoresNameIsAFoldersName() {
        for (String name : List.of("", ".", "..", "a/b", "-a", "a b", "ä", "x".repeat(65))) {
            String message = assertThrows(ConfigurationException.class, () -> service.store(name))
                    .getMessage();
            assertTrue(message.contains("\"" + name + "\""), message);
        }
    }

    @Test
    void aKeyHasAtMost512BytesOfUtf8() throws IOException {
        store.set("ä".repeat(256), bytes("long"));
        assertEquals(Optional.of("long"), text("ä".repeat(256)));
        for (String key : List.of("", "ä".repeat(256) + "x", "half \ud83d")) {
            assertThrows(IllegalArgumentException.class, () -> store.set(key, bytes("")));
            assertThrows(IllegalArgumentException.class, () -> store.get(key));
            assertThrows(IllegalArgumentException.class, () -> store.delete(key));
        }
    }

    @Test
    void aValueHasAtMost25MiB() throws IOException {
        byte[] largest = new byte[KeyValueStore.MAX_VALUE];
        new Random(1).nextBytes(largest);
        store.set("large", largest);
        assertArrayEquals(largest, store.get("large").orElseThrow().value());
        assertThrows(IllegalArgumentException.class, () -> store.set("large", new byte[KeyValueStore.MAX_VALUE + 1]));
        assertThrows(IllegalArgumentException.class, () -> store.append("large", new byte[1]));
        assertEquals(Optional.of((long) KeyValueStore.MAX_VALUE), store.size("large"));
    }

    @Test
    void appendAddsToTheEndAndKeepsTheExpiry() throws IOException {
        store.append("log", new byte[] {1, 0, -1});
        store.append("log", new byte[] {0, 2, -128});
        assertArrayEquals(
                new byte[] {1, 0, -1, 0, 2, -128},
                store.get("log").orElseThrow().value());
        store.set("short", bytes("a"), Optional.of(Duration.ofSeconds(5)));
        store.append("short", bytes("b"));
        assertEquals(
                Optional.of(Duration.ofSeconds(5)),
                store.get("short").orElseThrow().expiresIn());
        advance(Duration.ofSeconds(5));
        store.append("short", bytes("c"));
        assertEquals(Optional.of("c"), text("short"));
        assertEquals(Optional.empty(), store.get("short").orElseThrow().expiresIn());
    }

    @Test
    void anExpiredValueIsGoneAtOnce() throws IOException {
        store.set("a", bytes("one"), Optional.of(Duration.ofSeconds(5)));
        store.set("b", bytes("two"), Optional.of(Duration.ofDays(Long.MAX_VALUE / 86_400)));
        advance(Duration.ofMillis(4_999));
        assertEquals(
                Optional.of(Duration.ofMillis(1)), store.get("a").orElseThrow().expiresIn());
        advance(Duration.ofMillis(1));
        assertEquals(Optional.empty(), text("a"));
        assertEquals(Optional.empty(), store.size("a"));
        assertFalse(store.delete("a"));
        assertFalse(store.compareAndSet("a", 1L, bytes("x")));
        assertEquals(List.of("b"), store.list("", Optional.empty(), 10).keys());
        assertTrue(store.create("a", bytes("new")));
        assertEquals(Optional.of("new"), text("a"));
    }

    @Test
    void settingAValueAnewTakesItsExpiryAway() throws IOException {
        store.set("a", bytes("one"), Optional.of(Duration.ofSeconds(5)));
        store.set("a", bytes("two"));
        advance(Duration.ofDays(1));
        assertEquals(Optional.of("two"), text("a"));
        assertThrows(
                IllegalArgumentException.class, () -> store.set("a", bytes("x"), Optional.of(Duration.ofSeconds(-1))));
    }

    @Test
    void expiredValuesAreSweptFromTheFile() throws Exception {
        for (int i = 0; i < 600; i++) {
            store.set("k" + i, bytes("x"), Optional.of(Duration.ofSeconds(1)));
        }
        service.close();
        advance(Duration.ofSeconds(2));
        open();
        store.set("stays", bytes("x"));
        Instant deadline = Instant.now().plusSeconds(20);
        while (rows() != 1) {
            assertTrue(Instant.now().isBefore(deadline), "rows left: " + rows());
            Thread.onSpinWait();
        }
    }

    private long rows() throws Exception {
        try (Session session = Session.open(folder.resolve("state").resolve(SqliteKeyValueService.FILE_NAME))) {
            return session.number("SELECT count(*) FROM entry");
        }
    }

    @Test
    void onlyOneOfManyCreatorsWins() throws Exception {
        List<Boolean> created = inParallel(200, i -> store.create("lock", bytes("by " + i)));
        assertEquals(1, created.stream().filter(c -> c).count());
        assertEquals(Optional.of("by " + created.indexOf(true)), text("lock"));
    }

    @Test
    void incrementsAddUp() throws Exception {
        List<Long> sums = inParallel(500, i -> store.increment("n", 2));
        assertEquals(500, sums.stream().distinct().count());
        assertEquals(Optional.of("1000"), text("n"));
        assertEquals(-5, store.increment("n", -1005));
    }

    @Test
    void onlyANumberCanBeIncremented() throws IOException {
        store.set("n", bytes("many"));
        assertThrows(IllegalStateException.class, () -> store.increment("n", 1));
        store.set("n", bytes("9".repeat(40)));
        assertThrows(IllegalStateException.class, () -> store.increment("n", 1));
        store.set("n", bytes(Long.toString(Long.MAX_VALUE)));
        assertThrows(IllegalStateException.class, () -> store.increment("n", 1));
        assertEquals(Optional.of(Long.toString(Long.MAX_VALUE)), text("n"));
        assertEquals(Long.MAX_VALUE - 1, store.increment("n", -1));
    }

    @Test
    void compareAndSetSeesEveryWrite() throws IOException {
        assertFalse(store.compareAndSet("a", 1L, bytes("x")));
        assertTrue(store.compareAndSet("a", null, bytes("one")));
        assertFalse(store.compareAndSet("a", null, bytes("x")));
        long version = store.get("a").orElseThrow().version();
        store.delete("a");
        store.set("a", bytes("one"));
        assertNotEquals(version, store.get("a").orElseThrow().version());
        assertFalse(store.compareAndSet("a", version, bytes("x")));
        assertTrue(store.compareAndSet("a", store.get("a").orElseThrow().version(), bytes("two")));
        assertEquals(Optional.of("two"), text("a"));
        assertTrue(store.compareAndSet("a", store.get("a").orElseThrow().version(), null));
        assertFalse(store.exists("a"));
    }

    @Test
    void keysAreListedInTheOrderOfTheirUtf8() throws IOException {
        // In UTF-16 the emoji would come before U+FF5E.
        List<String> ordered = List.of("A", "Z", "a", "a/1", "a/10", "a/2", "b", "é", "\uff5e", "😀");
        for (String key : ordered.reversed()) {
            store.set(key, bytes(key));
        }
        assertEquals(ordered, store.list("", Optional.empty(), 100).keys());
        assertEquals(
                List.of("a/1", "a/10", "a/2"),
                store.list("a/", Optional.empty(), 100).keys());
        assertEquals(List.of("😀"), store.list("😀", Optional.empty(), 100).keys());
    }

    @Test
    void aLongListComesInParts() throws Exception {
        List<String> expected = new ArrayList<>();
        inParallel(250, i -> {
            store.set("k%03d".formatted(i), bytes(""));
            return i;
        });
        store.set("other", bytes(""));
        for (int i = 0; i < 250; i++) {
            expected.add("k%03d".formatted(i));
        }
        List<String> keys = new ArrayList<>();
        Optional<String> cursor = Optional.empty();
        do {
            KeyValueStore.Page page = store.list("k", cursor, 50);
            assertEquals(50, page.keys().size());
            keys.addAll(page.keys());
            cursor = page.cursor();
            store.delete(cursor.orElse("none")); // a part begins where it should even if its first key is gone
            cursor.ifPresent(expected::remove);
            if (cursor.isPresent()) {
                store.set(cursor.get(), bytes(""));
                expected.add(cursor.get());
            }
        } while (cursor.isPresent());
        assertEquals(expected.stream().sorted().toList(), keys);
        assertThrows(IllegalArgumentException.class, () -> store.list("", Optional.empty(), 0));
        assertThrows(IllegalArgumentException.class, () -> store.list("", Optional.empty(), 1001));
    }

    @Test
    void manyReadersAndWritersSeeWholeValues() throws Exception {
        store.set("v", "0".repeat(10_000).getBytes(UTF_8));
        List<Boolean> whole = inParallel(1000, i -> {
            if (i % 4 == 0) {
                store.set("v", Integer.toString(i % 10).repeat(10_000).getBytes(UTF_8));
                return true;
            }
            String text = text("v").orElseThrow();
            return text.length() == 10_000 && text.chars().distinct().count() == 1;
        });
        assertTrue(whole.stream().allMatch(w -> w));
    }

    @Test
    void aRefusedWriteDoesNotHarmTheOthersOfItsGroup() throws Exception {
        store.set("word", bytes("word"));
        List<Boolean> done = inParallel(200, i -> {
            if (i % 2 == 0) {
                assertThrows(IllegalStateException.class, () -> store.increment("word", 1));
                return false;
            }
            store.set("k" + i, bytes("x"));
            return true;
        });
        assertEquals(100, done.stream().filter(d -> d).count());
        assertEquals(100, store.list("k", Optional.empty(), 1000).keys().size());
    }

    @Test
    void aClosedServiceSaysSo() throws IOException {
        store.set("a", bytes("one"));
        service.close();
        service.close();
        assertTrue(assertThrows(IOException.class, () -> store.get("a"))
                .getMessage()
                .contains("closed"));
        assertTrue(assertThrows(IOException.class, () -> store.set("a", bytes("")))
                .getMessage()
                .contains("closed"));
    }

    @Test
    void aPathWithSpecialCharactersIsFine() throws IOException {
        try (SqliteKeyValueService odd = SqliteKeyValueService.open(folder.resolve("what? 100% #1 ü"))) {
            odd.store("default").set("a", bytes("one"));
        }
        assertTrue(Files.exists(folder.resolve("what? 100% #1 ü").resolve(SqliteKeyValueService.FILE_NAME)));
    }

    private void advance(Duration duration) {
        now.updateAndGet(instant -> instant.plus(duration));
    }

    private Optional<String> text(String key) throws IOException {
        return store.get(key).map(entry -> new String(entry.value(), UTF_8));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private interface Numbered<T> {
        T call(int number) throws Exception;
    }

    private static <T> List<T> inParallel(int count, Numbered<T> task) throws Exception {
        List<Callable<T>> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            tasks.add(() -> task.call(number));
        }
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<T> answers = new ArrayList<>();
            for (Future<T> future : executor.invokeAll(tasks)) {
                answers.add(future.get());
            }
            return answers;
        }
    }
}
