package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldSyntaxTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "text/html; q=0.5", "what?", "a\tb", "Caf\u00e9 \u00ff", " "})
    void aValueIsWrittenAsItIs(String text) {
        assertTrue(FieldSyntax.isValue(text));
        byte[] to = new byte[1 + text.length()];
        assertEquals(to.length, FieldSyntax.putValue(text, to, 1));
        byte[] expected = ("\0" + text).getBytes(StandardCharsets.ISO_8859_1);
        assertArrayEquals(expected, to);
    }

    /** The last three would be sent as question marks, or as fewer characters than they are. */
    @ParameterizedTest
    @ValueSource(strings = {"a\r", "a\nb", "\0", "\u007f", "10 \u20ac", "\u010d\u010a", "\ud83d\ude00"})
    void whatIsNoValueIsNotWritten(String text) {
        assertFalse(FieldSyntax.isValue(text));
        assertThrows(IllegalArgumentException.class, () -> FieldSyntax.putValue(text, new byte[16], 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:", "a?", "\u00e9", "\u0161", "a\r\nb"})
    void whatIsNoTokenIsNotWritten(String text) {
        assertFalse(FieldSyntax.isToken(text));
        assertThrows(IllegalArgumentException.class, () -> FieldSyntax.putToken(text, new byte[16], 0));
    }

    @Test
    void aTargetHasNoBlanks() {
        assertTrue(FieldSyntax.isTarget("/a?b=\u00e9"));
        assertFalse(FieldSyntax.isTarget("/a b"));
        assertFalse(FieldSyntax.isTarget("/a\tb"));
        assertFalse(FieldSyntax.isTarget("/\u20ac"));
    }
}
