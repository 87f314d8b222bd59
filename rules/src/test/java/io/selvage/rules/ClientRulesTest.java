package io.selvage.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.ConfigurationException;
import io.selvage.node.Headers;
import io.selvage.node.RuleRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who and where a client is, and what follows from it. */
class ClientRulesTest {
    @TempDir
    private Path folder;

    @Test
    void onlyTrustedProxiesAreBelieved() throws Exception {
        try (Applied rules = new Applied(folder, """
                trusted_proxies = ["10.0.0.0/8", "2001:db8::/32"]
                addresses = { deny = ["203.0.113.0/24"] }
                request_headers = { set = { X-Client = "{client} {scheme}" } }
                """)) {
            assertEquals(
                    "192.0.2.1 http",
                    rules.get("192.0.2.1", "X-Forwarded-For: 1.2.3.4").field("X-Client"));
            assertEquals(
                    "1.2.3.4 http",
                    rules.get("10.1.1.1", "X-Forwarded-For: 1.2.3.4").field("X-Client"));
            assertEquals(
                    "5.6.7.8 https",
                    rules.get(
                                    "2001:db8::1",
                                    "X-Forwarded-For: 1.2.3.4, 5.6.7.8",
                                    "X-Forwarded-For: 10.9.9.9:80",
                                    "X-Forwarded-Proto: https")
                            .field("X-Client"));
            assertEquals(
                    "10.1.1.1 http",
                    rules.get("10.1.1.1", "X-Forwarded-For: evil").field("X-Client"));
            assertEquals("10.1.1.1 http", rules.get("10.1.1.1").field("X-Client"));
            assertEquals(
                    403,
                    rules.get("10.1.1.1", "X-Forwarded-For: 1.1.1.1, 203.0.113.9")
                            .status());
            assertEquals(
                    403, rules.get("203.0.113.9", "X-Forwarded-For: 1.1.1.1").status());
        }
    }

    @Test
    void addressesAreAllowedAndDenied() throws Exception {
        try (Applied rules = new Applied(
                folder, "addresses = { allow = [\"192.0.2.0/25\", \"2001:db8::/33\"], deny = [\"192.0.2.66\"] }")) {
            assertEquals(200, rules.get("192.0.2.127").status());
            assertEquals(403, rules.get("192.0.2.128").status());
            assertEquals(403, rules.get("192.0.2.66").status());
            assertEquals(200, rules.get("2001:db8:7fff::1").status());
            assertEquals(403, rules.get("2001:db8:8000::1").status());
            assertTrue(rules.chain.guards());
        }
    }

    @Test
    void rateLimitsTellClientsApart() throws Exception {
        try (Applied rules = new Applied(folder, """
                [[route.rate_limit]]
                name = "key"
                requests = 2
                key = "header:X-Api-Key"
                [[route.rate_limit]]
                name = "all"
                requests = 100
                per = "1h"
                key = "route"
                algorithm = "sliding-window"
                """)) {
            assertEquals(200, rules.get("192.0.2.1", "X-Api-Key: a").status());
            Applied.Result second = rules.get("192.0.2.1", "X-Api-Key: a");
            assertEquals("\"key\";q=2;w=60, \"all\";q=100;w=3600", second.answered("RateLimit-Policy"));
            assertEquals("\"key\";r=0;t=30, \"all\";r=98;t=5400", second.answered("RateLimit"));
            Applied.Result third = rules.get("192.0.2.9", "X-Api-Key: a");
            assertEquals(429, third.status());
            assertEquals(30, ((RuleRun.Refused) third.verdict()).problem().retryAfter());
            assertEquals(200, rules.get("192.0.2.1", "X-Api-Key: b").status());
        }
    }

    @Test
    void leavingOutAFieldOrForgingAnAddressGainsNothing() throws Exception {
        try (Applied rules = new Applied(folder, "rate_limit = { requests = 1, key = \"cookie:id\" }")) {
            assertEquals(200, rules.get("192.0.2.1").status());
            assertEquals(429, rules.get("192.0.2.1", "X-Forwarded-For: 1.2.3.4").status());
            assertEquals(429, rules.get("192.0.2.1", "Cookie: other=1; id=").status());
            assertEquals(200, rules.get("192.0.2.1", "Cookie: id=192.0.2.1").status());
            assertEquals(200, rules.get("2001:db8::1").status());
            assertEquals(429, rules.get("2001:db8::ffff:1").status());
            assertEquals(200, rules.get("2001:db8:0:1::1").status());
        }
    }

    @Test
    void aKeyOfAnyLengthTakesTheSameMemory() throws Exception {
        try (Applied rules = new Applied(folder, "rate_limit = { requests = 1, key = \"header:X\" }")) {
            assertEquals(200, rules.get("192.0.2.1", "X: " + "a".repeat(4000)).status());
            assertEquals(429, rules.get("192.0.2.2", "X: " + "a".repeat(4000)).status());
            assertEquals(200, rules.get("192.0.2.2", "X: " + "a".repeat(4001)).status());
        }
    }

    @Test
    void theCountryComesFromADatabase() throws Exception {
        TestDatabase.write(
                folder.resolve("country.mmdb"),
                Map.of(
                        "192.0.2.0/24", Map.of("country", Map.of("iso_code", "DE")),
                        "198.51.100.0/25", Map.of("country", Map.of("iso_code", "KP"))));
        TestDatabase.write(
                folder.resolve("asn.mmdb"), Map.of("192.0.0.0/16", Map.of("autonomous_system_number", 64500L)));
        try (Applied rules =
                new Applied(folder, "geo = { database = \"country.mmdb\", asn = \"asn.mmdb\", deny = [\"KP\"] }")) {
            Applied.Result german = rules.get("192.0.2.77", "Selvage-Country: US", "Selvage-Asn: 1");
            assertEquals("DE", german.field("Selvage-Country"));
            assertEquals("64500", german.field("Selvage-Asn"));
            assertEquals(403, rules.get("198.51.100.1").status());
            Applied.Result unknown = rules.get("203.0.113.1", "Selvage-Country: US");
            assertEquals(200, unknown.status());
            assertEquals("", unknown.field("Selvage-Country"));
            assertEquals(200, rules.get("2001:db8::1").status());
        }
    }

    @Test
    void aFileThatIsNoDatabaseIsRefused() throws Exception {
        Files.writeString(folder.resolve("country.mmdb"), "nothing of the kind");
        ConfigurationException refused = assertThrows(
                ConfigurationException.class, () -> new Applied(folder, "geo = { database = \"country.mmdb\" }"));
        assertTrue(String.valueOf(refused.getMessage()).contains("route.geo: "), refused.getMessage());
        assertTrue(String.valueOf(refused.getMessage()).contains("is no database of MaxMind's format"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 Mobile/15E148 Safari/604.1 | mobile
            Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 | mobile
            Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 | tablet
            Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605 Mobile/15E148 | tablet
            Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0 | desktop
            Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 | tv
            Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html) | bot
            curl/8.5.0 | bot
            """)
    void aDeviceIsToldByItsAgent(String agent, String device) throws Exception {
        try (Applied rules = new Applied(folder, "device = true")) {
            assertEquals(
                    device,
                    rules.get("192.0.2.1", "User-Agent: " + agent, "Selvage-Device: evil")
                            .field("Selvage-Device"));
        }
    }

    @Test
    void bucketsAreStableAndFair() throws Exception {
        try (Applied rules = new Applied(
                folder, "buckets = { name = \"checkout\", key = \"cookie:uid\", shares = { a = 75, b = 25 } }")) {
            Map<String, Integer> counts = new HashMap<>();
            for (int i = 0; i < 2000; i++) {
                Applied.Result result = rules.get("192.0.2.1", "Cookie: uid=" + i, "selvage-bucket-checkout: z");
                counts.merge(result.field("Selvage-Bucket-checkout"), 1, Integer::sum);
            }
            assertEquals(2000, counts.get("a") + counts.get("b"));
            assertEquals(500, counts.get("b"), 60);
            assertEquals("b", rules.get("192.0.2.1", "Cookie: uid=barbara").field("Selvage-Bucket-checkout"));
            assertEquals("a", rules.get("192.0.2.1", "Cookie: uid=grace").field("Selvage-Bucket-checkout"));
        }
    }

    @Test
    void maintenanceLetsThoseInWhoWork() throws Exception {
        try (Applied rules = new Applied(
                folder, "maintenance = { retry_after = \"2m\", body = \"back soon\", allow = [\"192.0.2.1\"] }")) {
            assertEquals(200, rules.get("192.0.2.1").status());
            Applied.Result closed = rules.get("192.0.2.2");
            assertEquals(503, closed.status());
            assertEquals("120", closed.answered("Retry-After"));
        }
    }

    @Test
    void anIdIsTakenOnlyIfItIsOne() throws Exception {
        try (Applied rules = new Applied(folder, "request_id = \"accept\"")) {
            assertEquals("abc-1", rules.get("192.0.2.1", "X-Request-Id: abc-1").answered("X-Request-Id"));
            assertEquals("id1", rules.get("192.0.2.1", "X-Request-Id: a\"b").answered("X-Request-Id"));
            assertEquals(
                    "id1",
                    rules.get("192.0.2.1", "X-Request-Id: " + "a".repeat(200)).answered("X-Request-Id"));
        }
        try (Applied rules = new Applied(folder, "request_id = \"replace\"")) {
            assertEquals("id1", rules.get("192.0.2.1", "X-Request-Id: abc-1").answered("X-Request-Id"));
        }
    }

    @Test
    void preflightRequestsAreAnswered() throws Exception {
        try (Applied rules = new Applied(folder, """
                cors = { origins = ["https://shop.example", "https://*.cdn.example"], methods = ["PUT"], headers = ["X-A"], \
                expose = ["X-B"], credentials = true, max_age = "10m" }
                basic = { users = { ada = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=" } }
                """)) {
            Applied.Result yes = rules.send(
                    "OPTIONS", "192.0.2.1", 0, "Origin: https://shop.example", "Access-Control-Request-Method: PUT");
            assertEquals(204, yes.status());
            assertEquals("https://shop.example", yes.answered("Access-Control-Allow-Origin"));
            assertEquals("true", yes.answered("Access-Control-Allow-Credentials"));
            assertEquals("PUT", yes.answered("Access-Control-Allow-Methods"));
            assertEquals("X-A", yes.answered("Access-Control-Allow-Headers"));
            assertEquals("600", yes.answered("Access-Control-Max-Age"));
            assertTrue(yes.answered("Vary").contains("Origin"));
            for (String origin : new String[] {
                "https://evil.example",
                "https://shop.example.evil",
                "https://cdn.example",
                "https://a@x.cdn.example",
                "null",
                "http://shop.example",
                "https://evilcdn.example"
            }) {
                Applied.Result no = rules.send(
                        "OPTIONS", "192.0.2.1", 0, "Origin: " + origin, "Access-Control-Request-Method: PUT");
                assertEquals("", no.answered("Access-Control-Allow-Origin"), origin);
            }
            Applied.Result refused = rules.get("192.0.2.1", "Origin: https://x.cdn.example");
            assertEquals(401, refused.status());
            assertEquals("https://x.cdn.example", refused.answered("Access-Control-Allow-Origin"));
            assertEquals("X-B", refused.answered("Access-Control-Expose-Headers"));
        }
    }

    @Test
    void anOriginsOwnWordAboutOriginsIsReplaced() throws Exception {
        try (Applied rules = new Applied(folder, "cors = { origins = [\"*\"] }")) {
            Applied.Result result = rules.get("192.0.2.1", "Origin: https://a.example");
            Headers fields = result.run()
                    .response(
                            200,
                            new Headers()
                                    .add("Access-Control-Allow-Origin", "https://evil.example")
                                    .add("Access-Control-Allow-Credentials", "true"));
            assertEquals("[*]", fields.all("Access-Control-Allow-Origin").toString());
            assertFalse(fields.contains("Access-Control-Allow-Credentials"));
        }
    }

    @Test
    void browsersAreMadeCareful() throws Exception {
        try (Applied rules = new Applied(folder, """
                trusted_proxies = ["10.0.0.1"]
                hsts = { max_age = "730d", subdomains = true, preload = true }
                security_headers = { Content-Security-Policy = "default-src 'self'", X-Frame-Options = "" }
                """)) {
            Applied.Result secure = rules.get("10.0.0.1", "X-Forwarded-Proto: https");
            assertEquals("max-age=63072000; includeSubDomains; preload", secure.answered("Strict-Transport-Security"));
            assertEquals("default-src 'self'", secure.answered("Content-Security-Policy"));
            assertEquals("nosniff", secure.answered("X-Content-Type-Options"));
            assertEquals("", secure.answered("X-Frame-Options"));
            assertEquals("", rules.get("192.0.2.1", "X-Forwarded-Proto: https").answered("Strict-Transport-Security"));
        }
    }

    @Test
    void aBodyThatSaysItIsTooLargeIsRefused() throws Exception {
        try (Applied rules = new Applied(folder, "body_limit = \"1KiB\"")) {
            assertEquals(200, rules.send("POST", "192.0.2.1", 1024).status());
            assertEquals(413, rules.send("POST", "192.0.2.1", 1025).status());
            assertEquals(200, rules.send("POST", "192.0.2.1", -1).status());
        }
    }

    @Test
    void aGuardSeesWhatItsDestinationGets() throws Exception {
        try (Applied rules = new Applied(folder, "addresses = { deny = [\"203.0.113.1\"] }")) {
            Applied.Result result =
                    rules.get("192.0.2.1", "X-Original-URL: /admin", "X-HTTP-Method-Override: DELETE", "X-A: 1");
            assertEquals("", result.field("X-Original-URL"));
            assertEquals("", result.field("X-HTTP-Method-Override"));
            assertEquals("1", result.field("X-A"));
        }
    }

    @Test
    void aRewriteCannotClimb() throws Exception {
        try (Applied rules =
                new Applied(folder, "rewrite = { match = \"/(.)/(.)\", with = \"/x/%2e%2e/%2e%2e/$2\" }")) {
            assertEquals(400, rules.get("192.0.2.1").status());
        }
        assertNotEquals("", folder.toString());
    }

    @Test
    void whatIsRunningIsLimited() throws Exception {
        try (Applied rules = new Applied(folder, "concurrency = { algorithm = \"fixed\", initial = 1 }")) {
            Applied.Result first = rules.get("192.0.2.1");
            assertTrue(first.run().admit().isEmpty());
            assertTrue(first.run().admit().isEmpty(), "the same request is not counted twice");
            Applied.Result second = rules.get("192.0.2.1");
            assertEquals(503, second.run().admit().orElseThrow().status());
            first.run().ended(200);
            assertTrue(second.run().admit().isEmpty());
        }
    }

    @Test
    void serverTimingTellsWhereTimeWent() throws Exception {
        try (Applied rules = new Applied(folder, "server_timing = true")) {
            String timing = rules.get("192.0.2.1").answered("Server-Timing");
            assertTrue(timing.matches("rules;dur=[0-9.]+, app;dur=[0-9.]+"), timing);
        }
    }

    @Test
    void aFieldOfTheGatewaysOwnCannotBeSaidInTheSpellingThatCgiTakesForIt() throws Exception {
        try (Applied rules = new Applied(folder, """
                device = true
                addresses = { deny = ["203.0.113.0/24"] }
                request_headers = { remove = ["X-Secret"], set = { X-User = "ada" } }
                """)) {
            Applied.Result result = rules.get(
                    "192.0.2.1",
                    "X_User: eve",
                    "x_secret: 1",
                    "Selvage_Device: tv",
                    "X_Original_URL: /admin",
                    "X_Other: 1");
            assertEquals("", result.field("X_User"));
            assertEquals("ada", result.field("X-User"));
            assertEquals("", result.field("X_Secret"));
            assertEquals("", result.field("Selvage_Device"));
            assertEquals("", result.field("X_Original_URL"));
            assertEquals("1", result.field("X_Other"));
        }
    }

    @Test
    void whatAClientSaysIsNoMoreThanASegmentOfARewrittenPath() throws Exception {
        try (Applied rules = new Applied(folder, "rewrite = \"/r/{header.X-A}/{rest}\"\n")) {
            assertEquals("/r/z/a/b", rules.get("192.0.2.1", "X-A: z").path());
            assertEquals("/r/%3Fa%23b/a/b", rules.get("192.0.2.1", "X-A: ?a#b").path());
            assertEquals(
                    "/r/%C3%A4%20x/a/b", rules.get("192.0.2.1", "X-A: \u00e4 x").path());
            assertEquals(400, rules.get("192.0.2.1", "X-A: ..").status());
            assertEquals(400, rules.get("192.0.2.1", "X-A: ../../etc").status());
        }
        assertTrue(assertThrows(ConfigurationException.class, () -> new Applied(folder, "rewrite = \"/r{query}\"\n"))
                .getMessage()
                .contains("leave it out"));
    }

    @Test
    void aRedirectToAPathStaysHere() throws Exception {
        try (Applied rules = new Applied(folder, "redirect = { to = \"/{header.X-A}\", insecure = true }\n")) {
            assertEquals("/x", rules.get("192.0.2.1", "X-A: x").answered("Location"));
            assertEquals(
                    "/evil.example/x",
                    rules.get("192.0.2.1", "X-A: /evil.example/x").answered("Location"));
            assertEquals(
                    "/evil.example",
                    rules.get("192.0.2.1", "X-A: \\/evil.example").answered("Location"));
        }
        try (Applied rules = new Applied(folder, "redirect = { to = \"//{header.X-A}\", insecure = true }\n")) {
            assertEquals("//b.example", rules.get("192.0.2.1", "X-A: b.example").answered("Location"));
        }
    }

    @Test
    @Timeout(10)
    void aCarelessPatternHoldsNobodyUp() throws Exception {
        try (Applied rules = new Applied(
                folder, "request_headers = { rewrite = [{ name = \"X-R\", match = \"(a+)+$\", with = \"-\" }] }\n")) {
            assertEquals("-", rules.get("192.0.2.1", "X-R: aaa").field("X-R"));
            assertEquals(
                    "",
                    rules.get("192.0.2.1", "X-R: " + "a".repeat(20_000) + "b").field("X-R"));
        }
    }
}
