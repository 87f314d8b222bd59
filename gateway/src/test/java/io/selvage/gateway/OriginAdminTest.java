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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OriginAdminTest {
    @TempDir
    private Path folder;

    private final List<TestOrigin> origins = new ArrayList<>();
    private TestOrigin first;
    private TestOrigin second;
    private TestNode node;

    @BeforeEach
    void start() throws IOException {
        first = answering("first");
        second = answering("second");
        serve("");
    }

    @AfterEach
    void stop() {
        node.close();
        origins.forEach(TestOrigin::close);
    }

    private TestOrigin answering(String text) {
        TestOrigin origin = new TestOrigin();
        origin.handler = exchange -> TestOrigin.answer(exchange, 200, text);
        origins.add(origin);
        return origin;
    }

    private void serve(String more) throws IOException {
        node = new TestNode(folder).more("""
                        [[origin]]
                        name = "site"
                        urls = ["%s"]
                        [[route]]
                        path = "/..."
                        origin = "site"
                        """.formatted(first.url()) + more).start();
    }

    private HttpResponse<String> admin(String method, String target, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(node.gateway().adminAddress().url() + target))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return node.client(HttpClient.Version.HTTP_1_1).send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static String url(TestOrigin origin) {
        return "?url=" + URLEncoder.encode(origin.url(), StandardCharsets.UTF_8);
    }

    private String ask() throws Exception {
        return node.get("/").body();
    }

    @Test
    void anAddressThatIsAddedTakesPartAndOneThatIsRemovedDoesNotAfterARestartToo() throws Exception {
        HttpResponse<String> added = admin("PUT", "/origins/site/addresses" + url(second) + "&weight=2", "");
        assertEquals(200, added.statusCode());
        assertTrue(added.body().contains("\"source\":\"changed\""), added.body());
        assertEquals(2, List.of(ask(), ask(), ask()).stream().distinct().count());
        assertEquals(
                200, admin("DELETE", "/origins/site/addresses" + url(first), "").statusCode());
        assertEquals(List.of("second", "second", "second"), List.of(ask(), ask(), ask()));
        node.close();
        serve("");
        assertEquals(List.of("second", "second", "second"), List.of(ask(), ask(), ask()));
        assertEquals(
                409,
                admin("DELETE", "/origins/site/addresses" + url(second), "").statusCode());
        assertEquals(200, admin("DELETE", "/origins/site", "").statusCode());
        assertEquals("first", ask());
        assertEquals(404, admin("DELETE", "/origins/site", "").statusCode());
    }

    @Test
    void anAddressThatIsDrainedEndsWhatRunsAndGetsNothingNew() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        first.handler = exchange -> {
            begun.countDown();
            over.await();
            TestOrigin.answer(exchange, 200, "first");
        };
        CompletableFuture<HttpResponse<String>> running = node.client(HttpClient.Version.HTTP_1_1)
                .sendAsync(HttpRequest.newBuilder(node.uri("/")).build(), HttpResponse.BodyHandlers.ofString());
        begun.await();
        admin("PUT", "/origins/site/addresses" + url(second), "");
        String drained = admin("PUT", "/origins/site/drained" + url(first), "").body();
        assertTrue(drained.contains("\"state\":\"draining\",\"running\":1"), drained);
        assertEquals(List.of("second", "second", "second"), List.of(ask(), ask(), ask()));
        over.countDown();
        assertEquals("first", running.join().body());
        node.close();
        serve("");
        assertEquals(List.of("second", "second", "second"), List.of(ask(), ask(), ask()));
        admin("PUT", "/origins/site/drained", "");
        assertEquals(503, node.get("/").statusCode());
        admin("DELETE", "/origins/site/drained", "");
        assertEquals(2, List.of(ask(), ask()).stream().distinct().count());
    }

    @Test
    void anOriginThatIsAddedCanBeRoutedToAndIsChecked() throws Exception {
        HttpResponse<String> bad = admin("PUT", "/origins/more", "urls = [\"ftp://x\"]\nconections = 1");
        assertEquals(400, bad.statusCode());
        assertTrue(bad.body().contains("is not an address") && bad.body().contains("did you mean"), bad.body());
        assertTrue(bad.body().contains("content:2:1: origin.conections"), bad.body());
        assertEquals(
                200,
                admin("PUT", "/origins/more", "urls = [\"" + second.url() + "\"]\nbreaker = true")
                        .statusCode());
        String list = admin("GET", "/origins", "").body();
        assertTrue(list.contains("\"origin\":\"more\",\"source\":\"added\",\"breaker\":\"closed\""), list);
        node.close();
        serve("[[route]]\npath = \"/more\"\norigin = \"more\"\n");
        assertEquals("second", node.get("/more").body());
        assertEquals(409, admin("DELETE", "/origins/more", "").statusCode());
        assertEquals("first", ask());
    }

    @Test
    void anOriginThatIsAddedServesARefusedRouteAtOnceAndAfterARestart() throws Exception {
        Path manifest = folder.resolve("selvage.toml");
        String route = "[[route]]\npath = \"/more\"\norigin = \"more\"\nshadow = { origin = \"shade\" }\n";
        Files.writeString(manifest, Files.readString(manifest) + route);
        node.node().reload();
        HttpResponse<String> refused = admin("POST", "/release", "");
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("selvage origin set more FILE"), refused.body());
        assertEquals("first", node.get("/more").body(), "the app before it goes on");
        admin("PUT", "/origins/shade", "urls = [\"" + first.url() + "\"]");
        admin("PUT", "/origins/more", "urls = [\"" + second.url() + "\"]");
        assertEquals("second", node.get("/more").body());
        assertTrue(admin("GET", "/release", "").body().contains("\"state\":\"current\""));
        assertTrue(admin("DELETE", "/origins/shade", "").body().contains("The route /more has a shadow at shade"));
        node.close();
        serve(route);
        assertEquals("second", node.get("/more").body());
    }

    @Test
    void aDefinitionReplacesTheManifestsAndTheOldConnectionsAreClosedAfterTheirLastRequest() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        first.handler = exchange -> {
            begun.countDown();
            over.await();
            TestOrigin.answer(exchange, 200, "late");
        };
        CompletableFuture<HttpResponse<String>> running = node.client(HttpClient.Version.HTTP_1_1)
                .sendAsync(HttpRequest.newBuilder(node.uri("/")).build(), HttpResponse.BodyHandlers.ofString());
        begun.await();
        admin("PUT", "/origins/site", "urls = [\"" + second.url() + "\"]");
        assertEquals("second", ask());
        over.countDown();
        assertEquals("late", running.join().body());
    }

    @Test
    void aFileThatCannotBeReadIsSaidSo() throws Exception {
        node.close();
        Files.createDirectories(folder.resolve("state"));
        Files.writeString(folder.resolve("state/origins.toml"), "[site\n");
        String message = "";
        try {
            serve("");
        } catch (io.selvage.node.ConfigurationException e) {
            message = String.valueOf(e.getMessage());
        }
        assertTrue(message.contains("origins.toml: what was changed of origins cannot be read"), message);
    }

    @Test
    void whatIsNotThereIsSaidSo() throws Exception {
        assertEquals(404, admin("GET", "/origins/sight", "").statusCode());
        assertEquals(404, admin("PUT", "/origins/sight/drained", "").statusCode());
        assertEquals(
                404, admin("PUT", "/origins/site/drained" + url(second), "").statusCode());
        assertEquals(405, admin("POST", "/origins/site/drained", "").statusCode());
        assertEquals(
                400, admin("PUT", "/origins/site/addresses?url=nowhere", "").statusCode());
        assertEquals(413, admin("PUT", "/origins/site", "x".repeat(100_000)).statusCode());
    }
}
