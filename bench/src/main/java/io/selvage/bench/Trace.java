package io.selvage.bench;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * All that went over the border between a real module and the JavaScript of its package while they worked; {@code
 * bench/real/record.mjs} writes it.
 *
 * <p>A line is an event. What the host does: {@code memory INITIAL MAXIMUM} (makes the memory that the module imports),
 * {@code write ADDRESS BASE64}, {@code grow PAGES}, {@code call e:EXPORT ARGUMENT…} or {@code call t:INDEX ARGUMENT…}
 * (an element of the table), {@code return VALUE} and {@code throw} (how an import ends). What the guest does, and must
 * do again: {@code returned VALUE}, {@code threw} (a call has ended), {@code import INDEX} (it calls the import with
 * this index among all imports). A 64-bit integer ends in {@code n}; export names are URL-encoded.
 *
 * @param name what it is a trace of
 * @param module the module
 * @param file where the events stand
 */
record Trace(String name, Path module, Path file) implements Workload {
    /** What happens. */
    enum Kind {
        MEMORY,
        WRITE,
        GROW,
        CALL,
        RETURN,
        THROW,
        RETURNED,
        THREW,
        IMPORT
    }

    /**
     * One event.
     *
     * @param target of a call: {@code e:EXPORT} or {@code t:INDEX}
     * @param numbers the address, index, arguments or value
     * @param bytes what is written
     */
    record Event(Kind kind, String target, Number[] numbers, byte[] bytes) {}

    @Override
    public String loadCommand() {
        return "replay " + module + " " + file;
    }

    /** All traces in a folder, {@code NAME.trace} beside {@code NAME.wasm}, by name. */
    static List<Trace> readAll(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".trace"))
                    .sorted()
                    .map(file -> {
                        String name = file.getFileName().toString().replace(".trace", "");
                        return new Trace(name, folder.resolve(name + ".wasm"), file);
                    })
                    .toList();
        }
    }

    List<Event> events() throws IOException {
        return Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
                .map(Trace::event)
                .toList();
    }

    private static Event event(String line) {
        String[] words = line.split(" ");
        Kind kind = Kind.valueOf(words[0].toUpperCase(Locale.ROOT));
        return switch (kind) {
            case WRITE ->
                new Event(kind, "", numbers(words, 1, 2), Base64.getDecoder().decode(words[2]));
            case CALL ->
                new Event(
                        kind,
                        URLDecoder.decode(words[1], StandardCharsets.UTF_8),
                        numbers(words, 2, words.length),
                        new byte[0]);
            default -> new Event(kind, "", numbers(words, 1, words.length), new byte[0]);
        };
    }

    private static Number[] numbers(String[] words, int from, int to) {
        return Arrays.stream(words, from, to).map(Trace::number).toArray(Number[]::new);
    }

    private static Number number(String word) {
        if (word.endsWith("n")) {
            return Long.parseLong(word.substring(0, word.length() - 1));
        }
        return Double.parseDouble(word);
    }
}
