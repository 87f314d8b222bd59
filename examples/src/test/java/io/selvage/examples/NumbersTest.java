package io.selvage.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NumbersTest {
    private RunningNode node;

    @BeforeAll
    void start(@TempDir Path state) throws IOException {
        node = RunningNode.start("numbers", state);
    }

    @AfterAll
    void stop() {
        node.close();
    }

    private HttpResponse<String> post(String body) throws IOException, InterruptedException {
        return node.post("/", "application/json", body);
    }

    @Test
    void itAddsNumbersUp() throws Exception {
        HttpResponse<String> response = post("{\"numbers\": [1, 2, 3.5]}");
        assertEquals(200, response.statusCode());
        assertEquals(
                "application/json",
                response.headers().firstValue("content-type").orElseThrow());
        assertEquals(
                "{\"count\":3,\"sum\":6.5,\"average\":2.1666666666666665,\"max\":3.5,\"min\":1}\n", response.body());
    }

    @Test
    void oneNegativeNumberIsItsOwnMaximumAndMinimum() throws Exception {
        assertEquals(
                "{\"count\":1,\"sum\":-5,\"average\":-5,\"max\":-5,\"min\":-5}\n",
                post("{\"numbers\":[-5]}").body());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
                    {"numbers": []}               | is empty
                    {"numbers": [1, "two"]}       | [1] is not a number but a text
                    {"numbers": [null]}           | [0] is not a number but null
                    {"numbers": [[1]]}            | [0] is not a number but a list
                    {"numbers": 5}                | expected a list of numbers
                    {"figures": [1]}              | missing field `numbers`
                    {"numbers": [1, 2}            | line 1 column
                    {"numbers": [1e308, 1e308]}   | too large
                    {"numbers": [1e999]}          | out of range
                    {"numbers": [1]} and more     | trailing characters
                    not JSON at all               | expected
                    """)
    void whatCannotBeAnsweredIsSaidAsJsonWith400(String body, String why) throws Exception {
        HttpResponse<String> response = post(body);
        assertEquals(400, response.statusCode());
        assertEquals(
                "application/json",
                response.headers().firstValue("content-type").orElseThrow());
        assertTrue(response.body().startsWith("{\"error\":\""), response::body);
        assertTrue(response.body().contains(why), response::body);
    }

    @Test
    void anEmptyBodyIsNotJson() throws Exception {
        HttpResponse<String> response = post("");
        assertEquals(400, response.statusCode());
        assertTrue(response.body().contains("EOF while parsing"), response::body);
    }

    @Test
    void deepNestingIsRefusedAndDoesNoHarm() throws Exception {
        assertEquals(400, post("{\"numbers\":[1],\"x\":" + "[".repeat(100_000)).statusCode());
        assertEquals(200, post("{\"numbers\":[1]}").statusCode());
    }

    @Test
    void aListLargerThanItsMemoryIsAddedUp() throws Exception {
        int count = 9_000_000; // 18 MB of text; the manifest gives the function 16 MiB
        HttpResponse<String> response = post("{\"numbers\":[" + "1,".repeat(count - 1) + "1]}");
        assertEquals(200, response.statusCode());
        assertTrue(response.body().contains("\"sum\":" + count + ","), response::body);
    }
}
