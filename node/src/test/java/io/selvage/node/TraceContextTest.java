package io.selvage.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

    @Test
    void theCallersTraceGoesOnWithASpanOfTheNodes() {
        TraceContext trace = TraceContext.from(List.of(PARENT), List.of("a=1", "b=2"));
        assertEquals(TRACE, trace.traceId());
        assertNotEquals("00f067aa0ba902b7", trace.spanId());
        assertTrue(trace.sampled());
        assertEquals("a=1,b=2", trace.state());
        assertTrue(trace.traceparent().matches("00-" + TRACE + "-[0-9a-f]{16}-01"));
    }

    @Test
    void aLaterVersionMayBeLonger() {
        assertEquals(
                TRACE,
                TraceContext.from(List.of("cc" + PARENT.substring(2) + "-what"), List.of())
                        .traceId());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.",
                "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473x-00f067aa0ba902b7-01"
            })
    void aParentThatIsNotOneBeginsATraceOfTheNodes(String parent) {
        TraceContext trace = TraceContext.from(List.of(parent), List.of("a=1"));
        assertNotEquals(TRACE, trace.traceId());
        assertTrue(trace.traceId().matches("[0-9a-f]{32}"));
        assertEquals("", trace.state());
    }

    @Test
    void twoParentsAreNone() {
        assertNotEquals(
                TRACE, TraceContext.from(List.of(PARENT, PARENT), List.of()).traceId());
    }

    @Test
    void aStateThatBreaksTheRulesIsDropped() {
        assertEquals("", TraceContext.from(List.of(PARENT), List.of("nonsense")).state());
        assertEquals(
                "",
                TraceContext.from(List.of(PARENT), Collections.nCopies(33, "a=1"))
                        .state());
        assertEquals(
                "a=1,,b=2",
                TraceContext.from(List.of(PARENT), List.of("a=1,,b=2")).state());
    }
}
