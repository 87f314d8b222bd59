package io.selvage.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** What holds for every request and response, however odd: the rules of the cache over fields that nobody would write. */
class CachePropertiesTest {
    private static final long NOW = Given.NOW;
    private static final long DAY = 24 * 60 * 60;

    /** Lines of responses, good and bad. */
    @Provide
    Arbitrary<List<String>> responses() {
        return lines(
                directives(
                        "max-age=0",
                        "max-age=60",
                        "max-age=\"60\"",
                        "MAX-AGE=3600",
                        "max-age=-1",
                        "max-age=99999999999999999999",
                        "s-maxage=10",
                        "s-maxage=abc",
                        "no-cache",
                        "no-cache=\"set-cookie\"",
                        "no-store",
                        "private",
                        "private=\"x\"",
                        "public",
                        "must-revalidate",
                        "proxy-revalidate",
                        "must-understand",
                        "immutable",
                        "stale-while-revalidate=30",
                        "stale-if-error=30",
                        "a=\"b, private\"",
                        ",",
                        "\""),
                "CDN-Cache-Control: max-age=5",
                "CDN-Cache-Control: no-store",
                "CDN-Cache-Control: max-age=abc",
                "Surrogate-Control: max-age=50+20",
                "Expires: Thu, 01 Jan 2026 01:00:00 GMT",
                "Expires: 0",
                "Date: Thu, 01 Jan 2026 00:00:00 GMT",
                "Date: Fri, 02 Jan 2026 00:00:00 GMT",
                "Date: yesterday",
                "Age: 30",
                "Age: 7200",
                "Age: -3",
                "Last-Modified: Mon, 01 Dec 2025 00:00:00 GMT",
                "ETag: \"a\"",
                "ETag: W/\"a\"",
                "Set-Cookie: id=1",
                "Vary: Accept",
                "Vary: *",
                "Vary: Accept, *",
                "Pragma: no-cache");
    }

    /** Lines of requests. */
    @Provide
    Arbitrary<List<String>> requests() {
        return lines(
                directives(
                        "no-cache",
                        "no-store",
                        "only-if-cached",
                        "max-age=0",
                        "max-age=30",
                        "min-fresh=20",
                        "max-stale",
                        "max-stale=30",
                        "max-stale=x",
                        "stale-if-error=100"),
                "Pragma: no-cache",
                "Authorization: Basic eDp5",
                "Range: bytes=0-1",
                "If-None-Match: \"a\"",
                "If-None-Match: *",
                "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT",
                "Accept: text/html, */*;q=0.1");
    }

    private static Arbitrary<List<String>> lines(Arbitrary<String> control, String... others) {
        return Combinators.combine(
                        control.list().ofMaxSize(2),
                        Arbitraries.of(others).list().ofMaxSize(5))
                .as((first, second) -> {
                    List<String> all = new ArrayList<>(first);
                    all.addAll(second);
                    return all;
                });
    }

    private static Arbitrary<String> directives(String... all) {
        return Arbitraries.of(all)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(some -> "Cache-Control: " + String.join(", ", some));
    }

    private static Headers fields(List<String> lines) {
        return Given.fields(lines.toArray(new String[0]));
    }

    private static CacheRequest request(String method, List<String> lines) {
        return CacheRequest.of(method, Given.KEY, fields(lines));
    }

    private static CachedResponse response(int status, List<String> lines, Headers request) {
        Headers fields = fields(lines);
        return CachedResponse.of(
                status,
                fields,
                Variant.of(fields, request),
                List.of("0123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
                CachedResponse.Arrival.of(fields, NOW, NOW, NOW / 1000),
                CacheRules.DEFAULT);
    }

    private static boolean targets(Headers fields) {
        return fields.contains("cdn-cache-control") || fields.contains("surrogate-control");
    }

    @Property(tries = 2000)
    void whatIsForOneUserIsNeverStored(
            @ForAll("requests") List<String> asked,
            @ForAll("responses") List<String> answered,
            @ForAll @IntRange(min = 100, max = 599) int status) {
        CacheRequest request = request("GET", asked);
        Headers fields = fields(answered);
        ResponsePolicy policy = ResponsePolicy.of(status, fields, NOW / 1000, CacheRules.DEFAULT);
        if (!policy.allowsStoring(request, status, fields)) {
            return;
        }
        CacheControl control = CacheControl.parse(fields.all("cache-control"));
        assertFalse(request.control().has("no-store"));
        assertFalse(String.join(",", fields.all("vary")).contains("*"));
        assertTrue(status >= 200 && status != 206 && status != 304);
        if (!targets(fields)) {
            assertFalse(control.holds("private"));
            assertTrue(!control.has("no-store") || control.has("must-understand"));
            assertTrue(!request.isAuthorized()
                    || control.has("public")
                    || control.has("must-revalidate")
                    || control.has("s-maxage"));
        }
    }

    @Property(tries = 2000)
    void whatIsServedWithoutTheOriginIsWithinEveryLimit(
            @ForAll("requests") List<String> asked,
            @ForAll("responses") List<String> answered,
            @ForAll @LongRange(min = 0, max = 2 * DAY) long later) {
        CacheRequest request = request("GET", asked);
        CachedResponse stored = response(200, answered, request.fields());
        long now = NOW + later * 1000;
        long age = stored.age(now);
        long left = stored.policy().lifetime() - age;
        CacheControl wanted = request.control();
        assertTrue(age >= later, "it is at least as old as it has been here");
        switch (Reuse.decide(request, Optional.of(stored), now)) {
            case Reuse.Fresh _ -> {
                assertTrue(left > 0);
                assertFalse(stored.policy().needsValidation());
                assertFalse(wanted.has("no-cache"));
                assertTrue(left >= wanted.seconds("min-fresh").orElse(0));
                boolean young = age <= wanted.seconds("max-age").orElse(Long.MAX_VALUE);
                assertTrue(young || stored.policy().isImmutable());
            }
            case Reuse.Stale _ -> {
                assertTrue(left <= 0 && wanted.has("max-stale"));
                assertFalse(stored.policy().forbidsStale());
            }
            case Reuse.StaleWhileRevalidate _ -> {
                assertTrue(left <= 0 && -left < stored.policy().staleWhileRevalidate());
                assertFalse(stored.policy().control().has("must-revalidate"));
                assertFalse(stored.policy().needsValidation());
            }
            case Reuse.Unsatisfiable _ -> assertTrue(wanted.has("only-if-cached"));
            case Reuse.Validate _ -> assertFalse(wanted.has("only-if-cached"));
            case Reuse.Miss _ -> throw new AssertionError("there is a response");
        }
    }

    @Property(tries = 1000)
    void aResponseDoesNotBecomeFresherByWaiting(
            @ForAll("responses") List<String> answered,
            @ForAll @LongRange(min = 0, max = DAY) long first,
            @ForAll @LongRange(min = 0, max = DAY) long more) {
        CachedResponse stored = response(200, answered, new Headers());
        long before = NOW + first * 1000;
        long after = before + more * 1000;
        assertTrue(stored.age(after) >= stored.age(before) + more - 1);
        assertTrue(!stored.isFresh(after) || stored.isFresh(before));
        assertFalse(stored.asOutdated().isFresh(before));
    }

    @Property(tries = 1000)
    void aValidationChangesNothingOfTheContent(
            @ForAll("responses") List<String> answered, @ForAll("responses") List<String> notModified) {
        CachedResponse stored = response(200, answered, new Headers());
        CachedResponse fresh = stored.freshenedBy(
                fields(notModified), CachedResponse.Arrival.of(fields(notModified), NOW, NOW, NOW / 1000));
        assertEquals(stored.content(), fresh.content());
        assertEquals(stored.status(), fresh.status());
        assertEquals(stored.variant(), fresh.variant());
        for (String name : List.of("content-length", "content-type", "content-encoding")) {
            assertEquals(stored.fields().all(name), fresh.fields().all(name));
        }
    }

    @Property(tries = 1000)
    void aPartIsAlwaysInsideOfTheWhole(
            @ForAll @LongRange(min = 0, max = 1000) long from,
            @ForAll @LongRange(min = 0, max = 1000) long to,
            @ForAll @LongRange(min = 0, max = 500) long length,
            @ForAll @IntRange(min = 0, max = 3) int form) {
        String range = switch (form) {
            case 0 -> "bytes=" + from + "-" + to;
            case 1 -> "bytes=" + from + "-";
            case 2 -> "bytes=-" + to;
            default -> "bytes=" + from + "-" + to + "," + to + "-";
        };
        Selection selection = Selection.of(Given.get("Range: " + range), 200, new Headers(), NOW / 1000, length);
        assertTrue(0 <= selection.from() && selection.from() <= selection.to() && selection.to() <= length);
        switch (selection.status()) {
            case 206 -> assertTrue(selection.from() < selection.to());
            case 416 -> assertTrue(form == 2 ? to == 0 || length == 0 : from >= length);
            default -> assertEquals(length, selection.to() - selection.from());
        }
    }

    @Property(tries = 1000)
    void whoeverAsksTheSameAgainGetsTheSame(
            @ForAll("requests") List<String> asked, @ForAll("responses") List<String> answered, @ForAll Random random) {
        Headers request = fields(asked);
        Variant variant = Variant.of(fields(answered), request);
        assertTrue(variant.matches(request));
        List<String> other = new ArrayList<>(asked);
        Collections.shuffle(other, random);
        if (asked.stream().filter(line -> line.startsWith("Accept")).count() <= 1) {
            assertTrue(variant.matches(fields(other)), "the order of different fields means nothing");
        }
    }

    @Property(tries = 1000)
    void noTextBreaksTheReaders(@ForAll String text) {
        CacheControl control = CacheControl.parse(List.of(text));
        control.seconds("max-age").ifPresent(seconds -> assertTrue(seconds >= 0));
        CacheControl.parseTargeted(List.of(text));
        HttpDate.parse(text);
        Headers fields =
                new Headers().add("Cache-Control", text).add("Vary", text).add("Age", text);
        assertTrue(Variant.of(fields, new Headers().add("Accept", text)).matches(new Headers().add("Accept", text))
                || text.toLowerCase(java.util.Locale.ROOT).contains("accept"));
        assertTrue(CachedResponse.Arrival.of(fields, NOW, NOW, NOW / 1000).age() >= 0);
        Selection selection = Selection.of(Given.get("Range: " + text), 200, new Headers(), 0, 10);
        assertTrue(selection.from() <= selection.to() && selection.to() <= 10);
    }

    @Property(tries = 500)
    void aSortedQueryIsTheSameInEveryOrder(
            @ForAll @Size(max = 6) List<@IntRange(min = 0, max = 99) Integer> numbers, @ForAll Random random) {
        CacheRules.Key rules =
                new CacheRules.Key(Optional.empty(), List.of("utm_*"), true, List.of(), Optional.empty());
        List<String> parameters = new ArrayList<>(
                numbers.stream().distinct().map(n -> "p" + n + "=" + n).toList());
        String sorted = QueryKey.of(rules, String.join("&", parameters));
        parameters.add("utm_source=x");
        Collections.shuffle(parameters, random);
        assertEquals(sorted, QueryKey.of(rules, String.join("&", parameters)));
        assertEquals(sorted, QueryKey.of(rules, sorted));
    }

    @Property(tries = 300)
    void whatIsWrittenIsReadAgainAndAnyDamageIsFound(
            @ForAll("responses") List<String> answered,
            @ForAll @IntRange(min = 0, max = 150_000) int length,
            @ForAll Random random)
            throws IOException {
        Path path = Files.createTempFile("cache", ".obj");
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            byte[] content = new byte[length];
            random.nextBytes(content);
            CachedResponse response = response(200, answered, new Headers()).with(new Content.OnDisk(length));
            write(file, response.id(), content);
            new StoredHead(Given.KEY, response).write(file);
            StoredHead read = StoredHead.read(file);
            assertEquals(Given.KEY, read.key());
            assertEquals(lines(response.fields()), lines(read.response().fields()));
            assertEquals(response.variant(), read.response().variant());
            assertEquals(response.policy().lifetime(), read.response().policy().lifetime());
            assertArrayEquals(content, content(file, read.response()));
            long at = random.nextLong(file.size());
            ByteBuffer one = Blocks.read(file, at, 1);
            Blocks.write(file, ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1 << random.nextInt(8))}), at);
            assertThrows(
                    DamagedException.class,
                    () -> content(file, StoredHead.read(file).response()));
        } finally {
            Files.delete(path);
        }
    }

    private static List<String> lines(Headers fields) {
        List<String> lines = new ArrayList<>();
        fields.forEach((name, value) -> lines.add(name + ": " + value));
        return lines;
    }

    private static void write(FileChannel file, long id, byte[] content) throws IOException {
        for (int at = 0; at < content.length; at += Blocks.SIZE) {
            byte[] block = java.util.Arrays.copyOfRange(content, at, Math.min(content.length, at + Blocks.SIZE));
            Blocks.write(file, id, at / Blocks.SIZE, block, block.length);
        }
    }

    private static byte[] content(FileChannel file, CachedResponse response) throws IOException {
        byte[] content = new byte[(int) response.length()];
        for (int at = 0; at < content.length; at += Blocks.SIZE) {
            int length = Math.min(Blocks.SIZE, content.length - at);
            System.arraycopy(Blocks.read(file, response.id(), at / Blocks.SIZE, length), 0, content, at, length);
        }
        return content;
    }

    /** One step of a history. */
    private enum Step {
        STORE,
        INVALIDATE,
        PURGE_TAG,
        SOFT_PURGE,
        LOOK
    }

    @Property(tries = 2000)
    void bothTiersAgreeWithAPlainMapWhateverHappens(
            @ForAll @Size(min = 1, max = 40) List<Step> steps, @ForAll Random random) throws IOException {
        Path folder = Files.createTempDirectory("cache");
        Map<String, CachedResponse> model = new HashMap<>();
        DiskStore disk = new DiskStore(folder, 64 << 20, 1 << 20, 1 << 20, (message, cause) -> {
            throw new UncheckedIOException(message, cause);
        });
        try (TieredCache cache = new TieredCache(1 << 20, 1 << 20, Optional.of(disk))) {
            for (Step step : steps) {
                int number = random.nextInt(4);
                CacheKey key = CacheKey.of("http", "example.com", "/" + number, "");
                String tag = "t" + number % 2;
                switch (step) {
                    case STORE -> {
                        CachedResponse response =
                                response(200, List.of("Cache-Control: max-age=60", "Cache-Tag: " + tag), new Headers());
                        cache.store(key, response, () -> false);
                        model.put(key.target(), response);
                    }
                    case INVALIDATE -> {
                        cache.invalidate(key);
                        model.remove(key.target());
                    }
                    case PURGE_TAG -> {
                        cache.purge((_, tags) -> tags.contains(tag), Set.of(), false, false);
                        model.values().removeIf(response -> response.tags().contains(tag));
                    }
                    case SOFT_PURGE -> {
                        cache.purge((k, _) -> k.equals(key), Set.of(), true, false);
                        model.computeIfPresent(key.target(), (_, response) -> response.asOutdated());
                    }
                    case LOOK -> look(cache, model, random.nextBoolean());
                }
            }
            look(cache, model, true);
        } finally {
            delete(folder);
        }
    }

    /** Looks every URL up, from disk too if memory is emptied before. */
    private static void look(TieredCache cache, Map<String, CachedResponse> model, boolean empties) {
        for (int number = 0; number < 4; number++) {
            CacheKey key = CacheKey.of("http", "example.com", "/" + number, "");
            CacheRequest request = CacheRequest.of("GET", key, new Headers());
            Optional<CachedResponse> wanted = Optional.ofNullable(model.get(key.target()));
            if (empties && cache.isOnDisk(request)) {
                cache.memory().remove(key);
            }
            Optional<CachedResponse> found =
                    cache.select(request).or(() -> cache.load(request).join());
            assertEquals(wanted.map(CachedResponse::id), found.map(CachedResponse::id), key.target());
            assertEquals(wanted.map(CachedResponse::isOutdated), found.map(CachedResponse::isOutdated), key.target());
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (Path path : all.sorted(Collections.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
