package io.selvage.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A real HTTP server that answers as a test tells it to, and counts. */
final class TestOrigin implements AutoCloseable {
    /** What it does with a request. */
    @FunctionalInterface
    interface Handler {
        void handle(HttpExchange exchange) throws IOException, InterruptedException;
    }

    final AtomicInteger requests = new AtomicInteger();
    final Queue<HttpExchange> seen = new ConcurrentLinkedQueue<>();
    volatile Handler handler = exchange -> answer(exchange, 200, "hello");
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    TestOrigin() {
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 1024);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            seen.add(exchange);
            try (exchange) {
                handler.handle(exchange);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The values of a field of the last request. */
    List<String> lastField(String name) {
        HttpExchange last = null;
        for (HttpExchange exchange : seen) {
            last = exchange;
        }
        return last == null || last.getRequestHeaders().get(name) == null
                ? List.of()
                : last.getRequestHeaders().get(name);
    }

    /** A count when it has stood still for 200 ms, as that of a writer does whom nobody reads: nothing tells that it waits. */
    static long settled(AtomicLong count) throws InterruptedException {
        long before = -1;
        while (count.get() != before) {
            before = count.get();
            Thread.sleep(200);
        }
        return before;
    }

    static void answer(HttpExchange exchange, int status, String text, String... fields) throws IOException {
        for (String field : fields) {
            int colon = field.indexOf(':');
            exchange.getResponseHeaders()
                    .add(field.substring(0, colon), field.substring(colon + 1).strip());
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        boolean none =
                status == 304 || status == 204 || exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, none ? -1 : bytes.length);
        if (!none) {
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
