package io.selvage.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class VisibleTest {
    @Test
    void whatWouldSteerATerminalIsShown() {
        assertEquals("x\\u001b[31m\\u0007\\u000aimports é", Visible.name("x\u001b[31m\u0007\nimports é"));
        assertEquals("\\u202etxt", Visible.name("\u202etxt"), "nor the direction of writing");
        assertEquals("one\ntwo\\u009b", Visible.message("one\ntwo\u009b"));
    }
}
