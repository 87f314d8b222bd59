package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What h2spec, a program of others, says of HTTP/2 (RFC 7540 and, for what that one has changed, RFC 9113). */
class H2specTest {
    /** Where the program lies in its Maven plugin, which is on the class path. */
    private static final String ARCHIVE = "/h2spec/2.1.1/h2spec_linux_amd64.tar.gz";

    /** What it wants and does not get, with the reason; docs/listeners.md tells them too. */
    private static final Map<String, String> EXEMPT = new TreeMap<>(Map.of(
            "half closed (remote): Sends a HEADERS frame",
            "they are trailers with pseudo-header fields: malformed, a stream error of type PROTOCOL_ERROR (RFC 9113 §8.1)",
            "closed: Sends a HEADERS frame",
            "RFC 9113 §5.1 says MAY; it gets a stream error of type STREAM_CLOSED",
            "Sends stream identifier that is numerically smaller than previous",
            "Netty keeps no list of the streams that were never opened; it is a stream error of type STREAM_CLOSED"));

    @TempDir
    private Path folder;

    private TestNode node;

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
    }

    private String program() throws Exception {
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "h2spec is there for Linux on x86-64");
        Path archive = folder.resolve("h2spec.tar.gz");
        try (InputStream in = H2specTest.class.getResourceAsStream(ARCHIVE)) {
            assumeTrue(in != null, "h2spec is not on the class path");
            Files.copy(in, archive);
        }
        TestTool.run(folder, "tar", "xzf", archive.toString());
        return folder.resolve("h2spec").toString();
    }

    private void judge(String listener, String... options) throws Exception {
        String program = program();
        node = new TestNode(folder)
                .function("f", "\"/...\"", "", exchange -> {
                    exchange.requestBody().readAllBytes();
                    TestNode.answer(exchange, "hello " + exchange.request().path());
                })
                .listener(listener)
                .start();
        get(node.gateway().urls().getFirst()); // the first handshake of a process takes its time
        Path report = folder.resolve("h2spec.xml");
        List<String> command = new ArrayList<>(List.of(
                program, "-h", "127.0.0.1", "-p", Integer.toString(node.port()), "-o", "3", "-j", report.toString()));
        command.addAll(List.of(options));
        String told = TestTool.run(folder, command.toArray(String[]::new));
        assertTrue(Files.exists(report), told);
        List<String> failed = new ArrayList<>();
        NodeList cases = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(report.toFile())
                .getElementsByTagName("testcase");
        for (int i = 0; i < cases.getLength(); i++) {
            Element one = (Element) cases.item(i);
            if (one.getElementsByTagName("failure").getLength() > 0
                    || one.getElementsByTagName("error").getLength() > 0) {
                failed.add(one.getAttribute("classname"));
            }
        }
        assertEquals(145, cases.getLength(), told);
        failed.removeAll(EXEMPT.keySet());
        assertEquals(List.of(), failed, told);
    }

    private static void get(String url) throws Exception {
        try (HttpClient client = TestTls.client(HttpClient.Version.HTTP_2)) {
            HttpResponse<String> response =
                    client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(200, response.statusCode());
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void http2InClearTextIsAsTheStandardHasIt() throws Exception {
        judge("listen = \"127.0.0.1:0\"");
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void http2OverTlsIsAsTheStandardHasIt() throws Exception {
        TestTls.write(folder, "a", "localhost");
        judge("listen = \"127.0.0.1:0\"\ntls = { certificate = \"a.pem\", key = \"a.key\" }", "-t", "-k");
    }
}
