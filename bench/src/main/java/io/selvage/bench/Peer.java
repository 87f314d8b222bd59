package io.selvage.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Selvage's engine as a peer of itself with other options of the JVM; speaks what {@link ChildContender} does. */
final class Peer {
    private Peer() {}

    /** The first argument is the name to go by. */
    public static void main(String[] args) throws IOException {
        System.out.println(args[0]);
        try (SelvageContender engine = new SelvageContender();
                BufferedReader commands =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                System.out.println(answer(engine, line.split(" ")));
            }
        } catch (BenchmarkException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static String answer(SelvageContender engine, String[] words) {
        return switch (words[0]) {
            case "load" -> {
                Path file = Path.of(words[1]);
                String name = file.getFileName().toString().replace(".wasm", "");
                Kernel kernel =
                        new Kernel(name, file, Integer.parseInt(words[2]), Long.parseUnsignedLong(words[3], 16));
                yield String.valueOf(engine.load(kernel));
            }
            case "replay" -> String.valueOf(engine.load(new Trace(words[1], Path.of(words[1]), Path.of(words[2]))));
            case "run" ->
                Arrays.stream(engine.runFor(Long.parseLong(words[1])))
                        .mapToObj(String::valueOf)
                        .collect(Collectors.joining(" "));
            default -> throw new BenchmarkException("unknown command: " + words[0]);
        };
    }
}
