package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A line about a request says what the client has got, whoever answered. */
class AccessLogTest {
    @TempDir
    private Path folder;

    private TestNode node;
    private final TestOrigin origin = new TestOrigin();

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(folder)
                .function("good", "\"/good\"", "", e -> TestNode.answer(e, "hello"))
                .function("bad", "\"/bad\"", "", e -> {
                    throw new IllegalStateException("a fault");
                })
                .origin("/site", false, "", origin.url())
                .origin("/dead", false, "retry = { attempts = 1 }", "http://127.0.0.1:1")
                .more("[[route]]\npath = \"/banned\"\nfunction = \"good\"\n"
                        + "addresses = { deny = [\"127.0.0.0/8\", \"::1\"] }")
                .start();
    }

    @AfterEach
    void stop() {
        node.close();
        origin.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/good, 200, ''",
        "/bad, 500, internal",
        "/site, 200, ''",
        "/dead, 502, origin-unreachable",
        "/banned, 403, forbidden",
        "/nowhere, 404, no-route"
    })
    void whatWasSent(String path, int status, String problem) throws Exception {
        assertLogged("GET", path, status, problem);
        assertLogged("HEAD", path, status, problem);
    }

    /** Asks, and compares the line with the answer. */
    private void assertLogged(String method, String path, int status, String problem) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(node.uri(path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<byte[]> response =
                node.client(HttpClient.Version.HTTP_1_1).send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(status, response.statusCode());
        Pattern line =
                Pattern.compile("\"event\":\"access\".*\"method\":\"" + method + "\".*\"path\":\"" + path + "\".*");
        TestNode.eventually(
                "the request is logged", () -> line.matcher(node.log()).find());
        Matcher found = line.matcher(node.log());
        assertTrue(found.find());
        assertTrue(found.group().contains("\"status\":" + status + ","), found.group());
        assertTrue(found.group().contains("\"bytes\":" + response.body().length + ","), found.group());
        String told = problem.isEmpty() ? "\"problem\"" : "\"problem\":\"" + problem + '"';
        assertEquals(!problem.isEmpty(), found.group().contains(told), found.group());
    }
}
