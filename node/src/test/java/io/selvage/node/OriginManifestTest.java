package io.selvage.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OriginManifestTest {
    @TempDir
    private Path folder;

    private Manifest read(String toml) throws IOException {
        return Manifest.read(
                Files.writeString(folder.resolve("selvage.toml"), toml), new Manifest.Known(List.of(), List.of()));
    }

    private String mistakes(String toml) {
        return String.valueOf(
                assertThrows(ConfigurationException.class, () -> read(toml)).getMessage());
    }

    @Test
    void anAppNeedsNoFunction() throws IOException {
        Manifest manifest = read("""
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["http://127.0.0.1:9001"]
                [[route]]
                path = "/..."
                origin = "site"
                cache = true
                """);
        Manifest.RouteEntry route = manifest.routes().getFirst();
        assertEquals(List.of(), manifest.functions());
        assertTrue(route.cache().isPresent());
        assertEquals("/...", route.route().toString());
        assertEquals(
                List.of(new OriginAddress(URI.create("http://127.0.0.1:9001"), 1)),
                route.origin().orElseThrow().addresses());
    }

    @Test
    void everythingOfAnOriginIsRead() throws IOException {
        Manifest.RouteEntry route = read("""
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["https://a.example/", { url = "http://[::1]:81", weight = 3 }]
                host = "inner.example"
                connect_timeout = "1s"
                first_byte_timeout = "2s"
                between_bytes_timeout = "3s"
                connections = 4
                waiting = 5
                protocol = "http2"
                balance = "hash header X-User"
                sticky = "at"
                retry = { attempts = 4, on = ["timeout"], statuses = [503], budget = 10, least = 1, backoff = "5ms" }
                hedge = "80ms"
                breaker = { failures = 60, open = "1s" }
                ejection = false
                health = true
                fallback = ["spare", "stale", { content = "Back soon" }]
                fallback_statuses = [500, 503]
                [[origin]]
                name = "spare"
                urls = ["http://b.example"]
                [[route]]
                path = "GET shop.example/a/:b"
                origin = "site"
                """).routes().getFirst();
        assertFalse(route.cache().isPresent());
        OriginDefinition origin = route.origin().orElseThrow();
        assertEquals(
                List.of(
                        new OriginAddress(URI.create("https://a.example"), 1),
                        new OriginAddress(URI.create("http://[::1]:81"), 3)),
                origin.addresses());
        assertEquals(Optional.of("inner.example"), origin.host());
        assertEquals(
                new OriginDefinition.Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3)),
                origin.timeouts());
        assertEquals(4, origin.connections());
        assertEquals(5, origin.waiting());
        assertEquals(OriginProtocol.HTTP2, origin.protocol());
        assertEquals(
                new OriginBalance(OriginBalance.Method.HASH, OriginBalance.Key.HEADER, "X-User", Optional.of("at")),
                origin.balance());
        assertEquals(
                new OriginRetry(
                        4,
                        Set.of(OriginRetry.Failure.TIMEOUT),
                        Set.of(503),
                        10,
                        1,
                        Duration.ofMillis(5),
                        Duration.ofSeconds(1)),
                origin.retry());
        assertEquals(Optional.of(Duration.ofMillis(80)), origin.hedge());
        assertEquals(
                Optional.of(new OriginBreaker(60, 20, Duration.ofSeconds(10), Duration.ofSeconds(1), 3)),
                origin.breaker());
        assertEquals(Optional.empty(), origin.ejection());
        assertEquals(Optional.of(OriginHealth.DEFAULT), origin.health());
        assertEquals(
                List.of(
                        new OriginFallback.Other("spare"),
                        new OriginFallback.Stale(),
                        new OriginFallback.Fixed(503, "text/plain; charset=utf-8", "Back soon")),
                origin.fallbacks());
        assertEquals(Set.of(500, 503), origin.fallbackStatuses());
    }

    @Test
    void everyMistakeIsToldAtOnceWithItsPlace() {
        String mistakes = mistakes("""
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["ftp://a", "http://a/path"]
                connections = 0
                balance = "robin"
                breaker = { failures = 101, opens = "1s" }
                fallback = ["spair"]
                tls = { ca = "none.pem", key = "none.pem" }
                retry = { on = ["conect"], statuses = [99], backoff = "2s" }
                [[origin]]
                name = "site"
                urls = []
                [[route]]
                path = "nowhere"
                origin = "sight"
                cache = "yes"
                [[route]]
                origin = "site"
                """);
        for (String part : List.of(
                "selvage.toml:4:1: origin.urls: \"ftp://a\" is not an address",
                "\"http://a/path\" is not an address",
                "selvage.toml:5:1: origin.connections must be a whole number from 1",
                "origin.balance: \"robin\" is no way to choose an address; valid: round-robin",
                "origin.breaker.failures must be a whole number from 1 to 100",
                "origin.breaker.opens: unknown key; did you mean \"open\"?",
                "origin.fallback: there is no origin \"spair\"",
                "origin.tls: ca: there is no file",
                "a certificate needs a key",
                "on: there is no failure \"conect\"; did you mean \"connect\"?",
                "origin.retry.statuses must be a list of statuses",
                "origin.retry: backoff is longer than longest",
                "there are two origins \"site\"",
                "origin.urls must be a list of addresses, not empty",
                "route.origin: there is no origin \"sight\"",
                "selvage.toml:17:1: route.cache must be true or false, or a table",
                "route.path is missing")) {
            assertTrue(mistakes.contains(part), () -> part + "\n" + mistakes);
        }
    }

    @Test
    void aShieldIsAnotherOriginWithoutOne() {
        String site = "name = \"edge\"\n[[route]]\npath = \"/...\"\norigin = \"site\"\n";
        String mistakes = mistakes(site + """
                [[origin]]
                name = "site"
                urls = ["http://a"]
                shield = "nods"
                [[origin]]
                name = "nodes"
                urls = ["http://b"]
                shield = "nodes"
                [[origin]]
                name = "third"
                urls = ["http://c"]
                shield = "nodes"
                """);
        for (String part : List.of(
                "selvage.toml:8:1: origin.shield: there is no origin \"nods\"; did you mean \"nodes\"?",
                "selvage.toml:12:1: origin.shield: \"nodes\" is the origin itself",
                "selvage.toml:16:1: origin.shield: \"nodes\" has a shield itself")) {
            assertTrue(mistakes.contains(part), () -> part + "\n" + mistakes);
        }
    }

    @Test
    void anOriginWithoutARouteIsAMistake() {
        String mistakes = mistakes("name = \"edge\"\n[[origin]]\nname = \"site\"\nurls = [\"http://a\"]\n");
        assertTrue(mistakes.contains("no [[route]] leads to an origin"), mistakes);
    }

    @Test
    void everyRuleOfACacheIsRead() throws IOException {
        CacheRules rules = read("""
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["http://a"]
                [[route]]
                path = "/..."
                origin = "site"
                [route.cache]
                query = ["page", "f_*"]
                sort_query = true
                headers = ["X-Theme"]
                cookies = ["currency"]
                languages = ["en", "de-CH"]
                targeted = ["Acme-Cache-Control"]
                edge = "10m"
                browser = "0s"
                negative = "5s"
                stale_while_revalidate = "1m"
                stale_if_error = "1h"
                [[route.cache.ttl]]
                status = ["404", "300-302", "5xx"]
                type = ["image/*"]
                default = "1s"
                """).routes().getFirst().cache().orElseThrow();
        assertEquals(
                new CacheRules.Key(
                        Optional.of(List.of("page", "f_*")),
                        List.of(),
                        true,
                        List.of("x-theme"),
                        Optional.of(List.of("currency"))),
                rules.key());
        assertEquals(List.of("en", "de-CH"), rules.languages());
        assertEquals(List.of("acme-cache-control", "selvage-cache-control", "cdn-cache-control"), rules.targeted());
        CacheRules.Lifetime page = rules.lifetime(200, new Headers());
        assertEquals(OptionalLong.of(600), page.edge());
        assertEquals(OptionalLong.of(0), page.browser());
        assertEquals(OptionalLong.of(60), page.staleWhileRevalidate());
        assertEquals(OptionalLong.of(3600), page.staleIfError());
        assertEquals(OptionalLong.of(5), rules.lifetime(404, new Headers()).otherwise());
        Headers image = new Headers().add("Content-Type", "Image/PNG; x=y");
        for (int status : List.of(404, 301, 503)) {
            assertEquals(OptionalLong.of(1), rules.lifetime(status, image).otherwise());
        }
        assertEquals(CacheRules.Lifetime.NONE, rules.lifetime(500, new Headers()));
    }

    @Test
    void mistakesInARuleOfACacheAreTold() {
        String mistakes = mistakes("""
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["http://a"]
                [[route]]
                path = "/..."
                origin = "site"
                [route.cache]
                query = ["a"]
                query_except = ["b&c"]
                edge = 10
                browzer = "1s"
                headers = "X-A"
                [[route.cache.ttl]]
                status = ["99"]
                type = ["image"]
                default = "soon"
                """);
        for (String part : List.of(
                "selvage.toml:10:1: route.cache: query says which parameters count and query_except which do not",
                "route.cache.query_except: \"b&c\" is not a parameter's name",
                "selvage.toml:11:1: route.cache.edge must be a duration in quotes: edge = \"10m\"",
                "selvage.toml:12:1: route.cache.browzer: unknown key; did you mean \"browser\"",
                "route.cache.headers must be a list of texts in quotes, each a field's name",
                "route.cache.ttl.status: \"99\" is not \"404\", \"300-399\" or \"5xx\"",
                "route.cache.ttl.type: \"image\" is not a media type",
                "selvage.toml:17:1: route.cache.ttl.default: ")) {
            assertTrue(mistakes.contains(part), () -> part + "\n" + mistakes);
        }
    }

    @Test
    void mistakesInAShadowAreTold() {
        String mistakes = mistakes("""
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["http://a"]
                [[route]]
                path = "/..."
                origin = "site"
                shadow = { origin = "sitee", share = 200, compare = ["statu"], slow = "1s" }
                [[route]]
                path = "/a"
                origin = "site"
                shadow = {}
                """);
        for (String part : List.of(
                "route.shadow: origin: there is no origin \"sitee\"; did you mean \"site\"?",
                "share must be a whole number from 1 to 100",
                "compare: \"statu\" cannot be compared; did you mean \"status\"?",
                "route.shadow.slow: unknown key; did you mean \"slower\"?",
                "name an origin or a function, and not both")) {
            assertTrue(mistakes.contains(part), () -> part + "\n" + mistakes);
        }
    }
}
