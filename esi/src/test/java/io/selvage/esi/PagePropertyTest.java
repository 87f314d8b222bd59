package io.selvage.esi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** What holds for every page, however odd, and however it is cut on its way. */
class PagePropertyTest {
    private static final String[] MARKS = {
        "<esi:include src='/a'/>",
        "<esi:include src=\"/none\" onerror=\"continue\"/>",
        "<esi:include src='/later' alt='/a'>",
        "<esi:vars>",
        "</esi:vars>",
        "<esi:remove>",
        "</esi:remove>",
        "<esi:try>",
        "<esi:attempt>",
        "</esi:attempt>",
        "<esi:except>",
        "</esi:except>",
        "</esi:try>",
        "<esi:choose>",
        "<esi:when test=\"$(QUERY_STRING{x}) == '1'\">",
        "</esi:when>",
        "<esi:otherwise>",
        "</esi:otherwise>",
        "</esi:choose>",
        "<esi:comment text='>'/>",
        "<!--esi",
        "-->",
        "$(QUERY_STRING{x})",
        "$(",
        "<",
        "<es",
        "</",
        "<!--",
        "-",
        "\n",
        " ",
        "text",
        "é"
    };

    @Provide
    Arbitrary<String> pages() {
        return Arbitraries.of(MARKS).list().ofMaxSize(30).map(marks -> String.join("", marks));
    }

    private static String assembled(String page, List<Integer> cuts) {
        TestIncludes includes = new TestIncludes();
        includes.contents.put("/a", "[A]");
        Assembly assembly = includes.assembly(new Variables("h", "x=%3C1", Map.of(), List.of(), "", ""));
        byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
        int from = 0;
        for (int cut : cuts.stream().map(c -> c % (bytes.length + 1)).sorted().toList()) {
            assembly.read(Arrays.copyOfRange(bytes, from, cut));
            from = cut;
        }
        assembly.read(Arrays.copyOfRange(bytes, from, bytes.length));
        assembly.end();
        List.copyOf(includes.waiting)
                .forEach(asked -> asked.then().done(new Includes.Content(List.of(new byte[] {'L'}))));
        assertFalse(includes.outcome.isEmpty(), () -> "never ends: " + page);
        assertEquals(0, assembly.waiting() * (includes.outcome.equals("complete") ? 1 : 0), page);
        return includes.outcome + " " + includes.page() + " " + assembly.mistakes();
    }

    @Property(tries = 1_000)
    void aPageComesOutTheSameHoweverItIsCut(
            @ForAll("pages") String page, @ForAll @Size(max = 8) List<@IntRange(max = 1_000) Integer> cuts) {
        assertEquals(assembled(page, List.of()), assembled(page, cuts));
    }

    @Property(tries = 1_000)
    void aPageWithoutTagsComesOutByteForByte(@ForAll @Size(max = 200) byte[] page) {
        String text = new String(page, StandardCharsets.ISO_8859_1);
        if (text.contains("<esi:") || text.contains("</esi:") || text.contains("<!--esi")) {
            return;
        }
        List<byte[]> out = new ArrayList<>();
        Assembly assembly =
                new Assembly(TestIncludes.NOBODY, (_, _) -> () -> {}, new Allowance(1, 1), new Assembly.Output() {
                    @Override
                    public void write(byte[] bytes) {
                        out.add(bytes);
                    }

                    @Override
                    public void end() {}

                    @Override
                    public void fail(PageFailure failure) {}
                });
        assembly.read(page);
        assembly.end();
        String came = String.join(
                "",
                out.stream()
                        .map(b -> new String(b, StandardCharsets.ISO_8859_1))
                        .toList());
        assertEquals(text, came);
    }

    @Property(tries = 1_000)
    void noValueCanEndTheTextTheAttributeOrTheUrlThatItStandsIn(@ForAll String value) {
        Variables variables = new Variables("h", "", Map.of("c", value), List.of(), "", "");
        Reference reference = new Reference("HTTP_COOKIE", "c", "");
        assertTrue(variables.html(reference).matches("(?:[A-Za-z0-9._~ -]|&#\\d+;)*"), variables.html(reference));
        assertTrue(variables.url(reference).matches("(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*"), variables.url(reference));
    }

    @Property(tries = 1_000)
    void noTestIsTooOddToBeRead(@ForAll("tests") String test) {
        Condition.parse(test).ifPresent(condition -> condition.holds(TestIncludes.NOBODY));
    }

    @Provide
    Arbitrary<String> tests() {
        return Arbitraries.of("(", ")", "!", "&", "|", "==", "<=", ">", "'a'", "'", "1", "-", "$(HTTP_HOST)", "$(", " ")
                .list()
                .ofMaxSize(12)
                .map(parts -> String.join("", parts));
    }
}
