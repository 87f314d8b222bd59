package io.selvage.cache;

import static io.selvage.cache.Given.KEY;
import static io.selvage.cache.Given.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.CacheRules;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

class HttpCacheTest {
    private final TieredCache tiers = new TieredCache(1 << 20, 1 << 20, Optional.empty());
    private final HttpCache cache = tiers.memory();

    private static CachedResponse of(String language, String... more) {
        String[] lines = java.util.Arrays.copyOf(more, more.length + 1);
        lines[more.length] = "Vary: X";
        return Given.response(Given.fields("X: " + language), lines);
    }

    private List<TieredCache.Purged> purge(BiPredicate<CacheKey, Set<String>> chosen, boolean soft, boolean dry) {
        return tiers.purge(chosen, Set.of(), soft, dry);
    }

    @Test
    void variantsOfOneUrlLiveBesideEachOther() {
        cache.store(KEY, of("a"));
        cache.store(KEY, of("b"));
        assertTrue(cache.select(get("X: a")).isPresent());
        assertTrue(cache.select(get("X: b")).isPresent());
        assertEquals(Optional.empty(), cache.select(get("X: c")));
    }

    @Test
    void aNewResponseTakesThePlaceOfItsOwnVariant() {
        cache.store(KEY, of("a", "N: 1"));
        cache.store(KEY, of("a", "N: 2"));
        assertEquals(
                "2", cache.select(get("X: a")).orElseThrow().fields().first("n").orElseThrow());
    }

    @Test
    void ofSeveralThatFitTheNewestIsTaken() {
        cache.store(KEY, Given.response("N: new", "Date: Thu, 01 Jan 2026 00:00:00 GMT"));
        cache.store(KEY, of("a", "N: old", "Date: Wed, 31 Dec 2025 00:00:00 GMT"));
        assertEquals(
                "new",
                cache.select(get("X: a")).orElseThrow().fields().first("n").orElseThrow());
    }

    @Test
    void variantsAreBounded() {
        for (int i = 0; i < 1000; i++) {
            cache.store(KEY, of("v" + i));
        }
        assertEquals(64, purge((_, _) -> true, false, true).getFirst().variants());
    }

    @Test
    void itHoldsNoMoreThanItsBytes() {
        for (int i = 0; i < 5_000; i++) {
            CacheKey key = CacheKey.of("http", "example.com", "/" + i, "");
            byte[] content = new byte[1000];
            cache.store(
                    key,
                    CachedResponse.of(
                            200,
                            Given.fields(),
                            Variant.ONLY,
                            List.of(content),
                            new CachedResponse.Arrival(0, 0, 0),
                            CacheRules.DEFAULT));
        }
        assertTrue(cache.bytes() <= 1 << 20, () -> cache.bytes() + " bytes");
        assertTrue(cache.bytes() > 1 << 19, () -> cache.bytes() + " bytes");
    }

    @Test
    void aPurgeTellsWhatIsGoneAndIsComplete() {
        cache.store(KEY, of("a"));
        cache.store(KEY, of("b"));
        assertEquals(List.of(new TieredCache.Purged(KEY, 2, 20, 0)), purge((k, _) -> k.equals(KEY), false, true));
        assertTrue(cache.holds(KEY));
        assertEquals(1, purge((k, _) -> k.equals(KEY), false, false).size());
        assertFalse(cache.holds(KEY));
        assertEquals(List.of(), purge((_, _) -> true, false, false));
    }

    @Test
    void aSoftPurgeKeepsAStaleResponseForWhenTheOriginFails() {
        cache.store(KEY, Given.response("Cache-Control: max-age=60"));
        purge((_, _) -> true, true, false);
        CachedResponse kept = cache.select(get()).orElseThrow();
        assertFalse(kept.isFresh(Given.NOW));
        assertTrue(Reuse.mayReplaceFailure(get(), kept, true, Given.NOW));
    }

    @Test
    void referencesAreResolvedWithinTheSameAuthorityOnly() {
        CacheKey key = CacheKey.of("http", "Example.com:8080", "/a/b", "q=1");
        assertEquals(
                Optional.of(CacheKey.of("http", "example.com:8080", "/a/c", "")),
                key.resolve("c", CacheRules.DEFAULT.key()));
        assertEquals(
                Optional.of(CacheKey.of("http", "example.com:8080", "/", "x")),
                key.resolve("/?x", CacheRules.DEFAULT.key()));
        assertEquals(Optional.of(key), key.resolve("http://example.com:8080/a/b?q=1", CacheRules.DEFAULT.key()));
        assertEquals(Optional.empty(), key.resolve("http://other.example/a/b", CacheRules.DEFAULT.key()));
        assertEquals(Optional.empty(), key.resolve("http://[bad", CacheRules.DEFAULT.key()));
        assertEquals(
                Optional.of(CacheKey.of("https", "[::1]", "/c", "")),
                CacheKey.of("https", "[::1]:443", "/a", "").resolve("https://[::1]:443/c", CacheRules.DEFAULT.key()));
    }
}
