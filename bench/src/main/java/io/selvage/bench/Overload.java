package io.selvage.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** Finds out how many requests a second are answered, then offers twice as many, and looks what becomes of them. */
final class Overload {
    private static final int CLIENTS = 16;
    private static final Duration GOOD = Duration.ofSeconds(1);
    private static final long SETTLING_NANOS = 3_000_000_000L;

    /** One answer: when it was asked for, its status (0 without one), and how long it took. */
    private record Answer(long asked, int status, long nanos) {
        boolean isGood() {
            return status == 200 && nanos <= GOOD.toNanos();
        }
    }

    private final HttpRequest plain;
    private final HttpRequest guarded;
    private final int seconds;
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();

    /**
     * One that has not begun.
     *
     * @param plain a request whose route lets everything through
     * @param guarded the same on a route that adapts to what its destination can take
     */
    Overload(HttpRequest plain, HttpRequest guarded, int seconds) {
        this.plain = plain;
        this.guarded = guarded;
        this.seconds = seconds;
    }

    static HttpRequest request(String url, byte[] content) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10));
        return content.length == 0
                ? request.build()
                : request.POST(HttpRequest.BodyPublishers.ofByteArray(content)).build();
    }

    /** Prints what is found. */
    void run(String what) {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            maximum(client);
            double maximum = maximum(client);
            offer(client, 2 * maximum);
            tell(what, maximum);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", e);
        }
    }

    private void ask(HttpClient client, HttpRequest request) {
        long asked = System.nanoTime();
        int status;
        try {
            status =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException _) {
            status = 0;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return;
        }
        answers.add(new Answer(asked, status, System.nanoTime() - asked));
    }

    /** Good answers a second to clients that ask again as soon as they have one. */
    private double maximum(HttpClient client) {
        answers.clear();
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CLIENTS; i++) {
                threads.submit(() -> {
                    while (System.nanoTime() < end) {
                        ask(client, plain);
                    }
                });
            }
        }
        return answers.stream().filter(Answer::isGood).count() / (double) seconds;
    }

    /** Asks at a steady rate, whatever becomes of the requests before. */
    private void offer(HttpClient client, double perSecond) throws InterruptedException {
        answers.clear();
        long begin = System.nanoTime();
        long count = (long) (perSecond * (seconds + SETTLING_NANOS / 1e9));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (long i = 0; i < count; i++) {
                long at = begin + (long) (i * 1e9 / perSecond);
                while (System.nanoTime() < at) {
                    LockSupport.parkNanos(at - System.nanoTime());
                }
                threads.submit(() -> ask(client, guarded));
            }
        }
        answers.removeIf(answer -> answer.asked < begin + SETTLING_NANOS);
    }

    private void tell(String what, double maximum) {
        double goodput = answers.stream().filter(Answer::isGood).count() / (double) seconds;
        List<Answer> good = sorted(200);
        List<Answer> refused = sorted(503);
        System.out.printf(
                Locale.ROOT,
                "%s: %.0f requests/s at most; %.0f/s offered: %.0f/s answered (%.0f %%; p50 %.0f ms, p99 %.0f ms), "
                        + "%.0f/s refused (p50 %.1f ms, p99 %.1f ms), %d other%n",
                what,
                maximum,
                answers.size() / (double) seconds,
                goodput,
                100 * goodput / maximum,
                millis(good, 0.5),
                millis(good, 0.99),
                refused.size() / (double) seconds,
                millis(refused, 0.5),
                millis(refused, 0.99),
                answers.size() - good.size() - refused.size());
    }

    private List<Answer> sorted(int status) {
        return answers.stream()
                .filter(answer -> answer.status == status)
                .sorted((a, b) -> Long.compare(a.nanos, b.nanos))
                .toList();
    }

    private static double millis(List<Answer> sorted, double share) {
        return sorted.isEmpty() ? 0 : sorted.get((int) (share * (sorted.size() - 1))).nanos / 1e6;
    }
}
