package io.selvage.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code selvage check} says, and what is said of words that are no commands. */
class CheckCommandTest {
    @TempDir
    private Path folder;

    private static String run(int code, String... args) {
        StringWriter said = new StringWriter();
        CommandLine commands = Main.commandLine().setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
        assertEquals(code, commands.execute(args), said::toString);
        return said.toString();
    }

    private String check(int code, String toml) throws IOException {
        Files.writeString(folder.resolve("selvage.toml"), toml);
        return run(
                code,
                "check",
                folder.toString(),
                "--state",
                folder.resolve("state").toString());
    }

    @Test
    void everyMistakeIsToldAtOnceWhicheverPartFindsIt() throws IOException {
        Files.writeString(folder.resolve("bad.pem"), "no certificate");
        Files.writeString(folder.resolve("text.wasm"), "no module");
        String said = check(2, """
                name = "edge"
                [[listener]]
                listen = "127.0.0.1:8443"
                tls = { certificate = "bad.pem", key = "missing.key" }
                [[listener]]
                listen = "127.0.0.1:8444"
                tls = { certificate = "bad.pem", key = "bad.pem" }
                [[function]]
                name = "f"
                source = "text.wasm"
                routes = ["/f"]
                [[origin]]
                name = "site"
                urls = ["http://127.0.0.1:9001"]
                [[route]]
                path = "/a/:x"
                origin = "site"
                [[route]]
                path = "/a/:y"
                origin = "site"
                conections = 1
                [[route]]
                path = "/old"
                origin = "site"
                redirect = "https://{host}{path}"
                """);
        for (String expected : List.of(
                "selvage.toml:4:",
                "there is no file " + folder.resolve("missing.key"),
                "bad.pem",
                "selvage.toml:10:1: function.source: ",
                "the route \"/a/:y\" of \"site\" takes the same requests as \"/a/:x\"",
                "route.conections: unknown key",
                "selvage.toml:25:1: route.redirect: it answers every request of the route")) {
            assertTrue(said.contains(expected), expected + "\n--- not in:\n" + said);
        }
        assertEquals(1, said.split("missing.key", -1).length - 1, said);
    }

    @Test
    void aRedirectOfRequestsWithoutTlsLeavesTheOriginReachable() throws IOException {
        String said = check(0, """
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["http://127.0.0.1:9001"]
                [[route]]
                path = "/..."
                origin = "site"
                redirect = { to = "https://{host}{path}{query}", insecure = true }
                """);
        assertTrue(said.startsWith("edge: in order (routes: 1"), said);
    }

    @Test
    void aWordThatIsNoCommandIsAnsweredWithTheNearest() {
        String said = run(2, "chek");
        assertTrue(said.contains("there is no command \"chek\"; did you mean \"check\"?"), said);
        assertFalse(said.contains("nmatched"), said);
        assertTrue(run(2, "origin", "lsit").contains("did you mean \"list\"?"));
        assertTrue(run(2, "up", "--lsten", ":0").contains("did you mean \"--listen\"?"));
        assertTrue(run(2, "version", "now").contains("\"now\" is one word too many"));
    }
}
