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
        OriginRoute route = manifest.routes().getFirst().origin().orElseThrow();
        assertEquals(List.of(), manifest.functions());
        assertTrue(route.caches());
        assertEquals("/...", route.route().toString());
        assertEquals(
                List.of(URI.create("http://127.0.0.1:9001")), route.origin().urls());
    }

    @Test
    void everythingOfAnOriginIsRead() throws IOException {
        OriginRoute route = read("""
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["https://a.example/", "http://[::1]:81"]
                host = "inner.example"
                connect_timeout = "1s"
                first_byte_timeout = "2s"
                between_bytes_timeout = "3s"
                connections = 4
                [[route]]
                path = "GET shop.example/a/:b"
                origin = "site"
                """).routes().getFirst().origin().orElseThrow();
        assertFalse(route.caches());
        assertEquals(
                new OriginDefinition(
                        "site",
                        List.of(URI.create("https://a.example"), URI.create("http://[::1]:81")),
                        Optional.of("inner.example"),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        4),
                route.origin());
    }

    @Test
    void everyMistakeIsToldAtOnceWithItsPlace() {
        String mistakes = mistakes("""
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["ftp://a", "http://a/path"]
                connections = 0
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
                "there are two origins \"site\"",
                "origin.urls must be a list of texts, not empty",
                "route.origin: there is no origin \"sight\"",
                "selvage.toml:12:1: route.cache must be true or false, or a table",
                "route.path is missing")) {
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
                """).originRoutes().getFirst().route().cache().orElseThrow();
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
}
