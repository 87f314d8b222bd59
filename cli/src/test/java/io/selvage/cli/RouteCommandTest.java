package io.selvage.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RouteCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();

    @BeforeEach
    void write() throws Exception {
        Files.writeString(folder.resolve("selvage.toml"), """
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["http://127.0.0.1:9001"]
                [[route]]
                path = "/..."
                origin = "site"
                [[route]]
                path = "PUT shop.example/api/:id"
                origin = "site"
                rewrite = { strip_prefix = "/api" }
                cors = { origins = ["https://a.example"] }
                addresses = { deny = ["203.0.113.0/24"] }
                """);
    }

    private int run(String... args) {
        CommandLine command = new CommandLine(new RouteCommand()).setOut(new PrintWriter(out));
        String[] all = new String[args.length + 3];
        all[0] = "test";
        System.arraycopy(args, 0, all, 1, args.length);
        all[args.length + 1] = "--app";
        all[args.length + 2] = folder.toString();
        return command.execute(all);
    }

    @Test
    void aRouteIsExplained() {
        assertEquals(0, run("PUT", "http://shop.example/api/7"));
        String text = out.toString();
        assertTrue(text.contains("route        PUT shop.example/api/:id"), text);
        assertTrue(text.contains("parameters   {id=7}"), text);
        assertTrue(text.contains("127.0.0.1 is let through"), text);
        assertTrue(text.contains("destination  origin site, which is asked for /7"), text);
    }

    @Test
    void aRefusalIsExplainedToPrograms() {
        assertEquals(0, run("PUT", "http://shop.example/api/7", "--from", "203.0.113.7", "--json"));
        String json = out.toString();
        assertTrue(
                json.contains("{\"rule\":\"addresses\",\"outcome\":\"answers\",\"why\":\"203.0.113.7 is denied\"}"),
                json);
        assertTrue(json.contains("\"status\":403"), json);
        assertTrue(json.contains("{\"rule\":\"rewrite\",\"outcome\":\"not reached\",\"why\":\"\"}"), json);
    }

    @Test
    void anAddressThatIsNoneIsAMistakeOfTheCommandLine() {
        assertEquals(2, run("PUT", "http://shop.example/api/7", "--from", "nowhere"));
    }

    @Test
    void whatNoRequestCanHaveIsAMistakeOfTheCommandLine() {
        assertEquals(2, run("GET /", "/a"));
        assertEquals(2, run("GET", "ftp://shop.example/a"));
        assertEquals(2, run("GET", "shop.example/a"));
        assertEquals(2, run("GET", "/a", "--header", "X Y: 1"));
        assertEquals(2, run("GET", "/a", "--header", ": 1"));
        assertEquals("", out.toString());
    }

    @Test
    void aPreflightRequestIsExplainedByTheRouteThatFollows() {
        assertEquals(
                0,
                run(
                        "OPTIONS",
                        "http://shop.example/api/7",
                        "--header",
                        "Origin: https://a.example",
                        "--header",
                        "Access-Control-Request-Method: PUT"));
        assertTrue(out.toString().contains("answers the preflight: https://a.example may"), out.toString());
    }

    @Test
    void aPathThatCouldBeReadOtherwiseIsExplained() {
        assertEquals(0, run("PUT", "http://shop.example//api/7"));
        assertTrue(out.toString().contains("//api/7 could be read as /api/7"), out.toString());
    }

    @Test
    void whatTheCacheAndTheRestWouldDoIsExplained() throws Exception {
        Files.writeString(folder.resolve("selvage.toml"), """
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["http://127.0.0.1:9001"]
                shield = "nodes"
                [[origin]]
                name = "nodes"
                urls = ["http://127.0.0.1:9002"]
                [[route]]
                path = "/..."
                origin = "site"
                esi = true
                compress = true
                [route.cache]
                query = ["page"]
                cookies = ["currency"]
                languages = ["en", "de"]
                default = "10m"
                negative = "5s"
                [[route.cache.ttl]]
                type = ["image/*"]
                edge = "1d"
                browser = "1h"
                """);
        assertEquals(
                0,
                run(
                        "GET",
                        "http://shop.example/a?utm=x&page=2",
                        "--header",
                        "Cookie: id=7; currency=EUR",
                        "--header",
                        "Accept-Language: fr, de;q=0.5",
                        "--header",
                        "Accept-Encoding: gzip, br"));
        String text = out.toString();
        assertTrue(
                text.contains("cache              looked up    the key is http://shop.example/a?page=2 (cookie: "
                        + "currency=EUR); then Vary decides"),
                text);
        assertTrue(text.contains("the origin does not get utm=x, which is not in the key"), text);
        assertTrue(text.contains("the origin gets Cookie: currency=EUR"), text);
        assertTrue(text.contains("the origin gets Accept-Language: de"), text);
        assertTrue(text.contains("image/*: 24 h here, whatever the answer says, 60 min in browsers"), text);
        assertTrue(text.contains("404, 405, 410, 414, 501: 5 s here where the answer does not say"), text);
        assertTrue(text.contains("shield             asked first  origin nodes"), text);
        assertTrue(text.contains("esi                response     pages of text/html"), text);
        assertTrue(text.contains("compress           response     texts go as br"), text);
    }

    @Test
    void whatPassesTheCacheByIsExplainedToPrograms() throws Exception {
        Files.writeString(folder.resolve("selvage.toml"), """
                name = "edge"
                [[origin]]
                name = "site"
                urls = ["http://127.0.0.1:9001"]
                [[route]]
                path = "/..."
                origin = "site"
                cache = true
                """);
        assertEquals(0, run("POST", "/a", "--json"));
        assertTrue(
                out.toString()
                        .contains(
                                "\"handling\":[{\"rule\":\"cache\",\"outcome\":\"passed by\",\"why\":\"POST may change"),
                out.toString());
    }
}
