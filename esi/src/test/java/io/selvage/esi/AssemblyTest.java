package io.selvage.esi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssemblyTest {
    private final TestIncludes includes = new TestIncludes();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Variables query(String query) {
        return new Variables("shop.example", query, Map.of("group", "b"), List.of("de", "en"), "", "");
    }

    private String whole(String text) {
        return includes.whole(query("n=10&x=%3Cb%3E"), text);
    }

    @Test
    void anIncludeStandsInThePlaceOfItsTag() {
        includes.contents.put("/a", "A");
        assertEquals("1 A 2 é", whole("1 <esi:include src=\"/a\"/> 2 é"));
    }

    @Test
    void whatIsRemovedAndCommentsAreNotThereAndWhatIsForTheEdgeIs() {
        assertEquals(
                "1  2  3  4 5",
                whole("1 <esi:remove>no <esi:include src=\"/a\"/></esi:remove> 2 <esi:comment text=\"no\"/>"
                        + " 3 <!--esi 4--> 5"));
        assertEquals(List.of(), includes.asked);
        assertEquals("<!-- 6 --> <!--esit-->", new TestIncludes().whole(query(""), "<!-- 6 --> <!--esit-->"));
    }

    @Test
    void theAlternativeStandsInForWhatFailsAndNothingWhereThePageContinues() {
        includes.contents.put("/a", "A");
        assertEquals("A", whole("<esi:include src=\"/none\" alt=\"/a\"/>"));
        includes.forget();
        assertEquals("[]", whole("[<esi:include src=\"/none\" alt=\"/no\" onerror=\"continue\"/>]"));
        assertEquals(List.of("/none", "/a", "/none", "/no"), includes.asked);
    }

    @Test
    void aPageFailsWithAnIncludeThatMustBeThere() {
        assertEquals("INCLUDE: 404", whole("1<esi:include src='/none'/>2"));
        assertEquals("", includes.page(), "nothing has gone on by then");
    }

    @Test
    void includesAreOnTheirWayTogetherAndGoOnInTheOrderOfThePage() {
        includes.assemble(query(""), "1<esi:include src='/later/a'/>2<esi:include src='/later/b'/>3");
        assertEquals(List.of("/later/a", "/later/b"), includes.asked);
        includes.answer("/later/b", "B");
        assertEquals("", includes.page(), "a still can fail the page");
        includes.answer("/later/a", "A");
        assertEquals("1A2B3", includes.page());
        assertEquals("complete", includes.outcome);
    }

    @Test
    void aPageStreamsAsFarAsItIsKnown() {
        Assembly assembly = includes.assembly(query(""));
        assembly.read(bytes("1 <esi:incl"));
        assertEquals("1 ", includes.page());
        assembly.read(bytes("ude src='/later' onerror='continue'/> 2"));
        assertEquals("1 ", includes.page());
        assertEquals(2, assembly.waiting());
        includes.answer("/later", "A");
        assertEquals("1 A 2", includes.page());
        assertEquals("", includes.outcome);
        assembly.end();
        assertEquals("complete", includes.outcome);
    }

    @Test
    void whatStandsInForAnAttemptIsThereWhenAnIncludeFailsInIt() {
        includes.contents.put("/a", "A");
        String text = "[<esi:try> no <esi:attempt>1<esi:include src='%s'/></esi:attempt>"
                + "<esi:except>2<esi:include src='%s'/></esi:except></esi:try>]";
        assertEquals("[1A]", whole(text.formatted("/a", "/none")));
        includes.forget();
        assertEquals("[2A]", whole(text.formatted("/none", "/a")));
        assertEquals("INCLUDE: 404", new TestIncludes().whole(query(""), text.formatted("/none", "/none")));
    }

    @Test
    void aFailedAttemptGivesUpWhatItWaitsFor() {
        includes.assemble(
                query(""),
                "<esi:try><esi:attempt><esi:include src='/later/a'/><esi:include src='/later/b'/></esi:attempt>"
                        + "<esi:except>no</esi:except></esi:try>!");
        Includes.Waiting late = includes.waiting.getLast().then();
        includes.fail("/later/a");
        assertEquals("no!", includes.page());
        assertTrue(includes.cancelled.contains("/later/b"));
        late.done(new Includes.Content(List.of(bytes("late"))));
        assertEquals("no!", includes.page());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "$(HTTP_COOKIE{group}) == 'b', yes",
                "$(HTTP_COOKIE{group}) != 'b', no",
                "$(QUERY_STRING{n}) > 9, yes",
                "$(QUERY_STRING{n}) <= '9', no",
                "$(HTTP_ACCEPT_LANGUAGE{de}) & !$(HTTP_COOKIE{none}), yes",
                "$(HTTP_COOKIE{none}) | ($(HTTP_COOKIE{group}) == 'a' || 1 == 1), yes",
                "$(HTTP_COOKIE{none}|'x') == 'x', yes",
                "$(HTTP_COOKIE{group}) = 'b', no",
                "((((((((((((((((((1)))))))))))))))))), no"
            })
    void theFirstTestThatHoldsChooses(String test, String expected) {
        assertEquals(
                expected,
                whole("<esi:choose> x <esi:when test=\"" + test.replace("<", "&lt;") + "\">yes</esi:when>"
                        + "<esi:when test=\"1 == 2\">never</esi:when><esi:otherwise>no</esi:otherwise></esi:choose>"));
    }

    @Test
    void variablesAreEscapedForWhereTheyStand() {
        includes.contents.put("/s?x=%3Cb%3E&g=b", "S");
        assertEquals(
                "$(HTTP_HOST) shop.example &#60;b&#62; none S",
                whole("$(HTTP_HOST) <esi:vars>$(HTTP_HOST) $(QUERY_STRING{x}) $(HTTP_COOKIE{none}|none)</esi:vars> "
                        + "<esi:include src=\"/s?x=$(QUERY_STRING{x})&amp;g=$(HTTP_COOKIE{group})\"/>"));
    }

    @Test
    void aValueIsNeverReadAsATag() {
        Variables evil = new Variables(
                "h",
                "x=%22%3E%3Cesi:include%20src=%22/secret%22/%3E--%3E%27%00%24(HTTP_HOST)",
                Map.of(),
                List.of(),
                "",
                "");
        String page = includes.whole(evil, "<!--esi <esi:vars><a title=\"$(QUERY_STRING{x})\"></esi:vars> -->");
        assertEquals(List.of(), includes.asked);
        assertEquals(
                " <a title=\"&#34;&#62;&#60;esi&#58;include src&#61;&#34;&#47;secret&#34;&#47;&#62;--&#62;&#39;"
                        + "&#36;&#40;HTTP_HOST&#41;\"> ",
                page);
    }

    @Test
    void whatIsNoEsiIsLeftOutAndTold() {
        Assembly assembly = includes.assemble(
                query(""),
                "a\n <esi:include/><esi:nonsense x=\"1\">b</esi:nonsense>\n<esi:when>c</esi:choose><esi:try>");
        assertEquals("a\n b\nc", includes.page());
        assertEquals(
                List.of(
                        "2:2: <esi:include> has no src; write <esi:include src=\"/a\"/>",
                        "2:16: there is no <esi:nonsense>",
                        "2:37: </esi:nonsense> closes nothing",
                        "3:1: the test of <esi:when> is malformed: write test=\"$(HTTP_COOKIE{group}) == 'a'\"",
                        "3:1: <esi:when> cannot stand here; it belongs into <esi:choose>",
                        "3:12: </esi:choose> closes nothing",
                        "3:34: <esi:try> is not closed; add </esi:try>"),
                assembly.mistakes().stream().map(Mistake::toString).toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "a<esi:include src='/a' <p>b</p> | a<p>b</p> | 1:2: a tag is not closed; add >",
                "a<esi:include src='/a> <p>b</p> | a <p>b</p> | 1:2: a quote or a tag is not closed",
                "a<esi:include src=\"/a <p>b</p> | a<p>b</p> | 1:2: a quote or a tag is not closed",
                "a<esi:include src='/a'/><esi:incl | a[A] | 1:25: a quote or a tag is not closed"
            })
    void aTagThatIsNotClosedTakesNothingElseWithIt(String page, String expected, String mistake) {
        includes.contents.put("/a", "[A]");
        Assembly assembly = includes.assemble(query(""), page);
        assertEquals(expected, includes.page());
        assertEquals(
                List.of(mistake),
                assembly.mistakes().stream().map(Mistake::toString).toList());
    }

    @Test
    void aPageThatIncludesTooMuchFails() {
        assertEquals(
                "INCLUDES: It includes more than 10 URLs",
                whole("<esi:include src='/none' onerror='continue'/>".repeat(10) + "<esi:include src='/a'/>"));
    }

    @Test
    void valuesCountForTheSizeOfThePage() {
        Variables long_ = new Variables("h", "q".repeat(5_000), Map.of(), List.of(), "", "");
        assertEquals(
                "SIZE: The page and what it includes have more than 100000 bytes",
                includes.whole(long_, "<esi:vars>" + "$(QUERY_STRING)".repeat(21) + "</esi:vars>"));
    }

    @Test
    void tagsNestedTooDeeplyFailThePage() {
        assertEquals("NESTING: Tags are nested more than 32 deep", whole("<esi:vars>".repeat(33)));
        assertEquals(
                "NESTING: More than 10000 pieces stand in a tag",
                new TestIncludes()
                        .whole(
                                query(""),
                                "<esi:try><esi:attempt><esi:vars>" + "$(HTTP_HOST)".repeat(10_001) + "</esi:vars>"));
    }

    @Test
    void whenTheTimeIsUpWhatHasNotComeFails() {
        Assembly assembly = includes.assemble(
                query(""),
                "1<esi:include src='/later/a' onerror='continue'/><esi:try><esi:attempt><esi:include src='/later/b'/>"
                        + "</esi:attempt><esi:except>2</esi:except></esi:try>");
        assembly.endTime();
        assertEquals("12", includes.page());
        assertEquals("complete", includes.outcome);
        assertEquals(List.of("/later/a", "/later/b"), includes.cancelled);

        TestIncludes strict = new TestIncludes();
        strict.assemble(query(""), "1<esi:include src='/later/a' alt='/b'/>").endTime();
        assertEquals("TIME: What it includes took too long", strict.outcome);
        assertEquals(List.of("/later/a"), strict.asked, "there is no time for the alternative");
    }

    @Test
    void aTagThatIsTooLongIsText() {
        String tag = "<esi:include src='" + "a".repeat(PageReader.LONGEST_TAG) + "'/>";
        assertEquals(tag, whole(tag));
    }
}
