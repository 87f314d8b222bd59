package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouteTest {
    @TempDir
    private Path folder;

    private final TestOrigin origin = new TestOrigin();
    private TestNode node;

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
        origin.close();
    }

    private TestNode serve(String routes) throws Exception {
        node = new TestNode(folder)
                .function(
                        "cart",
                        "\"/own\"",
                        "",
                        exchange -> TestNode.answer(
                                exchange,
                                exchange.request().path() + " "
                                        + exchange.request()
                                                .headers()
                                                .first("x-to")
                                                .orElse("-")))
                .more("[[origin]]\nname = \"site\"\nurls = [\"" + origin.url() + "\"]\n[[route]]\npath = \"/...\"\n"
                        + "origin = \"site\"\n" + routes)
                .start();
        return node;
    }

    @Test
    void aRouteCanLeadToAFunction() throws Exception {
        serve("[[route]]\npath = \"/cart/...\"\nfunction = \"cart\"\n");
        assertEquals("/cart/1 -", node.get("/cart/1").body());
        assertEquals("/own -", node.get("/own").body());
    }

    @Test
    void aRouteCanAnswerAlone() throws Exception {
        serve("[[route]]\npath = \"/robots.txt\"\nanswer = { body = \"User-agent: *\" }\n"
                + "[[route]]\npath = \"/old/...\"\nredirect = { to = \"/new/{rest}{query}\", status = 301 }\n");
        HttpResponse<String> robots = node.get("/robots.txt");
        assertEquals(200, robots.statusCode());
        assertEquals("User-agent: *", robots.body());
        HttpResponse<String> old = node.get("/old/a/b?c=1");
        assertEquals(301, old.statusCode());
        assertEquals("/new/a/b?c=1", old.headers().firstValue("location").orElseThrow());
        TestNode.eventually("the log says so", () -> node.log().contains("\"path\":\"/old/a/b\",\"status\":301"));
    }

    @Test
    void rulesChangeWhatFunctionsAndClientsSee() throws Exception {
        serve(
                "[[route]]\npath = \"/api/:id\"\nfunction = \"cart\"\nrewrite = { strip_prefix = \"/api\", add_prefix = \"/v2\" }\n"
                        + "request_headers = { set = { X-To = \"{param.id} {method}\" } }\n"
                        + "response_headers = { set = { X-Frame-Options = \"DENY\" }, remove = [\"Server\"] }\n");
        HttpResponse<String> response = node.get("/api/7");
        assertEquals("/v2/7 7 GET", response.body());
        assertEquals("DENY", response.headers().firstValue("x-frame-options").orElseThrow());
        assertFalse(response.headers().firstValue("server").isPresent());
    }

    @Test
    void rulesChangeWhatOriginsAndTheirClientsSee() throws Exception {
        serve("[[route]]\npath = \"/api/...\"\norigin = \"site\"\nrewrite = \"/v2/{rest}\"\n"
                + "request_headers = { remove = [\"User-Agent\"], set = { X-To = \"{host}\" } }\n"
                + "response_headers = { rewrite = [{ name = \"X-A\", match = \"^(.).*\", with = \"$1!\" }] }\n");
        origin.handler = exchange ->
                TestOrigin.answer(exchange, 200, exchange.getRequestURI().toString(), "X-A: abc");
        HttpResponse<String> response = node.get("/api/x/y?z");
        assertEquals("/v2/x/y?z", response.body());
        assertEquals("a!", response.headers().firstValue("x-a").orElseThrow());
        assertEquals(List.of("127.0.0.1"), origin.lastField("X-To"));
        assertEquals(List.of(), origin.lastField("User-Agent"));
    }

    @Test
    void aParameterCannotSplitAResponse() throws Exception {
        serve("[[route]]\npath = \"/go/:to\"\nredirect = \"/x/{param.to}\"\n"
                + "response_headers = { set = { X-Went = \"{param.to}\" } }\n");
        HttpResponse<String> response = node.get("/go/a%0d%0aSet-Cookie:%20b=c");
        assertEquals(
                "/x/a%0D%0ASet-Cookie:%20b=c",
                response.headers().firstValue("location").orElseThrow());
        assertEquals(
                "a%0D%0ASet-Cookie:%20b=c",
                response.headers().firstValue("x-went").orElseThrow());
        assertFalse(response.headers().firstValue("set-cookie").isPresent());
    }
}
