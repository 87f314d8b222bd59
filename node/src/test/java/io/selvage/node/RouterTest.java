package io.selvage.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouterTest {
    private static Router<String> router(String... routes) {
        Router.Builder<String> builder = Router.builder();
        for (int i = 0; i < routes.length; i++) {
            builder.add(Route.parse(routes[i]), routes[i], new Place(Path.of("selvage.toml"), i + 1, 1), "f" + i);
        }
        return builder.build();
    }

    private static String find(Router<String> router, String method, String host, String path) {
        return switch (router.find(method, host, path)) {
            case Router.Found<String> found -> found.target();
            case Router.NotFound<String> _ -> "404";
            case Router.MethodNotAllowed<String> no -> "405 " + no.allow();
        };
    }

    @Test
    void theMoreSpecificPathWinsFromTheLeft() {
        Router<String> router = router("/...", "/cart/...", "/cart/:id", "/cart/new", "/:a/items", "/cart/:id/items");
        assertEquals("/cart/new", find(router, "GET", "", "/cart/new"));
        assertEquals("/cart/:id", find(router, "GET", "", "/cart/7"));
        assertEquals("/cart/...", find(router, "GET", "", "/cart/7/x"));
        assertEquals("/cart/:id/items", find(router, "GET", "", "/cart/7/items"));
        assertEquals("/cart/...", find(router, "GET", "", "/cart"));
        assertEquals("/cart/...", find(router, "GET", "", "/cart/"));
        assertEquals("/:a/items", find(router, "GET", "", "/dog/items"));
        assertEquals("/...", find(router, "GET", "", "/dog/itemsx"));
        assertEquals("/...", find(router, "GET", "", "/"));
    }

    @Test
    void aSearchThatEndsNowhereGoesBackAndTriesTheLessSpecific() {
        Router<String> router = router("/a/b/c", "/a/:x/d", "/:y/b/e");
        assertEquals("/a/b/c", find(router, "GET", "", "/a/b/c"));
        assertEquals("/a/:x/d", find(router, "GET", "", "/a/b/d"));
        assertEquals("/:y/b/e", find(router, "GET", "", "/a/b/e"));
        assertEquals("404", find(router, "GET", "", "/a/b/f"));
        assertEquals("404", find(router, "GET", "", "/a/b/c/"));
    }

    @Test
    void theMoreSpecificHostWinsAndTheOthersFillItsGaps() {
        Router<String> router = router(
                "/...", "*.example.com/x", "*.shop.example.com/x", "shop.example.com/x", "shop.example.com/only");
        assertEquals("shop.example.com/x", find(router, "GET", "shop.example.com", "/x"));
        assertEquals("*.shop.example.com/x", find(router, "GET", "a.shop.example.com", "/x"));
        assertEquals("*.example.com/x", find(router, "GET", "b.example.com", "/x"));
        assertEquals("/...", find(router, "GET", "example.com", "/x"));
        assertEquals("/...", find(router, "GET", "shop.example.com", "/other"));
        assertEquals("shop.example.com/only", find(router, "GET", "shop.example.com", "/only"));
    }

    @Test
    void theMethodDecidesLastAndHeadFallsBackToGet() {
        Router<String> router = router("GET /x", "POST /x", "/x/...", "GET /y", "PUT /y", "HEAD /z", "GET /z", "/z");
        assertEquals("GET /x", find(router, "GET", "", "/x"));
        assertEquals("GET /x", find(router, "HEAD", "", "/x"));
        assertEquals("/x/...", find(router, "DELETE", "", "/x"));
        assertEquals("405 [GET, HEAD, PUT]", find(router, "DELETE", "", "/y"));
        assertEquals("HEAD /z", find(router, "HEAD", "", "/z"));
        assertEquals("/z", find(router, "DELETE", "", "/z"));
    }

    @Test
    void parametersComeDecodedAndOnlyFromTheRouteThatWon() {
        Router<String> router = router("/a/:x/:y/end", "/a/:first/...", "/f/:name");
        var found = assertInstanceOf(Router.Found.class, router.find("GET", "", "/a/1/2/other"));
        assertEquals(Map.of("first", "1"), found.parameters());
        found = assertInstanceOf(Router.Found.class, router.find("GET", "", "/f/na%C3%AFve%2Fx"));
        assertEquals(Map.of("name", "naïve/x"), found.parameters());
        assertEquals("404", find(router, "GET", "", "/f/"));
    }

    @Test
    void aConflictNamesBothPlaces() {
        ConfigurationException e =
                assertThrows(ConfigurationException.class, () -> router("GET /a/:x", "POST /a/:x", "GET /a/:y"));
        assertTrue(e.getMessage().contains("selvage.toml:3:1"), e.getMessage());
        assertTrue(e.getMessage().contains("selvage.toml:1:1"), e.getMessage());
    }

    @Test
    void tenThousandRoutesAreAsFastAsOne() {
        String[] many = new String[10_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = switch (i % 3) {
                case 0 -> "GET /f" + i + "/:id";
                case 1 -> "host" + i + ".example.com/...";
                default -> "/f" + i;
            };
        }
        Router<String> large = router(many);
        Router<String> small = router("GET /f0/:id");
        assertEquals(many[9_999], find(large, "GET", "", "/f9999/7"));
        assertEquals(many[9_997], find(large, "GET", "host9997.example.com", "/f1/7"));
        long slow = nanos(large, "/f0/7");
        long fast = nanos(small, "/f0/7");
        assertTrue(slow < 5 * fast + 200_000_000, "10,000 routes: " + slow + " ns, one: " + fast + " ns");
    }

    private static long nanos(Router<String> router, String path) {
        long begin = System.nanoTime();
        for (int i = 0; i < 200_000; i++) {
            router.find("GET", "localhost", path);
        }
        return System.nanoTime() - begin;
    }

    @Test
    void mistakesInRoutesAreExplained() {
        for (String wrong : List.of(
                "get /x",
                "x",
                "http://a/x",
                "a:80/x",
                "/a/.../b",
                "/a/*",
                "/:a/:a",
                "/:1",
                "/a?b",
                "/../x",
                "/x/../y",
                "/x/%2E%2e",
                "/%zz",
                "CONNECT /x",
                "*/x",
                "/a b c")) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Route.parse(wrong), wrong);
            assertTrue(e.getMessage().contains("is not a route"), e.getMessage());
            boolean dots = wrong.matches(".*/(\\.|%2[eE]){2}(/.*)?");
            assertEquals(dots, e.getMessage().endsWith("\"..\" cannot be segments of a route"), e.getMessage());
        }
    }
}
