package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of RFC 9111's requirements names tests that there are. */
class Rfc9111Test {
    private static final Pattern NAMED = Pattern.compile("`([A-Z][A-Za-z0-9]*Test)\\.([A-Za-z0-9]+)`");

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("docs/rfc9111.md")) ? here : here.getParent();
    }

    @Test
    void everyTestThatTheTableNamesIsThere() throws IOException {
        Path root = root();
        Matcher matcher = NAMED.matcher(Files.readString(root.resolve("docs/rfc9111.md")));
        List<String> missing = new ArrayList<>();
        int named = 0;
        while (matcher.find()) {
            named++;
            String source = "src/test/java/io/selvage/%s/" + matcher.group(1) + ".java";
            boolean there = false;
            for (String module : List.of("cache", "gateway")) {
                Path file = root.resolve(module).resolve(source.formatted(module));
                there |= Files.exists(file) && Files.readString(file).contains("void " + matcher.group(2) + "(");
            }
            if (!there) {
                missing.add(matcher.group());
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(named > 50, "the table names tests");
    }

    @Test
    void noRowLacksAnAnswer() throws IOException {
        try (Stream<String> lines = Files.lines(root().resolve("docs/rfc9111.md"))) {
            assertTrue(lines.filter(line -> line.startsWith("|"))
                    .allMatch(line -> line.matches("\\|.+\\|.+\\|.*\\S.*\\|")));
        }
    }
}
