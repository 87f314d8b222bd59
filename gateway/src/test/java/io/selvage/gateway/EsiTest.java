package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import io.selvage.node.Setting;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EsiTest {
    private static final String HTML = "Content-Type: text/html; charset=utf-8";
    private static final String STORED = "Cache-Control: max-age=60";

    @TempDir
    private Path folder;

    private final TestOrigin origin = new TestOrigin();
    private final Map<String, TestOrigin.Handler> pages = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
    private TestNode node;

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
        origin.close();
    }

    private void page(String path, String text, String... fields) {
        pages.put(path, exchange -> TestOrigin.answer(exchange, 200, text, fields));
    }

    private TestNode prepare(String cache, String esi) throws IOException {
        origin.handler = exchange -> {
            String path = exchange.getRequestURI().getPath();
            counts.computeIfAbsent(path, _ -> new AtomicInteger()).incrementAndGet();
            pages.getOrDefault(path, e -> TestOrigin.answer(e, 404, "none")).handle(exchange);
        };
        node = new TestNode(folder)
                .with(Setting.EVENT_LOOPS, "2")
                .origin("/...", cache, "", origin.url())
                .more("esi = " + esi);
        return node;
    }

    private void serve(String esi) throws IOException {
        prepare("true", esi).start();
    }

    private int count(String path) {
        return counts.getOrDefault(path, new AtomicInteger()).get();
    }

    private HttpResponse<String> get(String path, String... fields) throws Exception {
        return get(HttpClient.Version.HTTP_1_1, path, fields);
    }

    private HttpResponse<String> get(HttpClient.Version version, String path, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(node.uri(path));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return node.client(version).send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String field(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static String cookie(HttpExchange exchange) {
        return exchange.getRequestHeaders()
                .getOrDefault("Cookie", List.of("nobody"))
                .getFirst();
    }

    @Test
    void aStoredPageIsPutTogetherAnewForEveryRequest() throws Exception {
        page("/page", "<b><esi:include src=\"/top\"/>|<esi:include src='part?x=1'/></b>", HTML, STORED, "ETag: \"1\"");
        page("/top", "top", STORED);
        AtomicInteger part = new AtomicInteger();
        pages.put("/part", e -> TestOrigin.answer(e, 200, e.getRequestURI().getQuery() + part.incrementAndGet()));
        serve("true");
        for (int i = 1; i <= 3; i++) {
            HttpResponse<String> response =
                    get(i == 2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1, "/page");
            assertEquals("<b>top|x=1" + i + "</b>", response.body());
            assertEquals("private, no-cache", field(response, "cache-control"));
            assertEquals("", field(response, "etag"));
            assertTrue(field(response, "cache-status").contains(i == 1 ? "uri-miss" : "hit"));
        }
        assertEquals(1, count("/page"));
        assertEquals(1, count("/top"));
        assertEquals(
                List.of("selvage=\"Surrogate/1.0 ESI/1.0\""),
                origin.seen.peek().getRequestHeaders().get("Surrogate-Capability"));
        assertEquals(200, get("/page", "If-None-Match", "\"1\"").statusCode(), "its parts may have changed");
    }

    @Test
    void whatIsForOneUserNeverReachesAnother() throws Exception {
        page("/page", "<p>Hello <esi:include src=\"/user\"/></p>", HTML, STORED);
        pages.put("/user", e -> TestOrigin.answer(e, 200, cookie(e), "Cache-Control: private, max-age=60"));
        serve("true");
        assertEquals("<p>Hello u=ann</p>", get("/page", "Cookie", "u=ann").body());
        HttpResponse<String> second = get("/page", "Cookie", "u=bob");
        assertEquals("<p>Hello u=bob</p>", second.body());
        assertEquals("private, no-cache", field(second, "cache-control"), "no cache on the way may keep it");
        assertEquals("<p>Hello nobody</p>", get("/page").body());
        assertEquals(1, count("/page"));
        assertEquals(3, count("/user"));
    }

    @Test
    void aPageThatAsksForItsUsersCookieStoresNothingOfIt() throws Exception {
        page("/page", "<esi:vars>$(HTTP_COOKIE{name}|nobody) $(HTTP_COOKIE{secret}|hidden)</esi:vars>", HTML, STORED);
        serve("{ cookies = [\"name\"] }");
        assertEquals(
                "&#60;b&#62; hidden",
                get("/page", "Cookie", "name=<b>; secret=1").body());
        assertEquals("nobody hidden", get("/page").body());
        assertEquals(1, count("/page"));
    }

    @Test
    void includesAreAskedForTogetherAndGoOnInTheOrderOfThePage() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        TestOrigin.Handler waits = e -> {
            both.countDown();
            both.await();
            TestOrigin.answer(e, 200, e.getRequestURI().getPath());
        };
        pages.put("/a", waits);
        pages.put("/b", waits);
        page("/page", "1<esi:include src='/a'/>2<esi:include src='/b'/>3", HTML);
        serve("true");
        assertEquals("1/a2/b3", get("/page").body());
    }

    @Test
    void aPageStreamsUpToWhatHasNotCome() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        page("/page", "first <esi:include src='/slow' onerror='continue'/> last", HTML, STORED);
        pages.put("/slow", e -> {
            read.await();
            TestOrigin.answer(e, 200, "slow");
        });
        serve("true");
        HttpResponse<InputStream> response = node.client(HttpClient.Version.HTTP_1_1)
                .send(HttpRequest.newBuilder(node.uri("/page")).build(), HttpResponse.BodyHandlers.ofInputStream());
        assertEquals("first ", new String(response.body().readNBytes(6), StandardCharsets.UTF_8));
        read.countDown();
        assertEquals("slow last", new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void whatFailsHasAnAlternativeOrIsLeftOutOrFailsThePage() throws Exception {
        page("/other", "other");
        page("/a", "[<esi:include src='/none' alt='/other'/>]", HTML);
        page("/b", "[<esi:include src='/none' onerror='continue'/>]", HTML);
        page(
                "/c",
                "[<esi:try><esi:attempt><esi:include src='/none'/></esi:attempt><esi:except>x</esi:except></esi:try>]",
                HTML);
        page("/d", "[<esi:include src='/none'/>]", HTML);
        serve("true");
        assertEquals("[other]", get("/a").body());
        assertEquals("[]", get("/b").body());
        assertEquals("[x]", get("/c").body());
        HttpResponse<String> failed = get("/d");
        assertEquals(502, failed.statusCode());
        assertTrue(failed.body().contains("urn:selvage:problem:esi-include"), failed.body());
        assertFalse(failed.body().contains("/none"), "what a page is made of is not for everybody");
        TestNode.eventually(
                "the log says what failed", () -> node.log().contains("/d includes /none: the answer is 404"));
    }

    @Test
    void pagesThatIncludePagesDoSoToADepth() throws Exception {
        page("/page", "1<esi:include src='/inner'/>4", HTML, STORED);
        page("/inner", "2<esi:include src='/leaf'/>", HTML, STORED);
        page("/leaf", "3", STORED);
        page("/loop", "x<esi:include src='/loop' onerror='continue'/>", HTML, STORED);
        page("/strict", "x<esi:include src='/strict'/>", HTML, STORED);
        serve("{ depth = 3 }");
        assertEquals("1234", get("/page").body());
        assertEquals("xxxx", get("/loop").body());
        assertEquals("xxxx", get("/loop").body());
        assertEquals(502, get("/strict").statusCode());
        TestNode.eventually("the log says why", () -> node.log().contains("pages include pages more than 3 deep"));
    }

    @Test
    void aLimitThatAPageWithinAPagePassesIsNamed() throws Exception {
        page("/deep", "<esi:include src='/strict'/>", HTML);
        page("/strict", "x<esi:include src='/strict'/>", HTML, STORED);
        page("/outer", "<esi:include src='/many'/>", HTML);
        page("/many", "<esi:include src='/part'/>".repeat(5), HTML);
        page("/part", "y");
        serve("{ depth = 3, includes = 4 }");
        String deep = get("/deep").body();
        assertTrue(deep.contains("esi-depth") && deep.contains("more than 3 deep"), deep);
        String many = get("/outer").body();
        assertTrue(many.contains("esi-includes") && many.contains("more than 4 URLs"), many);
    }

    @Test
    void aPageThatTakesMoreThanItMayIsRefused() throws Exception {
        page("/many", "<esi:include src='/part'/>".repeat(5), HTML);
        page("/large", "<esi:include src='/part'/>".repeat(3), HTML);
        page("/long", "x".repeat(5000), HTML);
        page("/part", "y".repeat(1500));
        serve("{ includes = 4, size = \"4KiB\" }");
        HttpResponse<String> many = get("/many");
        assertEquals(502, many.statusCode());
        assertTrue(many.body().contains("more than 4 URLs"), many.body());
        HttpResponse<String> large = get("/large");
        assertEquals(502, large.statusCode());
        assertEquals(502, get("/long").statusCode());
        assertTrue(get("/long").body().contains("more than 4096 bytes"));
        assertEquals(200, get("/part").statusCode());
    }

    @Test
    void aBombOfPagesEndsAtTheLimitForAllOfThem() throws Exception {
        for (int i = 0; i < 5; i++) {
            page("/b" + i, ("<esi:include src='/b" + (i + 1) + "' onerror='continue'/>").repeat(20), HTML, STORED);
        }
        page("/b5", "boom", STORED);
        serve("true");
        assertEquals(200, get("/b0").statusCode());
        assertTrue(origin.requests.get() <= 6, "all the same are asked for once");
    }

    @Test
    void includesThatTakeTooLongAreLeftOutOrFailThePage() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        pages.put("/slow", e -> over.await());
        page("/may", "1<esi:include src='/slow' onerror='continue'/>2", HTML);
        page("/must", "1<esi:include src='/slow'/>2", HTML);
        serve("{ time = \"200ms\" }");
        assertEquals("12", get("/may").body());
        HttpResponse<String> late = get("/must");
        assertEquals(504, late.statusCode());
        assertTrue(late.body().contains("urn:selvage:problem:esi-time"), late.body());
        over.countDown();
    }

    @Test
    void includesGoThroughTheRulesOfTheirOwnRoute() throws Exception {
        page("/page", "[<esi:include src='/admin/x' onerror='continue'/>]", HTML, STORED);
        page("/admin/x", "secret", STORED);
        page(
                "/around",
                "[<esi:include src='//admin/x' onerror='continue'/>"
                        + "<esi:include src='/%2Fadmin/x' onerror='continue'/>]",
                HTML);
        prepare("true", "true")
                .more("[[route]]\npath = \"/admin/...\"\norigin = \"" + name() + "\"\ncache = true\n"
                        + "basic = { users = { ada = \"{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\" } }")
                .start();
        assertEquals("[]", get("/page").body());
        assertEquals("[]", get("/around").body());
        assertEquals(
                "[secret]",
                get("/page", "Authorization", "Basic YWRhOnBhc3N3b3Jk").body());
        assertEquals("[]", get("/page").body());
    }

    private String name() {
        String text = node.manifest();
        int at = text.indexOf("[[origin]]\nname = \"") + 19;
        return text.substring(at, text.indexOf('"', at));
    }

    @Test
    void nothingOutsideOfTheAppIsIncluded() throws Exception {
        try (TestOrigin elsewhere = new TestOrigin()) {
            page(
                    "/page",
                    "[<esi:include src='" + elsewhere.url() + "/x' onerror='continue'/>"
                            + "<esi:include src='file:///etc/passwd' onerror='continue'/>"
                            + "<esi:include src='gopher://x/' onerror='continue'/>"
                            + "<esi:include src='/../../x' onerror='continue'/>"
                            + "<esi:include src='/a b' onerror='continue'/>]",
                    HTML);
            serve("true");
            assertEquals("[]", get("/page").body());
            assertEquals(0, elsewhere.requests.get());
            assertEquals(1, origin.requests.get());
        }
    }

    @Test
    void functionsCanBeIncludedAndCanBePages() throws Exception {
        page("/page", "[<esi:include src='/function'/>]", HTML, STORED);
        prepare("true", "true")
                .function("hello", "\"/function\"", "", exchange -> TestNode.answer(exchange, "from a function"))
                .start();
        assertEquals("[from a function]", get("/page").body());
    }

    @Test
    void anAnswerThatIsNoPagePassesAsItIs() throws Exception {
        String text = "<esi:include src='/none'/>";
        page("/text", text, "Content-Type: text/plain", STORED, "ETag: \"1\"");
        page("/plain", "no tags", HTML, STORED);
        serve("true");
        HttpResponse<String> first = get("/text");
        assertEquals(text, first.body());
        assertEquals("max-age=60", field(first, "cache-control"));
        assertEquals(304, get("/text", "If-None-Match", "\"1\"").statusCode());
        assertEquals("esi", get("/text", "Range", "bytes=1-3").body());
        assertEquals("no tags", get("/plain").body());
    }

    @Test
    void aBombOfGzipIsNotOpened() throws Exception {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++) {
                gzip.write(zeros);
            }
        }
        pages.put("/bomb", e -> {
            e.getResponseHeaders().add("Content-Type", "text/html");
            e.getResponseHeaders().add("Content-Encoding", "gzip");
            e.getResponseHeaders().add("Cache-Control", "max-age=60");
            e.sendResponseHeaders(200, bomb.size());
            e.getResponseBody().write(bomb.toByteArray());
        });
        page("/page", "[<esi:include src='/bomb' onerror='continue'/>]", HTML);
        serve("true");
        HttpResponse<byte[]> response = node.client(HttpClient.Version.HTTP_1_1)
                .send(HttpRequest.newBuilder(node.uri("/bomb")).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertTrue(Arrays.equals(bomb.toByteArray(), response.body()), "it passes as it came");
        assertEquals("[]", get("/page").body());
        assertEquals("[]", get("/page").body());
        assertEquals(List.of(), origin.lastField("Accept-Encoding"), "it was not asked for");
    }

    @Test
    void aPageIsCompressedAsAWhole() throws Exception {
        page("/page", "x".repeat(2000) + "<esi:include src='/part'/>", HTML, STORED);
        page("/part", "part", STORED);
        prepare("true", "true").more("compress = [\"gzip\"]").start();
        HttpResponse<InputStream> response = node.client(HttpClient.Version.HTTP_1_1)
                .send(
                        HttpRequest.newBuilder(node.uri("/page"))
                                .header("Accept-Encoding", "gzip")
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        assertEquals("gzip", field(response, "content-encoding"));
        try (InputStream in = new java.util.zip.GZIPInputStream(response.body())) {
            assertTrue(new String(in.readAllBytes(), StandardCharsets.UTF_8).endsWith("xpart"));
        }
    }

    @Test
    void aLargePageGoesToASlowClientWithoutBeingHeld() throws Exception {
        String text = "0123456789".repeat(100_000);
        page("/page", text + "<esi:include src='/part'/>" + text, HTML, STORED);
        page("/part", "[part]", STORED);
        serve("true");
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> response = get("/page");
            assertEquals(text + "[part]" + text, response.body());
        }
    }

    @Test
    void aPageAndWhatItIncludesMayComeFromTheDisk() throws Exception {
        String text = "0123456789".repeat(30_000);
        page("/page", text + "<esi:include src='/part'/>" + text, HTML, STORED);
        page("/part", text.replace('0', 'x'), STORED);
        prepare("true", "true")
                .with(Setting.CACHE_MEMORY, "2MiB")
                .with(Setting.CACHE_OBJECT, "128KiB")
                .with(Setting.CACHE_DISK, "64MiB")
                .start();
        String whole = text + text.replace('0', 'x') + text;
        assertEquals(whole, get("/page").body());
        TestNode.eventually("both are stored", () -> {
            try {
                return field(get("/part"), "cache-status").contains("; hit")
                        && field(get("/page"), "cache-status").contains("; hit");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        int asked = origin.requests.get();
        for (HttpClient.Version version : List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
            assertEquals(whole, get(version, "/page").body());
        }
        assertEquals(asked, origin.requests.get());
    }

    @Test
    void whatIsNoEsiIsToldWithItsPlace() throws Exception {
        page("/page", "a\n<esi:nonsense/>b", HTML);
        serve("true");
        assertEquals("a\nb", get("/page").body());
        TestNode.eventually("it is told", () -> node.log().contains("/page:2:1: there is no <esi:nonsense>"));
    }

    @Test
    void aClientThatGoesAwayEndsWhatItWaitsFor() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        page("/page", "<esi:include src='/slow'/>", HTML);
        pages.put("/slow", e -> {
            asked.countDown();
            over.await();
        });
        serve("true");
        try (RawClient client = node.raw()) {
            client.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\n");
            asked.await();
        }
        TestNode.eventually("the request has ended", () -> node.log().contains("\"status\":499"));
        over.countDown();
        page("/page", "ok", HTML);
        assertEquals("ok", get("/page").body());
    }

    @Test
    void whatIsWrongInTheManifestIsTold() {
        Exception wrong = assertThrows(
                Exception.class,
                () -> prepare("true", "{ depth = 0, size = \"1GiB\", types = [\"html\"], tme = \"1s\" }")
                        .start());
        String message = wrong.getMessage();
        assertTrue(message.contains("route.esi.depth: must be a whole number from 1 to 20"), message);
        assertTrue(message.contains("route.esi.size: is out of range: up to 256 MiB"), message);
        assertTrue(message.contains("route.esi.types: \"html\" is not a media type"), message);
        assertTrue(message.contains("tme"), message);
    }
}
