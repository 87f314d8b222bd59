package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PurgeTest {
    @TempDir
    private Path folder;

    private final TestOrigin origin = new TestOrigin();
    private TestNode node;

    @BeforeEach
    void start() throws Exception {
        origin.handler = exchange -> TestOrigin.answer(
                exchange,
                200,
                "hello",
                "Cache-Control: max-age=60",
                "Surrogate-Key: all p" + exchange.getRequestURI().getPath().charAt(1),
                "Cache-Tag: shop, other tag");
        node = new TestNode(folder).origin("/...", true, "", origin.url()).start();
        for (String path : new String[] {"/a/1", "/a/2", "/b?x=1"}) {
            node.get(path);
        }
    }

    @AfterEach
    void stop() {
        node.close();
        origin.close();
    }

    private String purge(String name, String value, String more) throws IOException, InterruptedException {
        return purge(200, name, value, more);
    }

    private String purge(int status, String name, String value, String more) throws IOException, InterruptedException {
        String url = node.gateway().adminAddress().url() + "/cache?" + name + "="
                + URLEncoder.encode(value, StandardCharsets.UTF_8) + more;
        HttpResponse<String> response = node.client(HttpClient.Version.HTTP_1_1)
                .send(HttpRequest.newBuilder(URI.create(url)).DELETE().build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(status, response.statusCode(), response.body());
        return response.body();
    }

    private boolean isHit(String path) throws IOException, InterruptedException {
        return node.get(path).headers().firstValue("cache-status").orElse("").contains("; hit");
    }

    @Test
    void aUrlIsPurgedAndNothingElse() throws Exception {
        String answer = purge("url", node.uri("/b?x=1").toString(), "");
        String authority = node.uri("/").getAuthority();
        assertEquals(
                "{\"url\":\"" + authority + "/b?x=1\",\"variants\":1,\"bytes\":5,\"on_disk\":0}\n"
                        + "{\"urls\":1,\"variants\":1,\"bytes\":5,\"on_disk\":0,\"soft\":false,\"dry\":false}\n",
                answer);
        assertTrue(!isHit("/b?x=1") && isHit("/a/1"));
    }

    /** Who asks for the port that every URL has is answered with the same object, which one purge finds (RFC 9110 §4.2.3). */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://shop.example/new",
                "HTTP://Shop.example:80/new",
                "shop.example:80/new",
                "shop.example/new"
            })
    void theUsualPortIsNoOtherUrl(String url) throws Exception {
        for (String host : List.of("shop.example:80", "Shop.example", "shop.example:")) {
            try (RawClient client = node.raw()) {
                client.send("GET /new HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
                assertEquals(!host.equals("shop.example:80"), client.response().contains("; hit"), host);
            }
        }
        assertTrue(purge("url", url, "&dry").startsWith("{\"url\":\"shop.example/new\""));
        assertTrue(purge("prefix", url, "").contains("\"urls\":1"));
        try (RawClient client = node.raw()) {
            client.send("GET /new HTTP/1.1\r\nHost: shop.example:443\r\n\r\n");
            assertTrue(client.response().contains("uri-miss"), "the usual port of another scheme");
        }
    }

    @Test
    void prefixesAndTagsChooseMany() throws Exception {
        assertTrue(purge("prefix", node.uri("/a/").toString(), "&dry=true").contains("\"urls\":2"));
        assertTrue(purge("prefix", node.uri("/a/").toString(), "").contains("\"urls\":2"));
        assertTrue(purge("tag", "pb", "").contains("\"urls\":1"));
        node.get("/a/1");
        assertTrue(purge("tag", "other tag", "").contains("\"urls\":1"));
        assertTrue(purge("tag", "all", "").contains("\"urls\":0"));
    }

    @Test
    void aPrefixIsWrittenInAnyFormThatClientsMayUse() throws Exception {
        node.get("/u/%c3%a9/~x");
        for (String form : List.of("/u/%c3%a9/", "/u/%C3%A9/", "/a/../u/%c3%a9/%7E", "/u/\u00e9/~")) {
            assertTrue(
                    purge("prefix", node.uri("/").toString() + form.substring(1), "&dry=true")
                            .contains("\"urls\":1"),
                    form);
        }
        assertTrue(
                purge("prefix", node.uri("/").toString() + "u/.", "").contains("\"urls\":0"),
                "no dot at an end climbs");
        assertTrue(
                purge(400, "prefix", node.uri("/").toString() + "u/%c", "").contains("In "),
                "a part of an encoding is told of");
        assertTrue(isHit("/u/%C3%A9/~x"));
    }

    @Test
    void whatAPurgeDoesNotKnowRemovesNothing() throws Exception {
        assertTrue(purge(400, "tag", "all", "&dry-run=true").contains("valid: url, prefix, tag, soft, dry"));
        assertTrue(purge(400, "tag", "all", "&sof=true").contains("did you mean \\\"soft\\\"?"));
        assertTrue(purge(400, "tag", "all", "&dry=perhaps").contains("is true or false"));
        assertTrue(isHit("/a/1"));
        assertTrue(purge("tag", "all", "&dry=false").contains("\"dry\":false"));
        assertTrue(!isHit("/a/1"));
    }

    @Test
    void aSoftPurgeKeepsWhatTheOriginMayNeed() throws Exception {
        purge("tag", "all", "&soft=true");
        origin.close();
        assertEquals("hello", node.get("/a/1").body());
    }

    @Test
    void whatWasArrivingWhenItWasPurgedIsNotStored() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch purged = new CountDownLatch(1);
        TestOrigin.Handler handler = origin.handler;
        origin.handler = exchange -> {
            asked.countDown();
            purged.await();
            handler.handle(exchange);
        };
        CompletableFuture<HttpResponse<String>> first = node.client(HttpClient.Version.HTTP_1_1)
                .sendAsync(HttpRequest.newBuilder(node.uri("/c")).build(), HttpResponse.BodyHandlers.ofString());
        asked.await();
        purge("tag", "all", "");
        purged.countDown();
        assertEquals("hello", first.join().body());
        assertTrue(!isHit("/c"));
    }

    @Test
    void tagsStayBehindAndAnUnclearPurgeIsRefused() throws Exception {
        assertTrue(node.get("/a/1").headers().firstValue("surrogate-key").isEmpty());
        String url = node.gateway().adminAddress().url() + "/cache";
        HttpResponse<String> response = node.client(HttpClient.Version.HTTP_1_1)
                .send(HttpRequest.newBuilder(URI.create(url)).DELETE().build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(400, response.statusCode());
        assertTrue(node.admin("/cache").body().startsWith("{\"urls\":3,"));
    }

    @Test
    void whatIsStoredCanBeLookedAtAndCounted() throws Exception {
        node.get("/a/1");
        String target = "/cache?url=" + URLEncoder.encode(node.uri("/a/1").toString(), StandardCharsets.UTF_8);
        String told = node.admin(target).body();
        for (String part : new String[] {
            "\"url\":\"" + node.uri("/a/1") + "\"",
            "\"status\":200",
            "\"bytes\":5",
            "\"fresh\":true",
            "\"surrogate_key\":\"all pa\""
        }) {
            assertTrue(told.contains(part), told);
        }
        assertEquals(404, node.admin("/cache?url=http://elsewhere/").statusCode());
        assertTrue(
                node.admin("/cache")
                        .body()
                        .contains("\"hit\":1,\"stale\":0,\"stale_on_error\":0,\"revalidated\":0," + "\"miss\":3,"),
                node.admin("/cache").body());
        String metrics = node.admin("/metrics").body();
        assertTrue(metrics.contains("selvage_cache_requests_total{selvage_cache_result=\"hit\"} 1.0"), metrics);
        assertTrue(metrics.contains("selvage_cache_urls 3.0"), metrics);
    }

    @Test
    void aUrlWithoutAHostIsAnsweredWithTheHostsThatThereAre() throws Exception {
        HttpResponse<String> response = node.admin("/cache?url=/a/1");
        assertEquals(400, response.statusCode());
        String host = "127.0.0.1:" + node.port();
        assertTrue(
                response.body().contains("write it as clients ask for it, http://" + host + "/a/1."), response.body());
        assertTrue(response.body().contains("The cache holds responses of " + host + "."), response.body());
        HttpRequest purge = HttpRequest.newBuilder(
                        URI.create(node.gateway().adminAddress().url() + "/cache?prefix=/a"))
                .DELETE()
                .build();
        assertEquals(
                400,
                node.client(HttpClient.Version.HTTP_1_1)
                        .send(purge, HttpResponse.BodyHandlers.discarding())
                        .statusCode());
        assertTrue(isHit("/a/1"));
    }
}
