package io.selvage.cache;

import static io.selvage.cache.Given.KEY;
import static io.selvage.cache.Given.NOW;
import static io.selvage.cache.Given.fields;
import static io.selvage.cache.Given.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartialTest {
    private static final String WHOLE = "0123456789abcdefghij";

    private final HttpCache cache = new HttpCache(1 << 20);

    private static CachedResponse part(int from, int to, String... lines) {
        return partOf(WHOLE, from, to, lines);
    }

    private static CachedResponse partOf(String whole, int from, int to, String... lines) {
        Headers fields = fields(lines).add("Cache-Control", "max-age=60");
        return CachedResponse.ofPart(
                fields,
                Variant.of(fields, new Headers()),
                new ContentRange(from, to, whole.length()),
                List.of(whole.substring(from, to).getBytes(StandardCharsets.US_ASCII)),
                CachedResponse.Arrival.of(fields, NOW, NOW, NOW / 1000),
                CacheRules.DEFAULT);
    }

    private Optional<CachedResponse> store(CachedResponse part) {
        return cache.storePart(KEY, part, 1 << 20, () -> true);
    }

    private Partial stored() {
        return (Partial) cache.selectPartial(get()).orElseThrow().content();
    }

    private static String text(List<ByteBuffer> slices) {
        StringBuilder text = new StringBuilder();
        slices.forEach(slice -> text.append(StandardCharsets.US_ASCII.decode(slice)));
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"bytes 0-4/10|0|5|10", "Bytes  9-9/10|9|10|10", "bytes 0-0/1|0|1|1"})
    void aPartSaysWhichBytesItHas(String text, long from, long to, long complete) {
        assertEquals(
                Optional.of(new ContentRange(from, to, complete)),
                ContentRange.of(206, fields("Content-Range: " + text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes 0-4/*",
                "bytes */10",
                "bytes 5-4/10",
                "bytes 0-10/10",
                "bytes -1-4/10",
                "lines 0-4/10",
                "bytes 0-4",
                "bytes 0-99999999999999999999/10"
            })
    void aPartOfWhichThatIsNotKnownIsNone(String text) {
        assertEquals(Optional.empty(), ContentRange.of(206, fields("Content-Range: " + text)));
    }

    @Test
    void aPartThatContradictsItselfIsNone() {
        assertEquals(
                Optional.empty(), ContentRange.of(206, fields("Content-Range: bytes 4-9/10", "Content-Length: 5")));
        assertEquals(
                Optional.empty(),
                ContentRange.of(206, fields("Content-Range: bytes 0-4/10", "Content-Range: bytes 0-5/10")));
        assertEquals(Optional.empty(), ContentRange.of(200, fields("Content-Range: bytes 0-4/10")));
    }

    @Test
    void aPartAnswersNoRequestForTheWhole() {
        store(part(0, 5, "ETag: \"1\""));
        assertEquals(Optional.empty(), cache.select(get()));
        assertTrue(stored().has(Selection.of(
                get("Range: bytes=1-3"), cache.selectPartial(get()).orElseThrow())));
        for (String range : List.of("bytes=1-5", "bytes=4-", "bytes=-1", "bytes=0-1,3-4")) {
            CacheRequest request = get("Range: " + range);
            assertEquals(
                    false,
                    stored().has(Selection.of(
                            request, cache.selectPartial(request).orElseThrow())),
                    range);
        }
    }

    @Test
    void partsWithTheSameStrongValidatorBecomeTheWhole() {
        assertEquals(Optional.empty(), store(part(10, 20, "ETag: \"1\"", "N: old", "Kept: yes")));
        CachedResponse whole = store(part(0, 12, "ETag: \"1\"", "N: new")).orElseThrow();
        assertEquals(WHOLE, Given.text(whole));
        assertEquals(List.of("new"), whole.fields().all("n"));
        assertEquals(List.of("yes"), whole.fields().all("kept"));
        assertEquals(200, whole.status());
        assertEquals(Optional.of(whole), cache.select(get()));
        assertEquals(Optional.empty(), cache.selectPartial(get()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ETag: \"1\"|ETag: \"2\"",
                "ETag: W/\"1\"|ETag: W/\"1\"",
                "A: b|A: b",
                "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT|Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT"
            })
    void partsThatMayBeOfDifferentContentsAreNotCombined(String first, String second) {
        String date = "Date: Thu, 01 Jan 2026 00:00:30 GMT";
        store(part(0, 10, first, date));
        assertEquals(Optional.empty(), store(part(10, 20, second, date)));
        assertEquals("10-19/20", stored().toString());
    }

    @Test
    void theTimeOfTheLastChangeIsAStrongValidatorWhenItIsLongAgo() {
        String[] fields = {
            "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT", "Date: Thu, 01 Jan 2026 00:01:00 GMT",
        };
        store(part(0, 10, fields));
        assertTrue(store(part(10, 20, fields)).isPresent());
    }

    @Test
    void aPartOfAnotherLengthIsNotCombined() {
        store(part(0, 10, "ETag: \"1\""));
        store(partOf(WHOLE + "k", 10, 21, "ETag: \"1\""));
        assertEquals("10-20/21", stored().toString());
    }

    @Test
    void anOlderPartAndOneOfWhatIsWholeChangeNothing() {
        store(part(0, 10, "ETag: \"2\"", "Date: Thu, 01 Jan 2026 00:01:00 GMT"));
        store(part(10, 20, "ETag: \"1\"", "Date: Thu, 01 Jan 2026 00:00:00 GMT"));
        assertEquals("0-9/20", stored().toString());
        cache.store(KEY, Given.response("ETag: \"3\""));
        store(part(10, 20, "ETag: \"4\""));
        assertEquals(Optional.empty(), cache.selectPartial(get()));
        assertTrue(cache.select(get()).isPresent());
    }

    @Test
    void piecesAndBytesAreBounded() {
        String large = "x".repeat(1000);
        for (int i = 0; i < 1000; i += 4) {
            store(partOf(large, i, i + 2, "ETag: \"1\""));
        }
        assertEquals(Partial.MOST_PIECES, stored().pieces().size());
        cache.storePart(KEY, partOf(large, 0, 100, "ETag: \"1\""), 120, () -> true);
        assertEquals("0-99/1000", stored().toString());
    }

    @Test
    void onlyWhatIsMissingIsAskedFor() {
        store(part(4, 8, "ETag: \"1\""));
        store(part(10, 12, "ETag: \"1\""));
        CachedResponse stored = cache.selectPartial(get()).orElseThrow();
        Completion range = Completion.of(get("Range: bytes=6-10"), stored).orElseThrow();
        assertEquals(List.of("bytes=8-9"), range.asking(get().fields()).all("range"));
        assertEquals(List.of("\"1\""), range.asking(get().fields()).all("if-range"));
        assertEquals("67", text(range.before()));
        assertEquals("a", text(range.after()));
        Headers came = fields("ETag: \"1\"", "Content-Range: bytes 8-9/20", "Content-Length: 2");
        assertEquals(Completion.Answer.FITS, range.judge(206, came));
        assertEquals(List.of("bytes 6-10/20"), range.fields(came).all("content-range"));
        assertEquals(List.of("5"), range.fields(came).all("content-length"));
        Completion end = Completion.of(get("Range: bytes=11-"), stored).orElseThrow();
        assertEquals(List.of("bytes=12-"), end.asking(get().fields()).all("range"));
        for (CacheRequest request : List.of(
                get(),
                get("Range: bytes=0-1"),
                get("Range: bytes=0-1,5-12"),
                get("Range: bytes=6-10", "If-Range: \"2\""),
                get("Range: bytes=6-10", "If-Match: \"1\""))) {
            assertEquals(
                    Optional.empty(),
                    Completion.of(request, stored),
                    () -> request.fields().toString());
        }
    }

    @Test
    void anAnswerAboutAnotherContentDoesNotCompleteIt() {
        store(part(0, 10, "ETag: \"1\""));
        Completion whole =
                Completion.of(get(), cache.selectPartial(get()).orElseThrow()).orElseThrow();
        String rest = "Content-Range: bytes 10-19/20";
        assertEquals(Completion.Answer.FITS, whole.judge(206, fields(rest, "ETag: \"1\"")));
        assertEquals(Completion.Answer.USELESS, whole.judge(206, fields(rest, "ETag: \"2\"")));
        assertEquals(Completion.Answer.USELESS, whole.judge(206, fields(rest)));
        assertEquals(
                Completion.Answer.USELESS, whole.judge(206, fields("Content-Range: bytes 10-19/21", "ETag: \"1\"")));
        assertEquals(Completion.Answer.USELESS, whole.judge(416, fields("Content-Range: bytes */5")));
        assertEquals(Completion.Answer.REPLACES, whole.judge(200, fields("ETag: \"2\"")));
        assertEquals(Completion.Answer.REPLACES, whole.judge(404, fields()));
    }

    /** Whatever parts come in whatever order, what answers is a cut of the whole, and nothing else. */
    @Property(tries = 500)
    void whateverPartsComeNothingButTheContentIsServed(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 0, max = 399) Integer> ends) {
        HttpCache fresh = new HttpCache(1 << 20);
        BitSet there = new BitSet();
        for (int i = 0; i < ends.size(); i++) {
            int from = Math.min(ends.get(i) / 20, ends.get(i) % 20);
            int to = Math.max(ends.get(i) / 20, ends.get(i) % 20) + 1;
            there.set(from, to);
            Optional<CachedResponse> whole = fresh.selectPartial(get()).isPresent() || i == 0
                    ? fresh.storePart(KEY, part(from, to, "ETag: \"1\""), 1 << 20, () -> true)
                    : Optional.empty();
            whole.ifPresent(response -> assertEquals(WHOLE, Given.text(response)));
        }
        fresh.selectPartial(get()).map(CachedResponse::content).ifPresent(content -> {
            Partial partial = (Partial) content;
            for (int from = 0; from < 20; from++) {
                for (int to = from + 1; to <= 20; to++) {
                    boolean has = there.nextClearBit(from) >= to;
                    assertEquals(has, partial.piece(from, to).isPresent());
                    if (has) {
                        assertEquals(WHOLE.substring(from, to), text(partial.startingAt(from, to)));
                    }
                }
            }
            assertEquals(there.cardinality(), partial.held());
        });
    }
}
