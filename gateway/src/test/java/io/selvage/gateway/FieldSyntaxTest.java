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

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 16, 21})
    void eachCharacterIsFoundInEachPlace(int length) {
        byte[] to = new byte[length];
        for (char c = 0; c < 0x210; c++) {
            boolean allowed = (c >= ' ' || c == '\t') && c != 0x7f && c <= 0xff;
            for (int place = 0; place < length; place++) {
                for (String filling : new String[] {"a", "\u00ff", "?"}) {
                    String text = filling.repeat(place) + c + filling.repeat(length - place - 1);
                    assertEquals(allowed, FieldSyntax.isValue(text), () -> "isValue of " + text);
                    if (allowed) {
                        assertEquals(length, FieldSyntax.putValue(text, to, 0));
                        assertEquals(text, new String(to, StandardCharsets.ISO_8859_1));
                    } else {
                        assertThrows(IllegalArgumentException.class, () -> FieldSyntax.putValue(text, to, 0));
                    }
                }
            }
        }
    }

    @Test
    void aTargetHasNoBlanks() {
        assertTrue(FieldSyntax.isTarget("/a?b=\u00e9"));
        assertFalse(FieldSyntax.isTarget("/a b"));
        assertFalse(FieldSyntax.isTarget("/a\tb"));
        assertFalse(FieldSyntax.isTarget("/\u20ac"));
    }
}
