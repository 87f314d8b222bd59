package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.impl.ShutdownEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/1.1 connection, which carries one request after the other: the next is looked at when the response to the one
 * before is complete, and the client has taken most of it (RFC 9112 §9.3.2). Belongs to its event loop.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter implements RequestReader.Found {
    /** How much may come before its turn. */
    private static final int AHEAD = 64 << 10;

    private final Listener listener;
    private final Channel channel;
    private final boolean secure;
    private final RequestReader reader;
    private @Nullable Http1Stream stream;
    private @Nullable ChannelPipe pipe;
    private @Nullable ByteBuf pending;
    private final SentLines sent;
    private @Nullable Runnable onDrained;
    private boolean reading;
    private boolean processing;
    private boolean unflushed;
    private boolean ending;

    private ClientConnection(Listener listener, Channel channel, boolean secure) {
        this.listener = listener;
        this.channel = channel;
        this.secure = secure;
        this.sent = ConnectionGuard.of(channel).loop().responses();
        this.reader = new RequestReader(listener.largestLine(), listener.largestFields(), this);
    }

    /** Lets a connection speak HTTP/1.1 in place of everything that stands behind a handler of its pipeline. */
    static void begin(Listener listener, Channel channel, ChannelHandler after, boolean secure) {
        while (channel.pipeline().last() != after) {
            channel.pipeline().removeLast();
        }
        channel.pipeline().addLast(new ClientConnection(listener, channel, secure));
    }

    Channel channel() {
        return channel;
    }

    /** Writes the fields of its responses. */
    SentLines sent() {
        return sent;
    }

    boolean isSecure() {
        return secure;
    }

    /** Whether the node ends its connections as it can. */
    boolean isDraining() {
        return listener.isDraining();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        reading = true;
        ByteBuf before = pending;
        if (before == null) {
            pending = in;
        } else {
            ByteBuf all = channel.alloc().buffer(before.readableBytes() + in.readableBytes());
            all.writeBytes(before).writeBytes(in);
            before.release();
            in.release();
            pending = all;
        }
        process();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
    }

    /** Sends what is written: now, or when everything that has come is looked at. */
    void flush() {
        if (reading) {
            unflushed = true;
        } else {
            channel.flush();
        }
    }

    /** Does something, once, when the client has taken most of what was written: now, if it has. */
    void whenDrained(Runnable action) {
        onDrained = action;
        if (channel.isWritable()) {
            drained();
        }
    }

    private void drained() {
        Runnable action = onDrained;
        onDrained = null;
        if (action != null) {
            action.run();
        }
    }

    /** Looks at what has come, as far as it is the turn of that. */
    void process() {
        if (processing) {
            return;
        }
        processing = true;
        ByteBuf in = pending;
        while (in != null && in.isReadable() && take(in)) {
            in = pending;
        }
        processing = false;
        if (in != null && !in.isReadable()) {
            in.release();
            pending = null;
            in = null;
        }
        boolean reads = in == null || (isWaiting() && in.readableBytes() < AHEAD);
        if (reads != channel.config().isAutoRead()) {
            channel.config().setAutoRead(reads);
        }
    }

    /** Whether a request waits for its response alone: then a client that goes away is noticed. */
    private boolean isWaiting() {
        Http1Stream current = stream;
        return current != null && current.isEnded() && pipe == null;
    }

    /** Takes some of what has come; whether it may go on so. */
    private boolean take(ByteBuf in) {
        ChannelPipe tunnel = pipe;
        if (tunnel != null) {
            return tunnel.take(in);
        }
        if (ending && (stream == null || stream.isEnded())) {
            in.skipBytes(in.readableBytes());
            return true;
        }
        int before = in.readableBytes();
        try {
            if (reader.waits() && (stream != null || !channel.isWritable())) {
                return false;
            }
            reader.read(in);
        } catch (Refused refused) {
            invalid(refused);
        } catch (Malformed e) {
            broken(String.valueOf(e.getMessage()));
        }
        return in.readableBytes() < before;
    }

    @Override
    public void head(RequestReader.Line line, Headers fields, long length) {
        Http1Stream next = new Http1Stream(this, line, fields, length);
        stream = next;
        listener.handle(next);
    }

    /** What has come is no request; it is answered, and nothing after it. */
    private void invalid(Refused refused) {
        Http1Stream next = new Http1Stream(this, reader.line(), new Headers(), 0);
        next.contentEnded(ClientStream.NO_TRAILERS);
        stream = next;
        listener.handleInvalid(next, refused);
    }

    /** The framing of the content is malformed: where the next request begins cannot be known. */
    private void broken(String malformed) {
        Http1Stream current = stream;
        ending = true;
        if (current != null) {
            current.broken(malformed);
        }
    }

    @Override
    public boolean wantsContent() {
        Http1Stream current = stream;
        return current != null && current.wantsContent();
    }

    @Override
    public void content(Buffer part) {
        Http1Stream current = stream;
        if (current != null) {
            current.content(part);
        }
    }

    @Override
    public void end(Headers trailers) {
        Http1Stream current = stream;
        if (current != null) {
            current.contentEnded(trailers);
        }
    }

    /** A request has been answered, and its content has come: the next may, unless this is the last. */
    void done(boolean closes) {
        stream = null;
        onDrained = null;
        if (closes) {
            ending = true;
            close();
            return;
        }
        ConnectionGuard.of(channel).drained();
        reader.next();
        process();
    }

    /** A request has been answered before its content has come, of which the rest is thrown away. */
    void answeredEarly(boolean closes) {
        if (closes) {
            ending = true;
            ConnectionGuard.of(channel).linger();
            flush();
        } else if (stream != null && !stream.isEnded()) {
            ConnectionGuard.of(channel).drain();
        }
        process();
    }

    /** Goes on in another protocol. */
    ChannelPipe become(ChannelPipe other) {
        pipe = other;
        return other;
    }

    /** Closes the connection when what is written has left; what still comes meanwhile is nobody's. */
    private void close() {
        var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> channel.close());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ending = true;
        Http1Stream current = stream;
        stream = null;
        if (current != null) {
            current.broken("");
        }
        if (pipe != null) {
            pipe.closed(pending);
        }
        if (pending != null) {
            pending.release();
            pending = null;
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!channel.isWritable()) {
            return;
        }
        drained();
        if (stream == null) {
            process();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ShutdownEvent && stream == null && pipe == null) {
            ending = true;
            close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            listener.node()
                    .log()
                    .error(
                            "gateway",
                            "a connection failed: " + cause,
                            "remote",
                            ConnectionGuard.of(channel).client());
        }
        var _ = channel.close();
    }
}
