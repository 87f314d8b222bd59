package io.selvage.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleManifestTest {
    private static final String ORIGIN =
            "name = \"edge\"\n[[origin]]\nname = \"site\"\nurls = [\"http://127.0.0.1:9001\"]\n";

    @TempDir
    private Path folder;

    private Manifest read(String toml) throws IOException {
        return Manifest.read(
                Files.writeString(folder.resolve("selvage.toml"), toml), new Manifest.Known(List.of(), List.of()));
    }

    @Test
    void whoIsToldApartByALoginIsAskedForOne() throws IOException {
        String message = String.valueOf(assertThrows(ConfigurationException.class, () -> read(ORIGIN + """
                        [[route]]
                        path = "/a"
                        answer = { status = 200 }
                        rate_limit = [{ requests = 1, key = "claim:sub" }, { requests = 9, key = ["user", "address"] }]
                        [[route]]
                        path = "/b"
                        answer = { status = 200 }
                        basic = { users = { ada = "hunter2" } }
                        buckets = { name = "b", key = "claim:sub", shares = { a = 1 } }
                        """))
                .getMessage());
        for (String part : List.of(
                "route.rate_limit: the route does not find out \"claim:sub\"; give it jwt\n",
                "route.rate_limit: the route does not find out \"user\"; give it jwt or basic\n",
                "route.buckets: the route does not find out \"claim:sub\"; give it jwt")) {
            assertTrue((message + "\n").contains(part), message);
        }
        assertFalse(message.contains("there is no user"), message);
        read(ORIGIN + """
                [rules]
                rate_limit = { requests = 1, key = "user" }
                basic = { users = { ada = "$2y$05$%s" } }
                [[route]]
                path = "/a"
                origin = "site"
                rate_limit = { requests = 2, key = "user" }
                """.formatted(".".repeat(53)));
    }

    @Test
    void everyMistakeIsToldAtOnceWithItsPlace() {
        String mistakes = String.valueOf(assertThrows(ConfigurationException.class, () -> read(ORIGIN + """
                        [[route]]
                        path = "/..."
                        origin = "site"
                        rate_limt = { requests = 1 }
                        rate_limit = { requests = 0, per = "1 fortnight", key = "adress", burst = 2, algorithm = "sliding-window" }
                        addresses = { allow = ["10.0.0.1/8", "10.0.0.0/33", "example.com"] }
                        cors = { origins = ["shop.example"], credentials = true }
                        redirect = { to = "/x", status = 200 }
                        answer = { status = 204, body = "none" }
                        response_headers = { set = { "X-A" = "a\\r\\nSet-Cookie: b", "Content-Length" = "1" } }
                        request_headers = { rewrite = [{ name = "X", match = "(" }] }
                        body_limit = 5
                        hsts = { preload = true }
                        geo = { database = "nowhere.mmdb", deny = ["Germany"] }
                        basic = { users = { ada = "hunter2" } }
                        jwt = { keys = "http://id.example/keys", algorithms = ["none"] }
                        concurrency = { algorithm = "magic", min = 5, max = 2 }
                        buckets = { name = "Big", shares = {} }
                        [[route]]
                        path = "/nowhere"
                        """))
                .getMessage());
        for (String part : List.of(
                "selvage.toml:8:1: route.rate_limt: unknown key; did you mean \"rate_limit\"?",
                "route.rate_limit.requests must be a whole number from 1",
                "route.rate_limit.per: \"1 fortnight\" is not a duration",
                "route.rate_limit.key: \"adress\" tells nobody apart; did you mean \"address\"?",
                "route.rate_limit.burst: only a token bucket has one",
                "\"10.0.0.1/8\" is an address within a network",
                "\"10.0.0.0/33\": the number behind \"/\" must be 0 to 32",
                "\"example.com\" is no address or network",
                "route.cors.origins: \"shop.example\" is not an origin",
                "route.redirect.status: must be one of",
                "route.answer.body: a response with the status 204 has no content; leave it out",
                "route.response_headers.set.X-A: the value holds a control character",
                "Content-Length is the gateway's own",
                "route.request_headers.rewrite.match: Unclosed group",
                "route.body_limit: must be a size in quotes",
                "route.hsts.preload: the lists of browsers want",
                "route.geo.database: there is no file",
                "\"Germany\" is not a country",
                "route.basic.users.ada: what stands for the password of \"ada\" is none of the hashes",
                "route.jwt.keys: keys that come without TLS",
                "route.jwt.algorithms: \"none\" is none that is known",
                "route.concurrency.algorithm: \"magic\" is none of them",
                "route.concurrency.min: is more than max",
                "route.buckets.name: \"Big\"",
                "the route leads nowhere")) {
            assertTrue(mistakes.contains(part), () -> part + "\n" + mistakes);
        }
        assertFalse(mistakes.contains("hunter2"), mistakes);
    }

    @Test
    void aRouteInheritsWhatItDoesNotSay() throws IOException {
        List<Manifest.RouteEntry> routes = read(ORIGIN + """
                [[route]]
                path = "/a"
                origin = "site"
                [[route]]
                path = "/b"
                origin = "site"
                body_limit = "1KiB"
                device = false
                [rules]
                device = true
                body_limit = "1MiB"
                """).routes();
        assertEquals(List.of("body_limit", "device"), keys(routes.get(0)));
        assertEquals(List.of("body_limit"), keys(routes.get(1)));
        assertEquals(new Rule.BodyLimit(1024), routes.get(1).rules().all().getFirst());
    }

    @Test
    void theCacheMayHaveInItsKeyWhatTheRouteFindsOut() throws IOException {
        Files.write(folder.resolve("country.mmdb"), new byte[1]);
        List<Manifest.RouteEntry> routes = read(ORIGIN + """
                [[route]]
                path = "/a"
                origin = "site"
                geo = { database = "country.mmdb" }
                cache = { device = true, country = true, headers = ["X-A", "Selvage-Device"] }
                [rules]
                device = true
                """).routes();
        assertEquals(
                List.of("x-a", "selvage-device", "selvage-country"),
                routes.getFirst().cache().orElseThrow().key().headers());
        String mistakes = String.valueOf(assertThrows(ConfigurationException.class, () -> read(ORIGIN + """
                        [[route]]
                        path = "/a"
                        origin = "site"
                        cache = { device = true, country = true }
                        """))
                .getMessage());
        assertTrue(
                mistakes.contains("route.cache.device: the route does not find it out; give it device = true"),
                mistakes);
        assertTrue(mistakes.contains("route.cache.country: the route does not find it out; give it geo"), mistakes);
    }

    @Test
    void aReplacementNamesGroupsThatAreThere() {
        String mistakes = String.valueOf(assertThrows(ConfigurationException.class, () -> read(ORIGIN + """
                        [[route]]
                        path = "/..."
                        origin = "site"
                        rewrite = { match = "/(.*)", with = "/$3" }
                        request_headers = { rewrite = [{ name = "A", match = "(a)", with = "${b}" }] }
                        response_headers = { rewrite = [
                            { name = "A", match = "a", with = "$" }, { name = "B", match = "b", with = '\\' }] }
                        """))
                .getMessage());
        for (String part : List.of(
                "route.rewrite.with: \"/$3\" names group 3, and \"/(.*)\" has 1",
                "\"${b}\" names a group \"b\", which \"(a)\" has not",
                "no group's number follows a $",
                "ends with a backslash")) {
            assertTrue(mistakes.contains(part), part + " in " + mistakes);
        }
    }

    @Test
    void whatIsReadTwiceIsEqual() throws IOException {
        String toml = ORIGIN + """
                [[route]]
                path = "/a"
                origin = "site"
                request_headers = { rewrite = [{ name = "X", match = "a(b)", with = "$1" }] }
                rewrite = { match = "/(.*)", with = "/$1" }
                basic = { users = { ada = "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=" } }
                """;
        assertEquals(read(toml), read(toml));
    }

    private static List<String> keys(Manifest.RouteEntry route) {
        return route.rules().all().stream().map(Rule::key).sorted().toList();
    }
}
