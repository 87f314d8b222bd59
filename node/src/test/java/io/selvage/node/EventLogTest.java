package io.selvage.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    private String text() {
        return output.toString(StandardCharsets.UTF_8);
    }

    @Test
    void nothingIsLostOnAnOrderlyEnd() {
        EventLog log = new EventLog(output, EventLog.Level.INFO, EventLog.Format.JSON, false);
        for (int i = 0; i < 50_000; i++) {
            log.info("n", "", "i", i);
        }
        log.close();
        assertEquals(50_000, text().lines().count());
        assertTrue(text().lines().toList().getLast().endsWith("\"event\":\"n\",\"i\":49999}"));
        assertEquals(0, log.dropped());
    }

    @Test
    void jsonIsEscapedAndNumbersStayNumbers() {
        try (EventLog log = new EventLog(output, EventLog.Level.INFO, EventLog.Format.JSON, false)) {
            log.warn("x", "a \"b\"\n\u001b[31m\ud800", "n", 5L, "t", true, "o", null);
        }
        assertTrue(text().contains("\"level\":\"warn\""), text());
        assertTrue(
                text().contains("\"message\":\"a \\\"b\\\"\\n\\u001b[31m\\ud800\",\"n\":5,\"t\":true,\"o\":\"null\"}"),
                text());
    }

    @Test
    void textNeverCarriesControlSequencesOfGuests() {
        try (EventLog log = new EventLog(output, EventLog.Level.INFO, EventLog.Format.TEXT, false)) {
            log.info("guest", "red \u001b[31m\r", "function", "f\u0007");
            log.debug("hidden", "hidden");
        }
        assertTrue(text().contains("INFO  red \\x1b[31m\\x0d function=f\\x07"), text());
        assertFalse(text().contains("hidden"));
    }

    @Test
    void aReaderThatStandsStillCostsLinesAndNotTheNode() throws InterruptedException {
        Object gate = new Object();
        java.util.concurrent.CountDownLatch open = new java.util.concurrent.CountDownLatch(1);
        java.io.OutputStream stuck = new java.io.OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError(gate);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                try {
                    open.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                output.write(bytes, offset, length);
            }
        };
        EventLog log = new EventLog(stuck, EventLog.Level.INFO, EventLog.Format.JSON, false);
        for (int i = 0; i < 3 * EventLog.CAPACITY; i++) {
            log.info("n", "");
        }
        assertTrue(log.dropped() > 0);
        open.countDown();
        log.close();
        assertTrue(text().contains("log lines were dropped"), "says that lines are missing");
    }
}
