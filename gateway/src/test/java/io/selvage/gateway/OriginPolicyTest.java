package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OriginPolicyTest {
    @TempDir
    private Path folder;

    private final List<TestOrigin> origins = new ArrayList<>();
    private TestNode node;

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
        origins.forEach(TestOrigin::close);
    }

    private TestOrigin origin(TestOrigin.Handler handler) {
        TestOrigin origin = new TestOrigin();
        origin.handler = handler;
        origins.add(origin);
        return origin;
    }

    private TestOrigin answering(String text) {
        return origin(exchange -> TestOrigin.answer(exchange, 200, text));
    }

    private void serve(String toml) throws IOException {
        node = new TestNode(folder).more(toml).start();
    }

    private void serve(String more, TestOrigin... to) throws IOException {
        node = new TestNode(folder)
                .origin(
                        "/...",
                        false,
                        more,
                        List.of(to).stream().map(TestOrigin::url).toArray(String[]::new))
                .start();
    }

    private HttpResponse<String> get(String path, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(node.uri(path));
        for (int i = 0; i < fields.length; i += 2) {
            request.header(fields[i], fields[i + 1]);
        }
        return node.client(java.net.http.HttpClient.Version.HTTP_1_1)
                .send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private double metric(String line) throws Exception {
        return node.admin("/metrics")
                .body()
                .lines()
                .filter(l -> l.startsWith(line))
                .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf(' '))))
                .sum();
    }

    private static String goneUrl() throws IOException {
        try (ServerSocket gone = new ServerSocket(0)) {
            return "http://127.0.0.1:" + gone.getLocalPort();
        }
    }

    @Test
    void weightsShareOutTheRequests() throws Exception {
        TestOrigin a = answering("a");
        TestOrigin b = answering("b");
        serve("""
                [[origin]]
                name = "site"
                urls = [{ url = "%s", weight = 3 }, "%s"]
                [[route]]
                path = "/..."
                origin = "site"
                """.formatted(a.url(), b.url()));
        for (int i = 0; i < 20; i++) {
            get("/");
        }
        assertEquals(15, a.requests.get());
        assertEquals(5, b.requests.get());
    }

    @Test
    void theIdlestAddressGetsTheNextRequest() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch stuck = new CountDownLatch(1);
        AtomicInteger begun = new AtomicInteger();
        TestOrigin.Handler handler = exchange -> {
            if (begun.incrementAndGet() == 1) {
                stuck.countDown();
                over.await();
            }
            TestOrigin.answer(
                    exchange, 200, Integer.toString(exchange.getLocalAddress().getPort()));
        };
        serve("balance = \"least-requests\"", origin(handler), origin(handler));
        CompletableFuture<HttpResponse<String>> slow = node.client(java.net.http.HttpClient.Version.HTTP_1_1)
                .sendAsync(HttpRequest.newBuilder(node.uri("/")).build(), HttpResponse.BodyHandlers.ofString());
        stuck.await();
        String other = get("/").body();
        for (int i = 0; i < 6; i++) {
            assertEquals(other, get("/").body());
        }
        over.countDown();
        assertTrue(!slow.join().body().equals(other));
    }

    @Test
    void aHashKeepsWhatHasTheSameKeyTogether() throws Exception {
        serve("balance = \"hash header X-User\"", answering("a"), answering("b"), answering("c"));
        List<String> seen = new ArrayList<>();
        for (int user = 0; user < 12; user++) {
            String first = get("/", "X-User", "u" + user).body();
            assertEquals(first, get("/elsewhere", "X-User", "u" + user).body());
            seen.add(first);
        }
        assertTrue(seen.stream().distinct().count() > 1, seen::toString);
    }

    @Test
    void aCookieKeepsAClientAtItsAddress() throws Exception {
        serve("sticky = \"at\"", answering("a"), answering("b"));
        HttpResponse<String> first = get("/");
        String cookie = first.headers().firstValue("set-cookie").orElseThrow();
        assertTrue(cookie.matches("at=[0-9a-f]+; Path=/; HttpOnly; SameSite=Lax"), cookie);
        for (int i = 0; i < 5; i++) {
            HttpResponse<String> next = get("/", "Cookie", "x=1; " + cookie.substring(0, cookie.indexOf(';')));
            assertEquals(first.body(), next.body());
            assertTrue(next.headers().firstValue("set-cookie").isEmpty());
        }
    }

    @Test
    void aResponseForOneClientsCookieIsNotStoredWithIt() throws Exception {
        TestOrigin a = origin(exchange -> TestOrigin.answer(exchange, 200, "a", "Cache-Control: max-age=60"));
        node = new TestNode(folder)
                .origin("/...", true, "sticky = \"at\"", a.url())
                .start();
        get("/");
        HttpResponse<String> second = get("/");
        assertEquals(1, a.requests.get());
        assertTrue(second.headers().firstValue("set-cookie").isEmpty());
    }

    @Test
    void aStatusThatIsToBeRepeatedIsTriedAtAnotherAddress() throws Exception {
        TestOrigin bad = origin(exchange -> TestOrigin.answer(exchange, 503, "no"));
        serve("retry = { statuses = [503], backoff = \"1ms\" }", bad, answering("good"));
        for (int i = 0; i < 4; i++) {
            assertEquals("good", get("/").body());
        }
        assertTrue(bad.requests.get() >= 2);
        assertTrue(metric("selvage_origin_retries_total{") >= 2);
    }

    @Test
    void whatMayHaveBeenActedOnIsNotRepeatedAndQueryIs() throws Exception {
        try (RawOrigin closing = new RawOrigin((_, _) -> false)) {
            node = new TestNode(folder)
                    .origin("/...", false, "retry = { attempts = 3, backoff = \"1ms\" }", closing.url())
                    .start();
            for (String method : List.of("POST", "PATCH")) {
                int before = closing.requests.get();
                assertEquals(502, status(method));
                assertEquals(before + 1, closing.requests.get(), method);
            }
            for (String method : List.of("GET", "QUERY", "DELETE")) {
                int before = closing.requests.get();
                assertEquals(502, status(method));
                assertEquals(before + 4, closing.requests.get(), method);
            }
        }
    }

    private int status(String method) throws IOException {
        try (RawClient client = node.raw()) {
            String head = client.send(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                    .response();
            return Integer.parseInt(head.substring(9, 12));
        }
    }

    @Test
    void aStormOfFailuresStaysInsideTheRetryBudget() throws Exception {
        try (RawOrigin closing = new RawOrigin((_, _) -> false)) {
            node = new TestNode(folder)
                    .origin(
                            "/...",
                            false,
                            "retry = { attempts = 3, budget = 20, least = 1, backoff = \"1ms\" }",
                            closing.url())
                    .start();
            for (int i = 0; i < 200; i++) {
                assertEquals(502, status("GET"));
            }
            int sent = closing.requests.get();
            assertTrue(sent > 200 && sent <= 200 + 40, () -> sent + " requests for 200");
            assertTrue(metric("selvage_origin_retries_refused_total{") >= 150);
        }
    }

    @Test
    void aBreakerLeavesAFailingOriginAloneAndTriesItAgain() throws Exception {
        TestOrigin origin = origin(exchange -> TestOrigin.answer(exchange, 503, "no"));
        serve("breaker = { requests = 5, open = \"300ms\", trials = 1 }", origin);
        for (int i = 0; i < 5; i++) {
            assertEquals("no", get("/").body());
        }
        HttpResponse<String> refused = get("/");
        assertEquals(503, refused.statusCode());
        assertTrue(refused.body().contains("urn:selvage:problem:origin-open"), refused.body());
        assertEquals("1", refused.headers().firstValue("retry-after").orElseThrow());
        assertEquals(5, origin.requests.get());
        assertEquals(2, metric("selvage_origin_breaker{"));
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, "yes");
        TestNode.eventually("the origin is trusted again", () -> isOk("yes"));
        assertEquals(0, metric("selvage_origin_breaker{"));
        TestNode.eventually("it is said", () -> node.log().contains("the origin works again"));
    }

    private boolean isOk(String text) {
        try {
            return get("/").body().equals(text);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anAddressThatFailsIsPassedOverForAWhile() throws Exception {
        TestOrigin good = answering("good");
        String gone = goneUrl();
        serve("""
                [[origin]]
                name = "site"
                urls = ["%s", "%s"]
                retry = { backoff = "1ms" }
                ejection = { failures = 2, time = "400ms" }
                [[route]]
                path = "/..."
                origin = "site"
                """.formatted(good.url(), gone));
        for (int i = 0; i < 12; i++) {
            assertEquals("good", get("/").body());
        }
        TestNode.eventually("it is said", () -> node.log().contains("passing over an address"));
        assertTrue(metric("selvage_origin_ejections_total{") >= 1);
        assertTrue(metric("selvage_origin_retries_total{") < 6);
        TestNode.eventually("it is tried again", () -> node.log().contains("trying an address again"));
    }

    @Test
    void theOnlyAddressThatFailsIsShownAndToldOnce() throws Exception {
        AtomicInteger status = new AtomicInteger(503);
        serve("", origin(exchange -> TestOrigin.answer(exchange, status.get(), "said")));
        for (int i = 0; i < 8; i++) {
            assertEquals(503, get("/").statusCode());
        }
        assertTrue(node.admin("/origins").body().contains("\"state\":\"failing\""), node.admin("/origins")::body);
        TestNode.eventually("it is said", () -> node.log().contains("requests to an address fail"));
        status.set(200);
        assertEquals(200, get("/").statusCode());
        TestNode.eventually("that too", () -> node.log().contains("requests to an address work again"));
        assertTrue(node.admin("/origins").body().contains("\"state\":\"available\""), node.admin("/origins")::body);
        status.set(503);
        for (int i = 0; i < 8; i++) {
            assertEquals(503, get("/").statusCode());
        }
        assertTrue(node.admin("/origins").body().contains("\"state\":\"failing\""), node.admin("/origins")::body);
        assertEquals(2, node.log().split("requests to an address fail", -1).length, "once in ten seconds");
    }

    @Test
    void aHealthCheckTakesAnAddressOutAndBringsItBack() throws Exception {
        AtomicInteger status = new AtomicInteger(200);
        TestOrigin a = origin(exchange -> {
            boolean check = exchange.getRequestURI().getPath().equals("/health");
            TestOrigin.answer(exchange, check ? status.get() : 200, "a");
        });
        TestOrigin b = answering("b");
        serve("health = { path = \"/health\", every = \"100ms\", healthy = 1, unhealthy = 2 }", a, b);
        assertEquals(
                2, List.of(get("/").body(), get("/").body()).stream().distinct().count());
        status.set(500);
        TestNode.eventually("it is unwell", () -> node.log().contains("an address is unwell"));
        for (int i = 0; i < 6; i++) {
            assertEquals("b", get("/").body());
        }
        assertEquals(1, metric("selvage_origin_addresses{selvage_origin=\"origin14\",selvage_state=\"unhealthy\"}"));
        status.set(204);
        TestNode.eventually("it is well", () -> node.log().contains("an address is well again"));
        TestNode.eventually("it gets requests", () -> isOk("a"));
        assertTrue(metric("selvage_origin_health_checks_total{") > 3);
    }

    @Test
    void aSlowAnswerIsHedgedAtAnotherAddress() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        TestOrigin slow = origin(exchange -> {
            over.await();
            TestOrigin.answer(exchange, 200, "slow");
        });
        serve("hedge = \"50ms\"", slow, answering("fast"));
        for (int i = 0; i < 4; i++) {
            assertEquals("fast", get("/").body());
        }
        over.countDown();
        assertTrue(slow.requests.get() >= 1);
        assertTrue(metric("selvage_origin_hedges_won_total{") >= 1);
    }

    private static final String WITH_SPARE = """
            [[origin]]
            name = "site"
            urls = ["%s"]
            retry = false
            fallback = [%s]
            fallback_statuses = [500]
            [[origin]]
            name = "spare"
            urls = ["%s"]
            retry = false
            [[route]]
            path = "/..."
            origin = "site"
            cache = true
            """;

    @Test
    void anotherOriginAnswersThenAnAnswerThatIsSet() throws Exception {
        TestOrigin spare = answering("spare");
        serve(WITH_SPARE.formatted(
                goneUrl(),
                "\"spare\", { status = 503, type = \"text/html\", content = \"<p>Back soon\" }",
                spare.url()));
        assertEquals("spare", get("/").body());
        spare.close();
        HttpResponse<String> fixed = get("/");
        assertEquals(503, fixed.statusCode());
        assertEquals("<p>Back soon", fixed.body());
        assertEquals("text/html", fixed.headers().firstValue("content-type").orElseThrow());
        assertEquals(2, metric("selvage_origin_fallbacks_total{selvage_fallback=\"origin\""));
        assertEquals(1, metric("selvage_origin_fallbacks_total{selvage_fallback=\"fixed\""));
    }

    @Test
    void aStatusThatIsAFailureIsReplacedByAStaleCopyFirst() throws Exception {
        TestOrigin site =
                origin(exchange -> TestOrigin.answer(exchange, 200, "old", "Cache-Control: max-age=0", "ETag: \"1\""));
        TestOrigin spare = answering("spare");
        serve(WITH_SPARE.formatted(site.url(), "\"stale\", \"spare\"", spare.url()));
        assertEquals("old", get("/").body());
        site.handler = exchange -> TestOrigin.answer(exchange, 500, "broken");
        assertEquals("old", get("/").body());
        assertEquals("spare", get("/never-seen").body());
    }

    @Test
    void anotherOriginWhoseAnswerIsAFailureIsFollowedByTheNext() throws Exception {
        TestOrigin site = origin(exchange -> TestOrigin.answer(exchange, 500, "site"));
        TestOrigin spare = origin(exchange -> TestOrigin.answer(exchange, 500, "spare"));
        serve(WITH_SPARE.formatted(
                site.url(), "\"spare\", { status = 503, type = \"text/plain\", content = \"soon\" }", spare.url()));
        assertEquals("soon", get("/").body());
        assertEquals(1, site.requests.get());
        assertEquals(1, spare.requests.get());
        node.close();
        serve(WITH_SPARE.formatted(site.url(), "\"spare\"", spare.url()));
        HttpResponse<String> last = get("/");
        assertEquals(500, last.statusCode());
        assertEquals("spare", last.body());
    }

    @Test
    void aNameIsLookedUpAgain() throws Exception {
        TestOrigin site = answering("site");
        TestNames.NAMES.put("moving.selvage.test", "127.0.0.1");
        String port = site.url().substring(site.url().lastIndexOf(':'));
        node = new TestNode(folder)
                .origin("/...", false, "resolve = \"100ms\"", "http://moving.selvage.test" + port)
                .start();
        assertEquals("site", get("/").body());
        TestNames.NAMES.put("moving.selvage.test", "127.0.0.9");
        TestNode.eventually("the new address is known", () -> {
            try {
                return node.admin("/origins").body().contains("\"address\":\"127.0.0.9\"");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        assertEquals(502, get("/").statusCode());
    }
}
