package io.selvage.cgi;

import io.selvage.node.Exchange;
import io.selvage.node.Headers;
import io.selvage.node.RequestHead;
import io.selvage.node.ResponseHead;
import io.selvage.node.TraceContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** An exchange in memory: a request that is made up, and what was answered. */
final class TestExchange implements Exchange {
    private final RequestHead request;
    private final InputStream requestBody;
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    /** Each write that reached the response, as it came. */
    private final BlockingQueue<String> pieces = new LinkedBlockingQueue<>();

    private volatile @Nullable ResponseHead response;
    private volatile boolean closed;
    private volatile long clientLeavesAfter = Long.MAX_VALUE;

    TestExchange(RequestHead request, InputStream requestBody) {
        this.request = request;
        this.requestBody = requestBody;
    }

    /** A GET with this query. */
    static TestExchange get(String query) {
        return new TestExchange(request("GET", "/probe", query, new Headers()), InputStream.nullInputStream());
    }

    static TestExchange post(String query, byte[] body) {
        Headers headers = new Headers().add("Content-Length", Integer.toString(body.length));
        return new TestExchange(request("POST", "/probe", query, headers), new ByteArrayInputStream(body));
    }

    static RequestHead request(String method, String path, String query, Headers headers) {
        return request(method, path, query, headers, "/...", Map.of());
    }

    static RequestHead request(
            String method, String path, String query, Headers headers, String route, Map<String, String> parameters) {
        return new RequestHead(
                "r-1",
                method,
                "http",
                "shop.example:8080",
                path,
                query,
                "HTTP/1.1",
                headers,
                new InetSocketAddress("192.0.2.7", 4711),
                new InetSocketAddress("127.0.0.1", 3000),
                route,
                parameters,
                new TraceContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true, ""));
    }

    /** Lets the client go away once it has got so many bytes. */
    TestExchange clientLeavesAfter(long bytes) {
        clientLeavesAfter = bytes;
        return this;
    }

    @Override
    public RequestHead request() {
        return request;
    }

    @Override
    public InputStream requestBody() {
        return requestBody;
    }

    @Override
    public OutputStream respond(ResponseHead head) {
        if (response != null) {
            throw new IllegalStateException("the response has begun");
        }
        response = head;
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] source, int offset, int length) throws IOException {
                if (body.size() + length > clientLeavesAfter) {
                    throw new IOException("the client went away");
                }
                body.write(source, offset, length);
                pieces.add(new String(source, offset, length, StandardCharsets.UTF_8));
            }

            @Override
            public void close() {
                closed = true;
            }
        };
    }

    @Override
    public boolean responded() {
        return response != null;
    }

    @Override
    public void log(String line) {
        log.add(line);
    }

    int status() {
        return head().status();
    }

    Optional<String> field(String name) {
        return head().headers().first(name);
    }

    ResponseHead head() {
        ResponseHead head = response;
        if (head == null) {
            throw new AssertionError("no response has begun");
        }
        return head;
    }

    String text() {
        return body.toString(StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        return body.toByteArray();
    }

    BlockingQueue<String> pieces() {
        return pieces;
    }

    /** Whether the response was ended as a whole one. */
    boolean closed() {
        return closed;
    }

    List<String> logged() {
        return log;
    }
}
