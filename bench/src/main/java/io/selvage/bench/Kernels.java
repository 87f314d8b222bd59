package io.selvage.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Runs every kernel, or every trace of a real module, in Selvage's engine and in a peer, in turns, and prints both times
 * and their ratio.
 *
 * <p>Each engine first loads the module and runs it once (the "first" columns), warms up, and is then measured in
 * rounds that alternate, so that a busy machine disturbs both alike.
 */
final class Kernels {
    private static final String USAGE = """
            usage: bench/kernels.sh [--endive | --unchecked] [--only NAME[,NAME…]] [--seconds S] [--rounds N] [--json]
                   bench/real.sh [--only NAME[,NAME…]] [--seconds S] [--rounds N] [--json]
              --endive   compare with Endive, a compiler to JVM code, instead of V8; the first option if it is there
              --unchecked  compare with the engine itself, its guests never looking at the clock; as above
              --only     these kernels or modules alone
              --seconds  for each engine and module: a third is warm-up, the rest is measured (kernels 3, real 60)
              --rounds   how often the engines take turns (5)
              --json     one JSON object for a program to read""";

    private record Options(
            Path folder, boolean traces, Set<String> only, double seconds, int rounds, boolean json, String peer) {}

    /** The times of one engine on one kernel, nanoseconds. */
    private record Times(long first, long best, long median) {}

    private record Result(Workload workload, Times selvage, Times peer) {
        double ratioOfBest() {
            return (double) selvage.best / peer.best;
        }

        double ratioOfMedians() {
            return (double) selvage.median / peer.median;
        }
    }

    private Kernels() {}

    /** Exits with 0, with 1 if a checksum is wrong or something is missing, with 2 if the arguments are. */
    public static void main(String[] args) {
        if (List.of(args).contains("--help")) {
            System.out.println(USAGE);
            return;
        }
        Options options;
        try {
            options = parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + USAGE);
            System.exit(2);
            return;
        }
        try {
            run(options);
        } catch (BenchmarkException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        } catch (IOException e) {
            System.err.println("cannot read what is to be run: " + e);
            System.exit(1);
        }
    }

    private static Options parse(String[] args) {
        Path folder = Path.of("bench/kernels");
        boolean traces = false;
        Set<String> only = Set.of();
        double seconds = 3;
        int rounds = 5;
        boolean json = false;
        String peer = "node bench/kernels/v8.mjs";
        for (int i = 0; i < args.length; i++) {
            String option = args[i];
            if (option.equals("--json")) {
                json = true;
                continue;
            }
            if (i + 1 == args.length) {
                throw new IllegalArgumentException("unknown option, or no value after it: " + option);
            }
            String value = args[++i];
            switch (option) {
                case "--traces" -> {
                    folder = Path.of(value);
                    traces = true;
                }
                case "--only" -> only = Set.of(value.split(","));
                case "--seconds" -> seconds = Double.parseDouble(value);
                case "--rounds" -> rounds = Math.max(1, Integer.parseInt(value));
                case "--peer" -> peer = value;
                default -> throw new IllegalArgumentException("unknown option: " + option);
            }
        }
        return new Options(folder, traces, only, seconds, rounds, json, peer);
    }

    private static void run(Options options) throws IOException {
        List<? extends Workload> workloads =
                chosen(options.traces ? Trace.readAll(options.folder) : Kernel.readAll(options.folder), options.only);
        try (Contender selvage = new SelvageContender();
                Contender peer = new ChildContender(List.of(options.peer.split(" ")))) {
            List<Result> results = new ArrayList<>();
            if (!options.json) {
                System.out.printf(
                        "%-12s %10s %10s %7s %10s %10s %7s %10s %10s%n",
                        "ms", "Selvage", "peer", "ratio", "median", "peer", "ratio", "first", "peer");
            }
            for (Workload workload : workloads) {
                Result result = measure(workload, selvage, peer, options);
                results.add(result);
                if (!options.json) {
                    printRow(result);
                }
            }
            if (options.json) {
                printJson(results, peer.name());
            } else {
                System.out.printf(
                        Locale.ROOT,
                        "%-12s %21s %7.2f %21s %7.2f%n",
                        "geo. mean",
                        "",
                        geometricMean(results, Result::ratioOfBest),
                        "",
                        geometricMean(results, Result::ratioOfMedians));
                System.out.println("ratio = Selvage's time / the peer's; first = read, compile, instantiate, one run");
                System.out.println("Selvage on JDK " + Runtime.version() + "; peer: " + peer.name());
            }
        }
    }

    private static List<? extends Workload> chosen(List<? extends Workload> all, Set<String> only) {
        Set<String> names = all.stream().map(Workload::name).collect(Collectors.toSet());
        only.stream().filter(name -> !names.contains(name)).findFirst().ifPresent(name -> {
            throw new BenchmarkException("there is no " + name + "; there are " + String.join(", ", names));
        });
        return all.stream()
                .filter(workload -> only.isEmpty() || only.contains(workload.name()))
                .toList();
    }

    private static Result measure(Workload workload, Contender selvage, Contender peer, Options options) {
        long firstSelvage = selvage.load(workload);
        long firstPeer = peer.load(workload);
        long warmUp = (long) (options.seconds / 3 * 1e9);
        selvage.runFor(warmUp);
        peer.runFor(warmUp);
        long turn = (long) (options.seconds * 2 / 3 * 1e9 / options.rounds);
        LongStream.Builder selvageTimes = LongStream.builder();
        LongStream.Builder peerTimes = LongStream.builder();
        for (int i = 0; i < options.rounds; i++) {
            Arrays.stream(selvage.runFor(turn)).forEach(selvageTimes);
            Arrays.stream(peer.runFor(turn)).forEach(peerTimes);
        }
        return new Result(workload, times(firstSelvage, selvageTimes.build()), times(firstPeer, peerTimes.build()));
    }

    private static Times times(long first, LongStream all) {
        long[] sorted = all.sorted().toArray();
        return new Times(first, sorted[0], sorted[sorted.length / 2]);
    }

    private static double geometricMean(List<Result> results, ToDoubleFunction<Result> ratio) {
        return Math.exp(
                results.stream().mapToDouble(ratio).map(Math::log).average().orElseThrow());
    }

    private static void printRow(Result result) {
        Times selvage = result.selvage;
        Times peer = result.peer;
        System.out.printf(
                Locale.ROOT,
                "%-12s %10.3f %10.3f %7.2f %10.3f %10.3f %7.2f %10.1f %10.1f%n",
                result.workload.name(),
                selvage.best / 1e6,
                peer.best / 1e6,
                result.ratioOfBest(),
                selvage.median / 1e6,
                peer.median / 1e6,
                result.ratioOfMedians(),
                selvage.first / 1e6,
                peer.first / 1e6);
    }

    private static void printJson(List<Result> results, String peer) {
        String rows = results.stream()
                .map(result -> "{\"name\":\"%s\",\"selvage\":%s,\"peer\":%s,\"ratio\":%s,\"medianRatio\":%s}"
                        .formatted(
                                result.workload.name(),
                                json(result.selvage),
                                json(result.peer),
                                result.ratioOfBest(),
                                result.ratioOfMedians()))
                .collect(Collectors.joining(","));
        System.out.printf(
                "{\"unit\":\"ns\",\"jdk\":\"%s\",\"peer\":\"%s\",\"geometricMean\":%s,\"medianGeometricMean\":%s,\"results\":[%s]}%n",
                Runtime.version(),
                peer,
                geometricMean(results, Result::ratioOfBest),
                geometricMean(results, Result::ratioOfMedians),
                rows);
    }

    private static String json(Times times) {
        return "{\"first\":%d,\"best\":%d,\"median\":%d}".formatted(times.first, times.best, times.median);
    }
}
