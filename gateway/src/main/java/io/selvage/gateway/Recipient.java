package io.selvage.gateway;

import io.netty.channel.EventLoop;
import io.selvage.cache.CacheRequest;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.ClientFields;
import io.selvage.cache.Selection;
import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import io.selvage.node.OriginRoute;
import io.selvage.node.Problem;
import io.selvage.node.Proxied;
import io.selvage.node.RequestHead;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * Who gets the answer to a request that an origin, a function or the cache answers: a client, or a page that includes it. Everything
 * but {@link #onLoop} belongs to its event loop.
 */
interface Recipient {
    /** The request. */
    RequestHead head();

    /** The request as its client sent it, before any rule has changed it. */
    RequestHead came();

    /** From now on its origin is asked for this in place of what came. */
    void asks(RequestHead head);

    /** What its origin is asked for. */
    RequestHead asked();

    Proxied route();

    /** The request's content. */
    RequestContent content();

    /** From now on its content is this: a part of it, or all, has been read. */
    void holds(RequestContent content);

    /** Whether it is another node, whose cache hears what the origin has said to caches. */
    default boolean isNode() {
        return route() instanceof OriginRoute && Shield.isMarked(head().headers());
    }

    /** The fields that it gets of a response that came through the cache. */
    default Headers fieldsFor(Headers fields, Selection selection, CacheRules.Lifetime rule, long age) {
        return isNode() ? ClientFields.ofNode(fields, selection) : ClientFields.of(fields, selection, rule, age);
    }

    /** The most bytes that the request's content may have. */
    long bodyLimit();

    /** Whether the rules let its destination be asked now; why not, if not. */
    Optional<Problem> admit();

    EventLoop eventLoop();

    LoopState loop();

    /** Does something on its event loop: now, if this is it. */
    default void onLoop(Runnable task) {
        if (eventLoop().inEventLoop()) {
            task.run();
        } else {
            eventLoop().execute(task);
        }
    }

    /** What is done when it goes away before its answer is complete, at once if it has. */
    void whenGone(Runnable action);

    /** Whether it has gone, or has been answered. */
    boolean isOver();

    /** Passes an interim response on, as far as its client takes it (RFC 9110 §15.2). */
    void interim(int code, Headers fields);

    /**
     * Begins the response.
     *
     * @param fields its fields, in which the response's length stands if it is known
     * @param cached what {@code Cache-Status} says; empty without a cache
     */
    void respond(int code, Headers fields, String cached);

    /**
     * Sends a part of the content.
     *
     * @param sent is called when the next part may come: at once, unless this is slow
     */
    void write(Buffer part, Runnable sent);

    /** What the response that has begun says in {@code Cache-Status}. */
    String cacheStatus();

    /** Completes the response. */
    void end();

    /** Completes the response, with these fields behind its content if it can have some. */
    default void end(Headers trailers) {
        end();
    }

    /** Answers with a stored response, or with the part of it that the request selects. */
    void serve(CacheRequest wanted, CachedResponse stored, String cached);

    /** Answers that there is no response, or breaks it off if it has begun. */
    void fail(Problem problem, String cached);
}
