package io.selvage.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Loads a server with {@code wrk}: one thread, 32 connections that are kept, the next request after each answer. */
final class Wrk {
    /**
     * What one run found.
     *
     * @param perSecond requests answered with 2xx or 3xx, a second
     * @param median the latency that half of the requests stayed under, microseconds
     * @param p99 the latency that 99 of 100 requests stayed under, microseconds
     * @param errors requests that failed or had another status
     */
    record Load(double perSecond, long median, long p99, long errors) {
        /** The run in the middle by requests a second. */
        static Load middle(List<Load> runs) {
            List<Load> sorted = runs.stream()
                    .sorted(Comparator.comparingDouble(Load::perSecond))
                    .toList();
            return sorted.get(sorted.size() / 2);
        }

        /** The 99th percentile of the run in the middle by that, microseconds. */
        static long medianP99(List<Load> runs) {
            return runs.stream().mapToLong(Load::p99).sorted().toArray()[runs.size() / 2];
        }

        @Override
        public String toString() {
            return "%,9.0f requests/s   p50 %7.2f ms   p99 %7.2f ms%s"
                    .formatted(perSecond, median / 1e3, p99 / 1e3, errors == 0 ? "" : "   " + errors + " ERRORS");
        }
    }

    private Wrk() {}

    /** The command for {@code url}. */
    static List<String> command(String url, int seconds) {
        return List.of("wrk", "-t1", "-c32", "-d" + seconds + "s", "-s", "bench/wrk.lua", url);
    }

    /** Runs it. */
    static Load run(String url, int seconds) {
        try {
            Process process = new ProcessBuilder(command(url, seconds))
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
                List<String> output = reader.lines().toList();
                return output.stream()
                        .filter(line -> line.startsWith("RESULT "))
                        .map(Wrk::parse)
                        .findFirst()
                        .orElseThrow(() -> new BenchmarkException("wrk failed:\n" + String.join("\n", output)));
            }
        } catch (IOException e) {
            throw new BenchmarkException("cannot run wrk; install it (Debian: apt install wrk)", e);
        }
    }

    private static Load parse(String line) {
        long[] n = Stream.of(line.split(" ")).skip(1).mapToLong(Long::parseLong).toArray();
        return new Load((n[0] - Math.min(n[0], n[5])) * 1e6 / n[1], n[2], n[3], n[5]);
    }
}
