package io.selvage.cgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.config.ConfigService;
import io.selvage.node.ConfigurationException;
import io.selvage.node.FunctionDefinition;
import io.selvage.node.FunctionLimits;
import io.selvage.node.Headers;
import io.selvage.node.RequestHead;
import io.selvage.node.Services;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvironmentTest {
    @Test
    void theVariablesAreThoseOfCgiAndWagi() {
        Map<String, String> variables = of(TestExchange.request(
                "POST",
                "/cart/7/a%20b/c",
                "x=1&y=%20",
                new Headers()
                        .add("Content-Type", "text/plain")
                        .add("Content-Length", "12")
                        .add("Accept", "*/*"),
                "/cart/:id/...",
                Map.of("id", "7")));
        Map<String, String> expected = Map.ofEntries(
                Map.entry("AUTH_TYPE", ""),
                Map.entry("CONTENT_LENGTH", "12"),
                Map.entry("CONTENT_TYPE", "text/plain"),
                Map.entry("GATEWAY_INTERFACE", "CGI/1.1"),
                Map.entry("HTTP_ACCEPT", "*/*"),
                Map.entry("HTTP_HOST", "shop.example:8080"),
                Map.entry("HTTP_TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                Map.entry("PATH_INFO", "/a b/c"),
                Map.entry("PATH_TRANSLATED", "/a b/c"),
                Map.entry("QUERY_STRING", "x=1&y=%20"),
                Map.entry("REMOTE_ADDR", "192.0.2.7"),
                Map.entry("REMOTE_HOST", "192.0.2.7"),
                Map.entry("REMOTE_PORT", "4711"),
                Map.entry("REMOTE_USER", ""),
                Map.entry("REQUEST_METHOD", "POST"),
                Map.entry("REQUEST_SCHEME", "http"),
                Map.entry("REQUEST_URI", "/cart/7/a%20b/c?x=1&y=%20"),
                Map.entry("SCRIPT_NAME", "/cart/7"),
                Map.entry("SERVER_NAME", "shop.example"),
                Map.entry("SERVER_PORT", "3000"),
                Map.entry("SERVER_PROTOCOL", "HTTP/1.1"),
                Map.entry("SERVER_SOFTWARE", "Selvage"),
                Map.entry("X_FULL_URL", "http://shop.example:8080/cart/7/a%20b/c?x=1&y=%20"),
                Map.entry("X_MATCHED_ROUTE", "/cart/:id/..."),
                Map.entry("X_PATH_MATCH_ID", "7"),
                Map.entry("X_RAW_PATH_INFO", "/a%20b/c"),
                Map.entry("X_REQUEST_ID", "r-1"));
        assertEquals(expected, variables);
    }

    @Test
    void theScriptIsWhatTheRouteNamesAndThePathInfoTheRest() {
        assertPath("/...", "/a/b", "", "/a/b");
        assertPath("/...", "/", "", "/");
        assertPath("/a/...", "/a", "/a", "");
        assertPath("/a/...", "/a/", "/a", "/");
        assertPath("/a/...", "/a//b", "/a", "//b");
        assertPath("/a/:x/...", "/a/1", "/a/1", "");
        assertPath("/a/b", "/a/b", "/a/b", "");
        assertPath("/", "/", "/", "");
    }

    private static void assertPath(String route, String path, String script, String info) {
        Map<String, String> variables = of(TestExchange.request("GET", path, "", new Headers(), route, Map.of()));
        assertEquals(script, variables.get("SCRIPT_NAME"));
        assertEquals(info, variables.get("PATH_INFO"));
    }

    @Test
    void aFieldCannotPoseAsAnother() {
        Map<String, String> variables = of(new Headers()
                .add("Proxy", "http://evil.example")
                .add("X_Real", "forged")
                .add("X-Real", "true")
                .add("Connection", "close")
                .add("Host", "other.example")
                .add("Traceparent", "forged"));
        assertFalse(variables.containsKey("HTTP_PROXY"));
        assertFalse(variables.containsKey("HTTP_CONNECTION"));
        assertEquals("true", variables.get("HTTP_X_REAL"));
        assertEquals("shop.example:8080", variables.get("HTTP_HOST"));
        assertTrue(variables.get("HTTP_TRACEPARENT").startsWith("00-0af"));
    }

    @Test
    void linesOfOneFieldAreJoined() {
        Map<String, String> variables = of(new Headers()
                .add("Accept", "a")
                .add("accept", "b")
                .add("Cookie", "c=1")
                .add("Cookie", "d=2")
                .add("Authorization", "Bearer t")
                .add("X-Name", new String("Zoë".getBytes(UTF_8), ISO_8859_1)));
        assertEquals("a, b", variables.get("HTTP_ACCEPT"));
        assertEquals("c=1; d=2", variables.get("HTTP_COOKIE"));
        assertEquals("Bearer t", variables.get("HTTP_AUTHORIZATION"));
        assertEquals("Zoë", variables.get("HTTP_X_NAME"));
    }

    @Test
    void aLengthThatIsNotKnownIsNotClaimed() {
        assertEquals("0", of(new Headers()).get("CONTENT_LENGTH"));
        assertNull(of(new Headers().add("Transfer-Encoding", "chunked")).get("CONTENT_LENGTH"));
    }

    @Test
    void argumentsAreThePathAndTheQuery() {
        assertEquals(
                List.of("/probe"), Environment.arguments(TestExchange.get("").request()));
        assertEquals(
                List.of("/probe", "greet=matt", "foo=%20", ""),
                Environment.arguments(TestExchange.get("greet=matt&foo=%20&").request()));
    }

    @Test
    void theFunctionsOwnVariablesAreThereToo() {
        Map<String, String> variables = new Environment(
                        function(Map.of("STAGE", "test", "LIMIT", "5")), new Services(List.of(new ConfigService())))
                .of(TestExchange.get("").request());
        assertEquals("test", variables.get("STAGE"));
        assertEquals("hello", variables.get("GREETING"));
        assertEquals("5", variables.get("LIMIT"));
    }

    @Test
    void aVariableMayNotHideTheRequests() {
        for (String name : List.of("QUERY_STRING", "HTTP_HOST", "X_PATH_MATCH_ID")) {
            String message = assertThrows(
                            ConfigurationException.class,
                            () -> new Environment(function(Map.of(name, "x")), new Services(List.of())))
                    .getMessage();
            assertTrue(message.contains("\"" + name + "\""), message);
        }
    }

    private static Map<String, String> of(Headers headers) {
        return of(TestExchange.request("GET", "/", "", headers));
    }

    private static Map<String, String> of(RequestHead request) {
        FunctionDefinition function =
                new FunctionDefinition("app", "probe", Map.of(), Map.of(), FunctionLimits.DEFAULT, Map.of());
        return new Environment(function, new Services(List.of())).of(request);
    }

    private static FunctionDefinition function(Map<String, String> environment) {
        return new FunctionDefinition(
                "app",
                "probe",
                environment,
                Map.of("greeting", "hello", "limit", "3"),
                FunctionLimits.DEFAULT,
                Map.of("variables", List.of("greeting", "limit")));
    }
}
