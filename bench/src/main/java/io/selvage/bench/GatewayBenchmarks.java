package io.selvage.bench;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The benchmarks of the gateway, against nginx with one worker and Varnish, with equivalent configurations. */
final class GatewayBenchmarks {
    private static final int LEAST_WARMING_SECONDS = 30;
    private static final int MOST_WARMING_SECONDS = 60;
    private static final double HARDLY_FASTER = 1.05;

    private static final String USAGE = """
            usage: bench/gateway.sh [--rounds N] [--seconds S] [--only hits,large,passed,tls,once,stream,overload]
              --rounds   how often the contenders take turns (10)
              --seconds  how long each turn of load lasts (2)
              --only     some of the benchmarks""";

    private static final Set<String> ALL = Set.of("hits", "large", "passed", "tls", "once", "stream", "overload");
    private static final int CLIENTS = 1000;
    private static final int STREAMED = 80;
    private static final byte[] SLOW = "slow\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BUSY = "busy\n".getBytes(StandardCharsets.US_ASCII);
    private static final int WORKERS = 8;
    private static final int BUSY_MILLIS = 20;
    private static final int OVERLOAD_SECONDS = 10;

    private final GatewayPeers peers;
    private final int rounds;
    private final int seconds;

    private GatewayBenchmarks(GatewayPeers peers, int rounds, int seconds) {
        this.peers = peers;
        this.rounds = rounds;
        this.seconds = seconds;
    }

    /** Exits with 0, with 1 if something is missing or fails, with 2 if the arguments are wrong. */
    public static void main(String[] args) throws IOException {
        int rounds = 10;
        int seconds = 2;
        Set<String> wanted = ALL;
        try {
            for (int i = 0; i < args.length; i += 2) {
                String value = i + 1 < args.length ? args[i + 1] : "";
                switch (args[i]) {
                    case "--rounds" -> rounds = Integer.parseInt(value);
                    case "--seconds" -> seconds = Integer.parseInt(value);
                    case "--only" -> wanted = Set.of(value.split(","));
                    default -> throw new IllegalArgumentException("unknown option: " + args[i]);
                }
            }
            if (!ALL.containsAll(wanted)) {
                throw new IllegalArgumentException("--only takes " + String.join(",", ALL));
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + USAGE);
            System.exit(2);
        }
        AtomicInteger asked = new AtomicInteger();
        HttpServer slow = slowOrigin(asked);
        try (WorkFolder work = WorkFolder.create();
                GatewayPeers peers = new GatewayPeers(
                        readable(work.path()), slow.getAddress().getPort())) {
            new GatewayBenchmarks(peers, rounds, seconds).run(wanted, asked);
        } catch (BenchmarkException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        } finally {
            slow.stop(0);
        }
    }

    /** The workers of nginx and Varnish may run as another user. */
    private static Path readable(Path folder) {
        if (!folder.toFile().setReadable(true, false) || !folder.toFile().setExecutable(true, false)) {
            throw new BenchmarkException("cannot make " + folder + " readable");
        }
        return folder;
    }

    private void run(Set<String> wanted, AtomicInteger asked) {
        List<Server> all = List.of(peers.selvage(), peers.single(), peers.nginx(), peers.varnish());
        if (wanted.contains("hits")) {
            List<Server> more = List.of(
                    peers.selvage(), peers.single(), peers.nginx(), peers.nginxForEachProcessor(), peers.varnish());
            compare("hits, 1 KB", more, s -> wrk(s, GatewayPeers.SMALL));
        }
        if (wanted.contains("large")) {
            compare("hits, 1 MB", all, s -> wrk(s, GatewayPeers.LARGE));
        }
        if (wanted.contains("passed")) {
            compare("passed through, 1 KB", all, s -> wrk(s, GatewayPeers.PASSED));
        }
        if (wanted.contains("tls")) {
            compare(
                    "hits, 1 KB, TLS 1.3, HTTP/2",
                    List.of(peers.selvage(), peers.single(), peers.nginx()),
                    s -> h2load(s, GatewayPeers.SMALL));
        }
        if (wanted.contains("once")) {
            once(asked);
        }
        if (wanted.contains("stream")) {
            stream();
        }
        if (wanted.contains("overload")) {
            overload();
        }
    }

    private void overload() {
        try (Server server = peers.overloaded()) {
            overload(server, "overload of an origin that answers 8 requests at a time", "/busy", new byte[0]);
            overload(server, "overload of a function that computes for 5 ms", "/work", new byte[0]);
            overload(server, "overload of a function that reads 78 KB", "/numbers", GatewayPeers.numbers());
        }
    }

    private void overload(Server server, String what, String path, byte[] content) {
        new Overload(server.url(path), server.url("/guarded" + path), content, OVERLOAD_SECONDS).run(what);
    }

    private Wrk.Load wrk(Server server, String path) {
        Wrk.Load load = Wrk.run(server.url(path), seconds);
        System.out.printf("  %-9s %s%n", server.name(), load);
        return load;
    }

    private Wrk.Load h2load(Server server, String path) {
        List<String> command = List.of("h2load", "-t1", "-c8", "-m16", "-D", seconds + "", peers.tlsUrl(server, path));
        String output = Processes.output(command);
        double perSecond = output.lines()
                .filter(line -> line.startsWith("finished in"))
                .map(line -> line.split(", ")[1].replace(" req/s", ""))
                .mapToDouble(Double::parseDouble)
                .findFirst()
                .orElseThrow(() -> new BenchmarkException("h2load failed:\n" + output));
        long failed = output.lines()
                .filter(line -> line.startsWith("status codes:") && !line.contains(" 0 4xx, 0 5xx"))
                .count();
        System.out.printf(
                Locale.ROOT, "  %-9s %,9.0f requests/s%s%n", server.name(), perSecond, failed == 0 ? "" : "  ERRORS");
        return new Wrk.Load(perSecond, 0, 0, failed);
    }

    /**
     * Lets each warm up, then take turns, and compares what two of them did in the same round: the machine may be faster in one than
     * in the next.
     */
    private void compare(String what, List<Server> servers, Function<Server, Wrk.Load> turn) {
        System.out.println(what);
        List<List<Wrk.Load>> found =
                servers.stream().<List<Wrk.Load>>map(_ -> new ArrayList<>()).toList();
        servers.forEach(server -> warm(server, turn));
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < servers.size(); i++) {
                found.get(i).add(turn.apply(servers.get(i)));
            }
        }
        int ours = servers.indexOf(peers.single()) + 1;
        for (int i = ours; i < servers.size(); i++) {
            for (int own = 0; own < ours; own++) {
                System.out.printf(
                        Locale.ROOT,
                        "%s, requests/s, %s / %s: %s%n",
                        what,
                        servers.get(own).name(),
                        servers.get(i).name(),
                        ratio(found.get(own), found.get(i)));
            }
        }
        for (int i = 0; i < servers.size(); i++) {
            long p99 = Wrk.Load.medianP99(found.get(i));
            if (p99 > 0) {
                System.out.printf(
                        Locale.ROOT,
                        "%s, p99 of %s: %.2f ms, median of the rounds%n",
                        what,
                        servers.get(i).name(),
                        p99 / 1e3);
            }
        }
    }

    /** Takes turns that are not counted until one is hardly faster than the one before: the JIT compiler has the same cores. */
    private void warm(Server server, Function<Server, Wrk.Load> turn) {
        double before = 0;
        for (int spent = 0; spent < MOST_WARMING_SECONDS; spent += seconds) {
            double now = turn.apply(server).perSecond();
            if (spent >= LEAST_WARMING_SECONDS && now < before * HARDLY_FASTER) {
                return;
            }
            before = now;
        }
    }

    /** The geometric mean of the ratios of all rounds, and its standard error where there are enough. */
    private static String ratio(List<Wrk.Load> ours, List<Wrk.Load> theirs) {
        int count = ours.size();
        double[] logs = IntStream.range(0, count)
                .mapToDouble(
                        i -> Math.log(ours.get(i).perSecond() / theirs.get(i).perSecond()))
                .toArray();
        double mean = Arrays.stream(logs).sum() / count;
        double squares =
                Arrays.stream(logs).map(log -> (log - mean) * (log - mean)).sum();
        String text = String.format(Locale.ROOT, "%.2f", Math.exp(mean));
        return count < 3
                ? text
                : String.format(
                        Locale.ROOT, "%s \u00b1 %.2f", text, Math.exp(mean) * Math.sqrt(squares / (count - 1) / count));
    }

    /** An origin that takes a second for each answer, and counts; what is busy answers only some requests at a time. */
    private static HttpServer slowOrigin(AtomicInteger asked) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 2000);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            try {
                TimeUnit.SECONDS.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write(SLOW);
            exchange.close();
        });
        Semaphore workers = new Semaphore(WORKERS, true);
        server.createContext("/busy", exchange -> {
            try {
                workers.acquire();
                TimeUnit.MILLISECONDS.sleep(BUSY_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                workers.release();
            }
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write(BUSY);
            exchange.close();
        });
        server.start();
        return server;
    }

    private void once(AtomicInteger asked) {
        int before = asked.get();
        int answered = 0;
        try (HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(peers.selvage().url("/slow/one")))
                    .build();
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                answers.add(threads.submit(() -> client.send(request, HttpResponse.BodyHandlers.ofString())
                        .statusCode()));
            }
            for (Future<Integer> answer : answers) {
                answered += answer.get() == 200 ? 1 : 0;
            }
        } catch (ExecutionException | InterruptedException e) {
            throw new BenchmarkException("the clients failed: " + e.getMessage(), e);
        }
        System.out.printf(
                "%d clients ask for one cold object: %d answered with 200, %d asked the origin%n",
                CLIENTS, answered, asked.get() - before);
    }

    /** 5 GiB in objects of 64 MiB, each asked for once, through an empty cache. */
    private void stream() {
        long before = peers.selvage().residentBytes();
        long most = before;
        long bytes = 0;
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (int i = 0; i < STREAMED; i++) {
                URI url = URI.create(peers.selvage().url("/cached/64m?" + i));
                HttpResponse<InputStream> response =
                        client.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofInputStream());
                try (InputStream in = response.body()) {
                    bytes += in.transferTo(java.io.OutputStream.nullOutputStream());
                }
                most = Math.max(most, peers.selvage().residentBytes());
            }
        } catch (IOException | InterruptedException e) {
            throw new BenchmarkException("the stream broke: " + e.getMessage(), e);
        }
        System.out.printf(
                Locale.ROOT,
                "%.1f GiB through a cold cache: resident %d MiB before, %d MiB at most%n",
                bytes / (double) (1 << 30),
                before >> 20,
                most >> 20);
    }
}
