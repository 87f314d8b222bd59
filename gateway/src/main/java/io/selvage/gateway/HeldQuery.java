package io.selvage.gateway;

import io.selvage.cache.CacheKey;
import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.vertx.core.buffer.Buffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Takes in the content of a QUERY (RFC 10008), so that it can be in the cache's key and be sent again; what is too long for that
 * passes as it comes. Belongs to the event loop of its connection.
 */
final class HeldQuery {
    /** The longest content that is held, bytes. */
    static final int LONGEST = 64 << 10;

    /** What says how a content is meant. */
    private static final List<String> MEANING = List.of("content-type", "content-encoding", "content-language");

    /** How long a client has for it. */
    private static final long MOST_SECONDS = 30;

    private static final Problem LATE = Problem.of(
            408, "query-late", "The content took too long", "A query has " + MOST_SECONDS + " s to come as a whole.");

    private final Recipient exchange;
    private final Consumer<RequestContent> then;
    private final Buffer bytes = Buffer.buffer();
    private boolean done;

    private HeldQuery(Recipient exchange, Consumer<RequestContent> then) {
        this.exchange = exchange;
        this.then = then;
    }

    /**
     * Takes it in.
     *
     * @param then is told of it when it has come, or when it is known to be too long
     */
    static void read(Recipient exchange, RequestContent.Streamed from, Consumer<RequestContent> then) {
        if (ResponseFields.declaredLength(exchange.head().headers()) > LONGEST) {
            then.accept(from);
        } else {
            new HeldQuery(exchange, then).read(from.request());
        }
    }

    private void read(ClientStream request) {
        request.read(
                part -> {
                    bytes.appendBuffer(part);
                    if (bytes.length() > LONGEST) {
                        request.pause();
                        finish(new RequestContent.Streamed(request, bytes));
                    }
                },
                () -> finish(new RequestContent.Held(bytes)));
        exchange.loop().later(TimeUnit.SECONDS.toNanos(MOST_SECONDS), () -> {
            if (!done && !exchange.isOver()) {
                done = true;
                exchange.fail(LATE, "");
            }
        });
        request.resume();
    }

    private void finish(RequestContent content) {
        if (!done && !exchange.isOver()) {
            done = true;
            then.accept(content);
        }
    }

    /** The key with a content in it, and with what says how the content is meant. */
    static CacheKey key(CacheKey url, Headers fields, Buffer content) {
        StringBuilder partition = new StringBuilder(url.partition());
        partition.append("query: ").append(digest(content.getBytes())).append('\n');
        for (String name : MEANING) {
            partition
                    .append(name)
                    .append(": ")
                    .append(String.join(",", fields.all(name)))
                    .append('\n');
        }
        return url.in(partition.toString());
    }

    private static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
