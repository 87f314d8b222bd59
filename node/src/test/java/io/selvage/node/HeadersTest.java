package io.selvage.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HeadersTest {
    @Test
    void namesAreFoundInAnyCaseAndInOrder() {
        Headers headers = new Headers().add("Via", "1").add("X-A", "2").add("VIA", "3");
        assertEquals(List.of("1", "3"), headers.all("via"));
        assertEquals(Optional.of("1"), headers.first("vIa"));
        assertTrue(headers.contains("x-a") && !headers.contains("x-b") && !headers.contains("host"));
        assertEquals("via: 1\nx-a: 2\nvia: 3\n", headers.toString());
    }

    @Test
    void whatIsRemovedIsGoneAndTheRestStaysInOrder() {
        Headers headers =
                new Headers().add("a", "1").add("b", "2").add("A", "3").add("c", "4");
        assertEquals("b: 2\nc: 4\n", headers.remove("a").toString());
        assertEquals("c: 4\nb: 5\n", headers.set("B", "5").toString());
        assertFalse(headers.contains("a"));
        assertThrows(IndexOutOfBoundsException.class, () -> headers.name(2));
        assertThrows(IndexOutOfBoundsException.class, () -> headers.value(-1));
    }

    @Test
    void membersOfListsComeFromEveryLine() {
        Headers headers = new Headers()
                .add("Connection", " close ")
                .add("Vary", "a, b ,,c")
                .add("TE", " ")
                .add("vary", "d");
        assertEquals(List.of("close"), headers.members("connection"));
        assertEquals(List.of("a", "b", "c", "d"), headers.members("Vary"));
        assertEquals(List.of(), headers.members("te"));
        assertEquals(List.of(), headers.members("via"));
    }

    @Test
    void namesOfEveryLengthAndManyLinesAreFound() {
        Headers headers = new Headers();
        for (int length = 1; length <= 200; length++) {
            headers.add("n".repeat(length), Integer.toString(length));
        }
        for (int length = 1; length <= 200; length++) {
            assertEquals(List.of(Integer.toString(length)), headers.all("N".repeat(length)));
        }
        assertFalse(headers.contains("n".repeat(201)));
        assertEquals(200, headers.size());
    }
}
