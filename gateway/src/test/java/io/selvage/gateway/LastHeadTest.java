package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.Unpooled;
import io.selvage.node.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LastHeadTest {
    private static final int MOST = 64 << 10;

    private final HeadLines connection = new HeadLines(MOST, false);

    private static Headers read(HeadLines lines, String head) throws Malformed {
        lines.clear();
        lines.take(Unpooled.copiedBuffer(head, StandardCharsets.ISO_8859_1));
        return lines.headFields();
    }

    private static List<String> texts(Headers fields) {
        List<String> texts = new ArrayList<>();
        fields.forEach((name, value) -> texts.add(name + "=" + value));
        return texts;
    }

    private static String head(List<String> lines) {
        return "HTTP/1.1 200 OK\r\n" + String.join("", lines) + "\r\n";
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatAConnectionReadsDoesNotDependOnWhatItHasReadBefore(long seed) throws Exception {
        Random random = new Random(seed);
        List<String> lines = new ArrayList<>();
        for (int round = 0; round < 400; round++) {
            change(lines, random);
            String head = head(lines);
            assertEquals(
                    texts(read(new HeadLines(MOST, false), head)),
                    texts(read(connection, head)),
                    () -> "after a change to " + head);
        }
    }

    /** Changes, adds, moves or takes out a line, or makes very many of them; folded ones and long ones too. */
    private static void change(List<String> lines, Random random) {
        String line = "Name-" + random.nextInt(5) + ":" + " ".repeat(random.nextInt(3)) + random.nextInt(30)
                + (random.nextInt(6) == 0 ? "\r\n\tfolded" : "")
                + (random.nextInt(40) == 0 ? "x".repeat(9_000) : "")
                + (random.nextInt(4) == 0 ? "\n" : "\r\n");
        int place = lines.isEmpty() ? 0 : random.nextInt(lines.size());
        switch (random.nextInt(lines.isEmpty() ? 1 : 5)) {
            case 0 -> lines.add(place, line);
            case 1 -> lines.set(place, line);
            case 2 -> lines.remove(place);
            case 3 -> lines.add(lines.remove(place));
            default -> {
                if (random.nextInt(20) == 0) {
                    for (int i = 0; i < 100; i++) {
                        lines.add("Many-" + i % 7 + ": " + i + "\r\n");
                    }
                } else if (lines.size() > 80) {
                    lines.subList(10, lines.size()).clear();
                }
            }
        }
    }

    @Test
    void whatRepeatsIsNotMadeAnew() throws Exception {
        String head = head(List.of("Server: nginx\r\n", "X: 1\r\n"));
        read(connection, head);
        read(connection, head);
        Headers third = read(connection, head);
        Headers fourth = read(connection, head(List.of("Server: nginx\r\n", "X: 2\r\n")));
        assertSame(third.value(0), fourth.value(0));
        assertEquals("2", fourth.value(1));
    }

    @Test
    void whoChangesTheFieldsOfAHeadChangesNoOther() throws Exception {
        String head = head(List.of("Content-Length: 1, 1\r\n", "X: 1\r\n"));
        for (int i = 0; i < 4; i++) {
            Headers fields = read(connection, head);
            assertEquals(List.of("Content-Length=1, 1", "X=1"), texts(fields));
            fields.set("Content-Length", "1").add("Y", "2").remove("X");
        }
    }

    @Test
    void aHeadThatIsMalformedIsSoAlsoAfterOthers() throws Exception {
        for (int i = 0; i < 3; i++) {
            read(connection, head(List.of("A: 1\r\n", "B: 1\r\n")));
        }
        assertThrows(Malformed.class, () -> read(connection, head(List.of("A: 1\r\n", "B : \u0001\r\n"))));
        assertEquals(List.of("A=1", "B=1"), texts(read(connection, head(List.of("A: 1\r\n", "B: 1\r\n")))));
    }
}
