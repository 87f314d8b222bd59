package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What testssl.sh, a program of others, says of TLS: protocols, what is asked for by default, and known holes. */
class TlsJudgedTest {
    /** What it must find; other severities than these are mistakes. */
    private static final List<String> GOOD = List.of("OK", "INFO", "LOW");

    /** What it says of the program that it uses. */
    private static final List<String> ABOUT_ITSELF = List.of("id", "engine_problem", "scanTime");

    @TempDir
    private Path folder;

    @Test
    void testsslFindsNothingWrong() throws Exception {
        TestTool.needs("testssl", "testssl.sh");
        TestTls.write(folder, "a", "localhost");
        Path report = folder.resolve("report.csv");
        try (TestNode node = new TestNode(folder)
                .function("f", "\"/...\"", "", e -> TestNode.answer(e, "hello"))
                .listener("listen = \"127.0.0.1:0\"\ntls = { certificate = \"a.pem\", key = \"a.key\" }")
                .start()) {
            String told = TestTool.run(
                    folder,
                    "testssl",
                    "--warnings",
                    "off",
                    "--color",
                    "0",
                    "--ip",
                    "127.0.0.1",
                    "--csvfile",
                    report.toString(),
                    "--protocols",
                    "--renegotiation",
                    "--heartbleed",
                    "--ccs-injection",
                    "--ticketbleed",
                    "--poodle",
                    "--tls-fallback",
                    "--compression",
                    "localhost:" + node.port());
            assertTrue(Files.exists(report), told);
            Map<String, String> found = new HashMap<>();
            for (String line : Files.readAllLines(report)) {
                // id, address, port, severity, finding, and more
                String[] one = line.replaceAll("^\"|\"$", "").split("\",\"");
                found.put(one[0], one[4]);
                assertTrue(ABOUT_ITSELF.contains(one[0]) || GOOD.contains(one[3]), line + "\n" + told);
            }
            assertEquals("not offered", found.get("TLS1"), told);
            assertEquals("not offered", found.get("TLS1_1"), told);
            assertTrue(found.get("TLS1_3").startsWith("offered"), told);
        }
    }
}
