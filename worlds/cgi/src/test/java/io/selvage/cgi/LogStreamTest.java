package io.selvage.cgi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogStreamTest {
    private final TestExchange exchange = TestExchange.get("");
    private final LogStream stream = new LogStream(exchange);

    @Test
    void eachLineIsOneOfTheLog() {
        write("one\r\ntwo\n\nthr");
        write("ee\nlast");
        stream.finish();
        stream.finish();
        assertEquals(List.of("one", "two", "three", "last"), exchange.logged());
    }

    @Test
    void aLongLineIsCutBetweenCharacters() {
        String line = "aé😀".repeat(3_000);
        for (byte b : line.getBytes(UTF_8)) {
            stream.write(b);
        }
        stream.finish();
        assertEquals(line, String.join("", exchange.logged()));
        for (String logged : exchange.logged()) {
            assertTrue(logged.getBytes(UTF_8).length <= LogStream.MOST_LINE);
            assertFalse(logged.contains("\ufffd"), logged);
        }
    }

    @Test
    void bytesThatAreNoTextDoNoHarm() {
        byte[] bytes = new byte[10_000];
        Arrays.fill(bytes, (byte) 0xbf);
        stream.write(bytes, 0, bytes.length);
        Arrays.fill(bytes, (byte) 0xff);
        stream.write(bytes, 0, bytes.length);
        stream.finish();
        assertEquals(20_000, String.join("", exchange.logged()).length());
    }

    @Test
    void whatARequestLogsIsBounded() {
        byte[] lines = "0123456789\n".repeat(10_000).getBytes(UTF_8);
        for (int i = 0; i < 100; i++) {
            stream.write(lines, 0, lines.length);
        }
        stream.finish();
        int total = exchange.logged().stream().mapToInt(String::length).sum();
        assertTrue(total < LogStream.MOST_TOTAL, "logged " + total);
        assertTrue(
                exchange.logged().getLast().contains("256 KiB"),
                exchange.logged().getLast());
    }

    private void write(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        stream.write(bytes, 0, bytes.length);
    }
}
