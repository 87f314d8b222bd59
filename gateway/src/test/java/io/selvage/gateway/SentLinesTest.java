package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.selvage.node.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SentLinesTest {
    private record Line(String name, String value) {}

    private final SentLines loop = new SentLines();

    private String written(List<Line> lines) {
        Headers fields = new Headers();
        lines.forEach(line -> fields.add(line.name, line.value));
        ByteBuf out = Unpooled.buffer();
        loop.write(out, fields);
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private static String text(List<Line> lines) {
        StringBuilder text = new StringBuilder();
        lines.forEach(
                line -> text.append(line.name).append(": ").append(line.value).append("\r\n"));
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatIsWrittenDoesNotDependOnWhatWasWrittenBefore(long seed) {
        Random random = new Random(seed);
        List<Line> lines = new ArrayList<>();
        for (int round = 0; round < 2_000; round++) {
            change(lines, random);
            assertEquals(text(lines), written(lines));
        }
    }

    /** Changes, adds, moves or takes out a line, or makes very many of them; long ones, and ones that cannot be sent, too. */
    private void change(List<Line> lines, Random random) {
        Line line = new Line(
                "Name-" + random.nextInt(5),
                random.nextInt(30) + "é" + (random.nextInt(40) == 0 ? "x".repeat(9_000) : ""));
        int place = lines.isEmpty() ? 0 : random.nextInt(lines.size());
        switch (random.nextInt(lines.isEmpty() ? 1 : 6)) {
            case 0 -> lines.add(place, line);
            case 1 -> lines.set(place, line);
            case 2 -> lines.remove(place);
            case 3 -> lines.add(lines.remove(place));
            case 4 -> refuse(lines, place, random);
            default -> {
                while (random.nextInt(20) == 0 || (lines.size() > 10 && lines.size() < 50)) {
                    lines.add(line);
                }
                if (lines.size() >= 50) {
                    lines.subList(2, lines.size()).clear();
                }
            }
        }
    }

    private void refuse(List<Line> lines, int place, Random random) {
        List<Line> wrong = new ArrayList<>(lines);
        String bad = List.of("a\nb", "\u0141", "\r").get(random.nextInt(3));
        wrong.set(place, new Line(lines.get(place).name, bad));
        assertThrows(IllegalArgumentException.class, () -> written(wrong));
    }

    @Test
    void aNameInOtherLettersIsAnotherLine() {
        assertEquals("Via: a\r\n", written(List.of(new Line("Via", "a"))));
        assertEquals("via: a\r\n", written(List.of(new Line("via", "a"))));
        assertEquals("", written(List.of()));
        assertThrows(IllegalArgumentException.class, () -> written(List.of(new Line("", "a"))));
    }
}
