package io.selvage.cache;

import static io.selvage.cache.Given.KEY;
import static io.selvage.cache.Given.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskStoreTest {
    @TempDir
    private Path folder;

    private final Queue<String> warnings = new ConcurrentLinkedQueue<>();
    private TieredCache cache = new TieredCache(1 << 20, 1 << 20, Optional.empty());

    @AfterEach
    void close() {
        cache.close();
    }

    private TieredCache open(long memory, long disk) {
        return new TieredCache(
                memory,
                1 << 20,
                Optional.of(new DiskStore(
                        folder, disk, disk, 1 << 20, (message, cause) -> warnings.add(message + ": " + cause))));
    }

    private void start() {
        start(1 << 20, 64 << 20);
    }

    private void start(long memory, long disk) {
        cache.close();
        cache = open(memory, disk);
        eventually(() -> cache.disk().orElseThrow().isOpen());
        cache.disk().orElseThrow().awaitLoaded();
    }

    private static void eventually(BooleanSupplier holds) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "it never holds");
            Thread.onSpinWait();
        }
    }

    private void store(CacheKey key, CachedResponse response) {
        long before = cache.disk().orElseThrow().size();
        cache.store(key, response, () -> false);
        eventually(() -> cache.disk().orElseThrow().size() > before);
    }

    private static CachedResponse now(Headers request, String content, String... lines) {
        Headers fields = Given.fields(lines);
        long now = CacheClock.millis();
        return CachedResponse.of(
                200,
                fields,
                Variant.of(fields, request),
                List.of(content.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                CachedResponse.Arrival.of(fields, now, now, now / 1000),
                CacheRules.DEFAULT);
    }

    private Optional<CachedResponse> load(CacheRequest request) {
        return cache.load(request).join();
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".obj"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** A client is ahead of the disk when it has read from memory what waits to be written. */
    @Test
    void whoIsAheadOfTheDiskWaitsForWhatComesAndIsNotToldThatAllHasCome() throws Exception {
        start();
        CachedResponse head = now(new Headers(), "", "Cache-Control: max-age=60");
        DiskWriter writer = cache.begin(KEY, head, -1).orElseThrow();
        int from = Blocks.SIZE + 1_000;
        CompletableFuture<ByteBuffer> ahead = writer.read(from).next();
        CompletableFuture<ByteBuffer> behind = writer.read(0).next();
        writer.write(new byte[Blocks.SIZE]);
        assertEquals(Blocks.SIZE, behind.get(20, TimeUnit.SECONDS).remaining());
        assertTrue(writer.drained().get(20, TimeUnit.SECONDS));
        assertFalse(ahead.isDone());
        writer.write(new byte[Blocks.SIZE]);
        assertEquals(2 * Blocks.SIZE - from, ahead.get(20, TimeUnit.SECONDS).remaining());
    }

    @Test
    void aReaderThatGoesAwayIsNoFaultOfTheDisk() throws Exception {
        start(1 << 20, 64 << 20);
        store(KEY, now(new Headers(), "a".repeat(3 * Blocks.SIZE), "Cache-Control: max-age=60"));
        start(1 << 10, 64 << 20);
        CachedResponse stored = load(get()).orElseThrow();
        ContentStream rest = cache.open(KEY, stored, 0, stored.length())
                .get(20, TimeUnit.SECONDS)
                .rest();
        assertEquals(Blocks.SIZE, rest.next().get(20, TimeUnit.SECONDS).remaining());
        rest.close();
        ExecutionException gone =
                assertThrows(ExecutionException.class, () -> rest.next().get(20, TimeUnit.SECONDS));
        assertInstanceOf(ClosedChannelException.class, gone.getCause());
        assertEquals(List.of(), List.copyOf(warnings));
        assertEquals(0, cache.disk().orElseThrow().health().failures());
    }

    @Test
    void everythingOfAResponseIsFoundAgain() {
        start();
        Headers german = Given.fields("Accept-Language: de");
        store(KEY, now(german, "hallo", "Vary: Accept-Language", "Cache-Control: max-age=60", "X: ä", "X: 2"));
        store(KEY, now(new Headers(), "hello", "Vary: Accept-Language", "ETag: \"e\""));
        start();
        assertEquals(Optional.empty(), cache.select(get("Accept-Language: de")));
        CachedResponse found = load(get("Accept-Language: de")).orElseThrow();
        assertEquals("hallo", Given.text(found));
        assertEquals(List.of("ä", "2"), found.fields().all("x"));
        assertTrue(found.isFresh(CacheClock.millis()));
        assertEquals("hello", Given.text(load(get()).orElseThrow()));
        assertFalse(cache.isOnDisk(get("Accept-Language: fr")));
        assertEquals("hello", Given.text(cache.select(get()).orElseThrow()));
    }

    @Test
    void theRouteSaysHowLongAfterARestartToo() {
        start();
        CacheRules.Lifetime rule = new CacheRules.Lifetime(
                List.of(),
                List.of(),
                OptionalLong.of(1000),
                OptionalLong.empty(),
                OptionalLong.of(5),
                OptionalLong.empty(),
                OptionalLong.of(77));
        CacheRules rules = new CacheRules(CacheRules.DEFAULT.key(), List.of(rule), List.of("x-control"), List.of());
        long now = CacheClock.millis();
        store(
                KEY,
                CachedResponse.of(
                        200,
                        Given.fields("Cache-Control: max-age=1"),
                        Variant.ONLY,
                        List.of(new byte[10]),
                        new CachedResponse.Arrival(now, now / 1000, 0),
                        rules));
        start();
        CachedResponse found = load(get()).orElseThrow();
        assertEquals(1000, found.policy().lifetime());
        assertEquals(OptionalLong.of(77), found.policy().staleIfError());
        assertEquals(OptionalLong.of(5), found.policy().rule().browser());
    }

    @Test
    void timeThatPassesWhileNothingRunsCountsAndTheFutureDoesNot() throws Exception {
        start();
        store(KEY, now(new Headers(), "x", "Cache-Control: max-age=60"));
        cache.close();
        moveArrival(-30_000);
        start();
        assertEquals(30, load(get()).orElseThrow().age(CacheClock.millis()), 1);
        cache.close();
        moveArrival(-3_600_000);
        start();
        assertFalse(load(get()).orElseThrow().isFresh(CacheClock.millis()));
        cache.close();
        moveArrival(10 * 3_600_000);
        start();
        CachedResponse fromTheFuture = load(get()).orElseThrow();
        assertFalse(fromTheFuture.isFresh(CacheClock.millis()));
        assertTrue(Reuse.decide(get(), Optional.of(fromTheFuture), CacheClock.millis()) instanceof Reuse.Validate);
    }

    /** Writes the file again as another process would have whose clock was so many milliseconds ahead. */
    private void moveArrival(long millis) throws IOException {
        try (FileChannel file = FileChannel.open(file(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            StoredHead head = StoredHead.read(file);
            head.write(file, 4711, millis);
        }
    }

    @Test
    void whatHasNoRoomInMemoryIsReadFromDisk() {
        start(64 << 10, 64 << 20);
        for (int i = 0; i < 100; i++) {
            CacheKey key = CacheKey.of("http", "example.com", "/" + i, "");
            store(key, now(new Headers(), "content " + i + " ".repeat(5000), "Cache-Control: max-age=60"));
        }
        assertTrue(cache.memory().bytes() <= 64 << 10);
        for (int i = 0; i < 100; i++) {
            CacheRequest request =
                    CacheRequest.of("GET", CacheKey.of("http", "example.com", "/" + i, ""), new Headers());
            CachedResponse found = cache.select(request).or(() -> load(request)).orElseThrow();
            assertTrue(Given.text(found).startsWith("content " + i + " "));
        }
    }

    @Test
    void whatIsUsedStaysAndWhatIsNotGoes() {
        start(64 << 10, 1 << 20);
        CacheKey used = CacheKey.of("http", "example.com", "/used", "");
        CacheRequest request = CacheRequest.of("GET", used, new Headers());
        store(used, now(new Headers(), "x".repeat(20_000), "Cache-Control: max-age=60"));
        for (int i = 0; i < 200; i++) {
            CacheKey key = CacheKey.of("http", "example.com", "/" + i, "");
            cache.store(key, now(new Headers(), "y".repeat(20_000), "Cache-Control: max-age=60"), () -> false);
            long written = i + 2L;
            eventually(() -> cache.disk().orElseThrow().size()
                            + cache.disk().orElseThrow().evictions()
                            + cache.disk().orElseThrow().skipped()
                    >= written);
            assertTrue(cache.select(request).or(() -> load(request)).isPresent());
            assertTrue(cache.disk().orElseThrow().bytes() <= 1 << 20);
        }
        assertTrue(cache.disk().orElseThrow().evictions() > 100);
        assertFalse(
                cache.isOnDisk(CacheRequest.of("GET", CacheKey.of("http", "example.com", "/0", ""), new Headers())));
    }

    @Test
    void anInvalidationReachesEveryPartOfAUrl() {
        start();
        store(KEY.in("currency=eur"), now(new Headers(), "1", "Cache-Control: max-age=60"));
        store(KEY.in("currency=usd"), now(new Headers(), "2", "Cache-Control: max-age=60"));
        store(KEY, now(new Headers(), "3", "Cache-Control: max-age=60"));
        start();
        cache.invalidate(KEY);
        assertEquals(Optional.empty(), load(CacheRequest.of("GET", KEY.in("currency=usd"), new Headers())));
        assertEquals(Optional.empty(), load(get()));
        assertEquals(0, cache.disk().orElseThrow().size());
        start();
        assertEquals(0, cache.disk().orElseThrow().size());
    }

    @Test
    void whatIsChangedWhileAnotherHasTheFolderIsNotTakenUpLater() {
        start();
        CacheKey changed = CacheKey.of("http", "example.com", "/changed", "");
        CacheKey replaced = CacheKey.of("http", "example.com", "/replaced", "");
        CacheKey purged = CacheKey.of("http", "example.com", "/purged", "");
        store(changed, now(new Headers(), "1", "Cache-Control: max-age=60"));
        store(replaced, now(new Headers(), "1", "Cache-Control: max-age=60"));
        store(purged, now(new Headers(), "1", "Cache-Control: max-age=60", "Cache-Tag: t"));
        store(KEY, now(new Headers(), "1", "Cache-Control: max-age=60"));
        TieredCache second = open(1 << 20, 64 << 20);
        eventually(() -> warnings.stream().anyMatch(w -> w.startsWith("another process")));
        second.invalidate(changed);
        second.store(replaced, now(new Headers(), "2", "Cache-Control: max-age=60"), () -> false);
        second.purge((_, tags) -> tags.contains("t"), Set.of(), false, false);
        cache.close();
        cache = second;
        eventually(() -> second.disk().orElseThrow().isOpen());
        second.disk().orElseThrow().awaitLoaded();
        assertEquals(1, second.disk().orElseThrow().size());
        assertTrue(second.isOnDisk(get()));
        assertEquals(
                "2",
                Given.text(second.select(CacheRequest.of("GET", replaced, new Headers()))
                        .orElseThrow()));
    }

    @Test
    void whatIsPurgedWhileItIsReadIsNotUsed() {
        start();
        for (int i = 0; i < 200; i++) {
            store(KEY, now(new Headers(), "x".repeat(100_000), "Cache-Control: max-age=60"));
            cache.memory().remove(KEY);
            var loading = cache.load(get());
            cache.purge((_, _) -> true, Set.of(), false, false);
            assertFalse(cache.select(get()).isPresent());
            var _ = loading.join();
            assertFalse(cache.select(get()).isPresent());
            assertEquals(0, cache.disk().orElseThrow().size());
        }
    }

    @Test
    void variantsOnDiskAreBoundedAsInMemory() {
        start();
        for (int i = 0; i < 200; i++) {
            cache.store(KEY, now(Given.fields("X: " + i), "x", "Vary: X", "Cache-Control: max-age=60"), () -> false);
            int number = i;
            eventually(() -> cache.isOnDisk(get("X: " + number)));
        }
        eventually(() -> cache.disk().orElseThrow().size() <= 64);
        assertTrue(cache.isOnDisk(get("X: 199")));
    }
}
