package io.selvage.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GeographyTest {
    private RunningNode node;

    @BeforeAll
    void start(@TempDir Path state) throws IOException {
        node = RunningNode.start("geography", state);
    }

    @AfterAll
    void stop() {
        node.close();
    }

    private HttpResponse<String> get(String path, String address, String... fields)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(node.uri(path)).header("X-Forwarded-For", address);
        if (fields.length > 0) {
            request.headers(fields);
        }
        return node.send(request);
    }

    private static String field(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @Test
    void eachCountryHasItsStoredAnswer() throws Exception {
        HttpResponse<String> german = get("/", "192.0.2.7");
        assertEquals("Guten Tag!\n", german.body());
        assertEquals("DE", field(german, "x-country"));
        assertTrue(field(german, "cache-status").contains("stored"), field(german, "cache-status"));
        HttpResponse<String> another = get("/", "192.0.2.99", "Selvage-Country", "FR");
        assertEquals("Guten Tag!\n", another.body());
        assertTrue(field(another, "cache-status").startsWith("Selvage; hit"), field(another, "cache-status"));
        assertEquals("Bonjour !\n", get("/", "198.51.100.7").body());
        HttpResponse<String> unknown = node.get("/");
        assertEquals("Hello!\n", unknown.body());
        assertEquals("", field(unknown, "x-country"));
        assertEquals(
                "Hello!\n", get("/", "2001:db8::1", "Selvage-Country", "DE").body());
    }

    @Test
    void rulesKnowTheCountry() throws Exception {
        HttpResponse<String> french = get("/here", "198.51.100.7");
        assertEquals(302, french.statusCode());
        assertEquals("/countries/FR", field(french, "location"));
        assertEquals(403, get("/", "203.0.113.7").statusCode());
        assertEquals(403, get("/here", "203.0.113.7").statusCode());
    }
}
