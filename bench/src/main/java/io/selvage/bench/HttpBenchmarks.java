package io.selvage.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The benchmarks of a whole node: {@code hello}, {@code start} and {@code routes}, each against a peer or a baseline. */
final class HttpBenchmarks {
    private static final String USAGE = """
            usage: bench/hello.sh | bench/start.sh | bench/routes.sh [--rounds N] [--seconds S]
              --rounds   how often the contenders take turns (3; start: 7)
              --seconds  how long each turn of load lasts (5)""";

    private static final Path HELLO = Path.of("examples/hello");
    private static final int FUNCTIONS = 10_000;

    private record Options(int rounds, int seconds) {}

    private HttpBenchmarks() {}

    /** Exits with 0, with 1 if something is missing or fails, with 2 if the arguments are wrong. */
    public static void main(String[] args) {
        if (List.of(args).contains("--help")) {
            System.out.println(USAGE);
            return;
        }
        String benchmark = args.length == 0 ? "" : args[0];
        Options options;
        try {
            options = parse(args, benchmark.equals("start") ? 7 : 3);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + USAGE);
            System.exit(2);
            return;
        }
        try (WorkFolder work = WorkFolder.create()) {
            switch (benchmark) {
                case "hello" -> hello(options, work.path());
                case "start" -> start(options, work.path());
                case "routes" -> routes(options, work.path());
                default -> throw new BenchmarkException(USAGE);
            }
        } catch (BenchmarkException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        } catch (IOException e) {
            System.err.println("cannot write the files for the benchmark: " + e);
            System.exit(1);
        }
    }

    private static Options parse(String[] args, int rounds) {
        int seconds = 5;
        for (int i = 1; i < args.length; i += 2) {
            if (i + 1 == args.length) {
                throw new IllegalArgumentException("no value after " + args[i]);
            }
            int value = Integer.parseInt(args[i + 1]);
            if (value < 1 || value > 600) {
                throw new IllegalArgumentException(args[i] + " takes 1 to 600");
            }
            switch (args[i]) {
                case "--rounds" -> rounds = value;
                case "--seconds" -> seconds = value;
                default -> throw new IllegalArgumentException("unknown option: " + args[i]);
            }
        }
        return new Options(rounds, seconds);
    }

    /** A fresh instance for each request, in Selvage and in workerd, in turns. */
    private static void hello(Options options, Path work) {
        try (Server selvage = Server.selvage("Selvage", HELLO, "/", work);
                Server workerd = Workerd.start(work)) {
            List<List<Wrk.Load>> loads = inTurns(List.of(selvage, workerd), List.of("/", "/"), options);
            compare(selvage.name(), loads.get(0), Workerd.name(), loads.get(1));
        }
    }

    /** From the command to the first 200, and memory when idle; the first start, which fills caches, does not count. */
    private static void start(Options options, Path work) {
        Server.selvage("Selvage", HELLO, "/", work).close();
        Workerd.start(work).close();
        List<Long> selvageTimes = new ArrayList<>();
        List<Long> workerdTimes = new ArrayList<>();
        List<Long> selvageMemory = new ArrayList<>();
        List<Long> workerdMemory = new ArrayList<>();
        for (int i = 0; i < options.rounds; i++) {
            try (Server selvage = Server.selvage("Selvage", HELLO, "/", work)) {
                selvageTimes.add(selvage.untilReady().toMillis());
                selvageMemory.add(selvage.residentBytes() >> 20);
            }
            try (Server workerd = Workerd.start(work)) {
                workerdTimes.add(workerd.untilReady().toMillis());
                workerdMemory.add(workerd.residentBytes() >> 20);
            }
        }
        System.out.println("./selvage up " + HELLO + ", a later start, " + options.rounds + " times");
        printRow("Selvage", selvageTimes, selvageMemory);
        printRow(Workerd.name(), workerdTimes, workerdMemory);
        System.out.printf(
                "ratio (Selvage / workerd): time %.2f, memory %.2f%n",
                (double) median(selvageTimes) / median(workerdTimes),
                (double) median(selvageMemory) / median(workerdMemory));
    }

    private static void printRow(String name, List<Long> millis, List<Long> mebibytes) {
        System.out.printf(
                "%-22s first 200 after %5d ms (%d to %d)   resident %4d MiB%n",
                name,
                median(millis),
                millis.stream().mapToLong(Long::longValue).min().orElseThrow(),
                millis.stream().mapToLong(Long::longValue).max().orElseThrow(),
                median(mebibytes));
    }

    private static long median(List<Long> values) {
        return LongStream.of(values.stream().mapToLong(Long::longValue).sorted().toArray())
                .skip(values.size() / 2)
                .findFirst()
                .orElseThrow();
    }

    /** A manifest of 10,000 functions next to one of a single function, in turns. */
    private static void routes(Options options, Path work) throws IOException {
        Path many = app(work.resolve("many"), FUNCTIONS);
        Path one = app(work.resolve("one"), 1);
        String middle = "/f/" + FUNCTIONS / 2;
        try (Server selvageMany = Server.selvage("10,000 functions", many, middle, work);
                Server selvageOne = Server.selvage("1 function", one, "/f/0", work)) {
            System.out.printf(
                    "%,d functions: first 200 after %,d ms, resident %d MiB%n1 function: first 200 after %,d ms, resident %d MiB%n",
                    FUNCTIONS,
                    selvageMany.untilReady().toMillis(),
                    selvageMany.residentBytes() >> 20,
                    selvageOne.untilReady().toMillis(),
                    selvageOne.residentBytes() >> 20);
            List<List<Wrk.Load>> loads = inTurns(List.of(selvageMany, selvageOne), List.of(middle, "/f/0"), options);
            compare(selvageMany.name(), loads.get(0), selvageOne.name(), loads.get(1));
        }
    }

    private static Path app(Path folder, int functions) throws IOException {
        Files.createDirectories(folder);
        Files.copy(HELLO.resolve("hello.wasm"), folder.resolve("hello.wasm"));
        String manifest = IntStream.range(0, functions)
                .mapToObj("""
                        [[function]]
                        name = "f%1$d"
                        source = "hello.wasm"
                        routes = ["GET /f/%1$d"]
                        """::formatted)
                .collect(Collectors.joining("\n", "name = \"routes\"\n\n", ""));
        Files.writeString(folder.resolve("selvage.toml"), manifest);
        return folder;
    }

    /** A turn for each server to warm up, then rounds that count; one list a server. */
    private static List<List<Wrk.Load>> inTurns(List<Server> servers, List<String> paths, Options options) {
        List<List<Wrk.Load>> loads =
                servers.stream().<List<Wrk.Load>>map(_ -> new ArrayList<>()).toList();
        for (int round = 0; round <= options.rounds; round++) {
            for (int i = 0; i < servers.size(); i++) {
                String url = servers.get(i).url(paths.get(i));
                Wrk.Load load = Wrk.run(url, options.seconds);
                if (round > 0) {
                    loads.get(i).add(load);
                }
                String turn = round == 0 ? "warm-up" : "round " + round;
                System.out.printf("%-8s %-16s %s%n", turn, servers.get(i).name(), load);
            }
        }
        System.out.println("with: " + String.join(" ", Wrk.command("URL", options.seconds)));
        return loads;
    }

    private static void compare(String name, List<Wrk.Load> loads, String peerName, List<Wrk.Load> peerLoads) {
        Wrk.Load load = Wrk.Load.middle(loads);
        Wrk.Load peer = Wrk.Load.middle(peerLoads);
        System.out.printf("%-22s %s%n%-22s %s%n", name, load, peerName, peer);
        System.out.printf(
                "ratio: %.2f x the requests/s, %.2f x the median latency, %.2f x the p99%n",
                load.perSecond() / peer.perSecond(),
                (double) load.median() / peer.median(),
                (double) load.p99() / peer.p99());
    }
}
