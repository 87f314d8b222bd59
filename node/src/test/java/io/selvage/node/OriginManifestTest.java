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
                "selvage.toml:12:1: route.cache must be true or false",
                "route.path is missing")) {
            assertTrue(mistakes.contains(part), () -> part + "\n" + mistakes);
        }
    }

    @Test
    void anOriginWithoutARouteIsAMistake() {
        String mistakes = mistakes("name = \"edge\"\n[[origin]]\nname = \"site\"\nurls = [\"http://a\"]\n");
        assertTrue(mistakes.contains("no [[route]] leads to an origin"), mistakes);
    }
}
