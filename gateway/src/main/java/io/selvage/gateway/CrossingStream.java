package io.selvage.gateway;

import io.netty.channel.EventLoop;
import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A request on a connection that belongs to another event loop than who asks: takes everything across, both ways, in order. */
final class CrossingStream implements OriginStream, OriginStream.Told {
    private final EventLoop asker;
    private final EventLoop connection;
    private final Told told;
    private volatile @Nullable OriginStream stream;

    CrossingStream(EventLoop asker, EventLoop connection, Told told) {
        this.asker = asker;
        this.connection = connection;
        this.told = told;
    }

    private OriginStream stream() {
        OriginStream there = stream;
        if (there == null) {
            throw new IllegalStateException("there is no connection");
        }
        return there;
    }

    @Override
    public boolean isWanted() {
        return told.isWanted();
    }

    @Override
    public Kept kept() {
        return told.kept();
    }

    @Override
    public void connected(OriginStream there) {
        stream = there;
        asker.execute(() -> told.connected(this));
    }

    @Override
    public void unreachable(Unreachable why) {
        asker.execute(() -> told.unreachable(why));
    }

    @Override
    public void interim(int status, Headers fields) {
        asker.execute(() -> told.interim(status, fields));
    }

    @Override
    public void head(int status, Headers fields) {
        asker.execute(() -> told.head(status, fields));
    }

    @Override
    public void content(Buffer part) {
        asker.execute(() -> told.content(part));
    }

    @Override
    public void complete(Headers trailers) {
        asker.execute(() -> told.complete(trailers));
    }

    @Override
    public void drained() {
        asker.execute(told::drained);
    }

    @Override
    public void broken(String malformed) {
        asker.execute(() -> told.broken(malformed));
    }

    @Override
    public boolean isKept() {
        return stream().isKept();
    }

    @Override
    public void send(String method, String target, Headers fields, boolean content) {
        ProxyFields.check(method, target, fields);
        connection.execute(() -> stream().send(method, target, fields, content));
    }

    @Override
    public void write(Buffer part) {
        connection.execute(() -> stream().write(part));
    }

    @Override
    public void end(Headers trailers) {
        connection.execute(() -> stream().end(trailers));
    }

    @Override
    public boolean isFull() {
        return stream().isFull();
    }

    @Override
    public void pause() {
        connection.execute(() -> stream().pause());
    }

    @Override
    public void resume() {
        connection.execute(() -> stream().resume());
    }

    @Override
    public void reset() {
        connection.execute(() -> stream().reset());
    }
}
