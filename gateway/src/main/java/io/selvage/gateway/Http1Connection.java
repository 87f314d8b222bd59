package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 connection to an origin, which carries one request after the other. What comes while nothing was asked, or after
 * the end of a response, ends it: the next request never gets another's response (RFC 9112 §9.2). Belongs to its event loop.
 */
final class Http1Connection extends ChannelInboundHandlerAdapter implements ResponseReader.Found {
    private static final int HEAD_BYTES = 1024;

    private final Http1Pool.Place place;
    private final ResponseReader reader;
    private final Channel channel;
    private final SentLines lines;
    private @Nullable Request request;
    private boolean used;
    private long idleSince;

    Http1Connection(Channel channel, Http1Pool.Place place, int largestHead) {
        this.channel = channel;
        this.place = place;
        this.lines = LoopState.of(channel.eventLoop()).requests();
        this.reader = new ResponseReader(largestHead, this);
    }

    /** Gives the connection to a request. */
    void lend(OriginStream.Told told) {
        Request next = new Request(told, used);
        request = next;
        used = true;
        told.connected(next);
    }

    /** Since when nothing has been asked, by {@link System#nanoTime}. */
    long idleSince() {
        return idleSince;
    }

    boolean isOpen() {
        return channel.isActive();
    }

    void close() {
        var _ = channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            reader.read(in);
            if (in.isReadable()) {
                reader.abandon();
                close();
            }
        } catch (Malformed e) {
            broken(String.valueOf(e.getMessage()));
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        Request complete = request;
        if (complete != null && complete.isOver()) {
            giveBack();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        try {
            reader.close();
            giveBack();
        } catch (Malformed _) {
            broken("");
        }
        place.closed(this);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Request sent = request;
        if (channel.isWritable() && sent != null && !sent.ended) {
            sent.told.drained();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        broken("");
    }

    /** Nothing more can come of what is asked. */
    private void broken(String malformed) {
        Request asked = request;
        request = null;
        reader.abandon();
        close();
        if (asked != null && !asked.responded) {
            asked.told.broken(malformed);
        }
    }

    /** The request is over: another may have the connection, unless something speaks against it. */
    private void giveBack() {
        Request over = request;
        request = null;
        boolean good = over != null && over.ended && reader.isIdle() && reader.persists() && channel.isActive();
        if (good) {
            channel.config().setAutoRead(true);
            idleSince = System.nanoTime();
            place.idle(this);
        } else {
            close();
        }
    }

    @Override
    public void interim(int status, Headers fields) {
        Request asked = request;
        if (status > 101 && asked != null) {
            asked.told.interim(status, fields);
        }
    }

    @Override
    public void head(int status, Headers fields) {
        Request asked = request;
        if (asked != null) {
            asked.told.head(status, fields);
        }
    }

    @Override
    public void content(Buffer part) {
        Request asked = request;
        if (asked != null) {
            asked.told.content(part);
        }
    }

    @Override
    public void end(Headers trailers) {
        Request asked = request;
        if (asked != null) {
            asked.responded = true;
            asked.told.complete(trailers);
        }
    }

    /** One request that it carries. */
    private final class Request implements OriginStream {
        private final Told told;
        private final boolean kept;
        private boolean chunked;
        private boolean sent;
        private boolean ended;
        private boolean responded;

        Request(Told told, boolean kept) {
            this.told = told;
            this.kept = kept;
        }

        boolean isOver() {
            return responded;
        }

        private boolean isCurrent() {
            return request == this;
        }

        @Override
        public boolean isKept() {
            return kept;
        }

        @Override
        public void send(String method, String target, Headers fields, boolean content) {
            if (!isCurrent()) {
                return;
            }
            chunked = content && !fields.contains("content-length");
            ByteBuf head = channel.alloc().buffer(HEAD_BYTES);
            try {
                HeadEncoder.request(head, method, target);
                lines.write(head, fields);
            } catch (IllegalArgumentException e) {
                head.release();
                throw e;
            }
            if (chunked) {
                ByteBufUtil.writeAscii(head, "Transfer-Encoding: chunked\r\n");
            }
            HeadEncoder.endLine(head);
            sent = true;
            ended = !content;
            reader.expect(method);
            var _ = channel.writeAndFlush(head, channel.voidPromise());
        }

        @Override
        public void write(Buffer part) {
            if (!isCurrent() || part.length() == 0) {
                return;
            }
            ByteBuf bytes = ((BufferInternal) part).getByteBuf();
            if (chunked) {
                ByteBuf size = channel.alloc().buffer(16);
                ByteBufUtil.writeAscii(size, Integer.toHexString(bytes.readableBytes()) + "\r\n");
                channel.write(size, channel.voidPromise());
                channel.write(bytes, channel.voidPromise());
                channel.writeAndFlush(ByteBufUtil.writeAscii(channel.alloc(), "\r\n"), channel.voidPromise());
            } else {
                channel.writeAndFlush(bytes, channel.voidPromise());
            }
        }

        @Override
        public boolean isFull() {
            return !channel.isWritable();
        }

        @Override
        public void end(Headers trailers) {
            if (!isCurrent()) {
                return;
            }
            ended = true;
            if (chunked) {
                ByteBuf last = channel.alloc().buffer(16);
                ByteBufUtil.writeAscii(last, "0\r\n");
                HeadEncoder.fields(last, trailers);
                HeadEncoder.endLine(last);
                channel.writeAndFlush(last, channel.voidPromise());
            }
        }

        @Override
        public void pause() {
            if (isCurrent()) {
                channel.config().setAutoRead(false);
            }
        }

        @Override
        public void resume() {
            if (isCurrent()) {
                channel.config().setAutoRead(true);
            }
        }

        @Override
        public void reset() {
            if (!isCurrent()) {
                return;
            }
            if (sent) {
                request = null;
                reader.abandon();
                close();
            } else {
                ended = true;
                giveBack();
            }
        }
    }
}
