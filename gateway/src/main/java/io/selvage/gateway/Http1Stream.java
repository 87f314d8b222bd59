package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A request of HTTP/1.1 and its response (RFC 9112). Belongs to the event loop of its connection. */
final class Http1Stream implements ClientStream {
    private static final int HEAD_BYTES = 2048;

    /** Content up to here leaves in one piece with the head. */
    private static final int COPIED = 16 << 10;

    private static final long ALL = Long.MAX_VALUE;
    private static final byte[] CONTINUE = bytes("HTTP/1.1 100 Continue\r\n\r\n");
    private static final byte[] LENGTH = bytes("Content-Length: ");
    private static final byte[] CHUNKED = bytes("Transfer-Encoding: chunked\r\n");
    private static final byte[] CLOSE = bytes("Connection: close\r\n");
    private static final byte[] KEEP_ALIVE = bytes("Connection: keep-alive\r\n");
    private static final byte[] LAST_CHUNK = bytes("0\r\n\r\n");

    private enum Framing {
        /** How long the content is stands in the head, or there is none. */
        KNOWN,
        /** Not said yet: it may come with the head. */
        OPEN,
        CHUNKED,
        /** It ends with the connection. */
        UNTIL_CLOSE
    }

    private final ClientConnection connection;
    private final Channel channel;
    private final RequestReader.Line line;
    private final Headers fields;
    private final long length;
    private final boolean keepsOpen;
    private final Headers always = new Headers();

    private Consumer<Buffer> onPart = _ -> {};
    private Runnable onEnd = () -> {};
    private long demand;
    private long received;
    private Headers trailers = NO_TRAILERS;
    private boolean contentOver;
    private boolean endTold;
    private Consumer<String> onGone = _ -> {};

    private @Nullable ByteBuf head;
    private Framing framing = Framing.KNOWN;
    private boolean begun;
    private boolean continued;
    private boolean withoutContent;
    private boolean closes;
    private boolean over;

    Http1Stream(ClientConnection connection, RequestReader.Line line, Headers fields, long length) {
        this.connection = connection;
        this.channel = connection.channel();
        this.line = line;
        this.fields = fields;
        this.length = length;
        this.keepsOpen = HeadLines.keepsOpen(fields, line.protocol().equals("HTTP/1.1"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public Channel channel() {
        return channel;
    }

    @Override
    public String protocol() {
        return line.protocol();
    }

    @Override
    public boolean isMultiplexed() {
        return false;
    }

    @Override
    public String method() {
        return line.method();
    }

    @Override
    public String target() {
        return line.target();
    }

    @Override
    public String authority() {
        return "";
    }

    @Override
    public Headers fields() {
        return fields;
    }

    @Override
    public boolean isSecure() {
        return connection.isSecure();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void read(Consumer<Buffer> part, Runnable end) {
        onPart = part;
        onEnd = end;
    }

    @Override
    public void fetch(int parts) {
        if (demand < ALL) {
            demand += parts;
        }
        goOn();
    }

    @Override
    public void resume() {
        demand = ALL;
        goOn();
    }

    @Override
    public void pause() {
        demand = 0;
    }

    private void goOn() {
        if (contentOver) {
            tellEnd();
        } else {
            connection.process();
        }
    }

    boolean wantsContent() {
        return demand > 0;
    }

    @Override
    public boolean isEnded() {
        return contentOver || length == 0;
    }

    @Override
    public Headers trailers() {
        return trailers;
    }

    @Override
    public long received() {
        return received;
    }

    /** A part of the content has come. */
    void content(Buffer part) {
        if (demand < ALL) {
            demand--;
        }
        received += part.length();
        if (!over) {
            onPart.accept(part);
        }
    }

    /** All of the content has come, and these fields behind it. */
    void contentEnded(Headers behind) {
        trailers = behind;
        contentOver = true;
        if (over) {
            connection.done(closes);
        } else if (demand > 0) {
            tellEnd();
        }
    }

    private void tellEnd() {
        if (!endTold && !over) {
            endTold = true;
            onEnd.run();
        }
    }

    @Override
    public void whenGone(Consumer<String> action) {
        onGone = action;
    }

    /** The client is gone (""), or its content is malformed. */
    void broken(String malformed) {
        closes = true;
        boolean answers = !over;
        contentOver = true;
        if (answers) {
            onGone.accept(malformed);
        }
        dropHead();
        if (!over || !answers) {
            over = true;
            var _ = channel.close();
        }
    }

    private void dropHead() {
        ByteBuf unsent = head;
        head = null;
        if (unsent != null) {
            unsent.release();
        }
    }

    @Override
    public boolean isClosed() {
        return over || !channel.isActive();
    }

    @Override
    public void always(String name, String value) {
        always.add(name, value);
    }

    @Override
    public void interim(int status, Headers hints) {
        if (isClosed() || begun || line.protocol().equals("HTTP/1.0")) {
            return;
        }
        if (status == 100) {
            continued = true;
            var _ = channel.write(Unpooled.wrappedBuffer(CONTINUE), channel.voidPromise());
        } else {
            ByteBuf out = channel.alloc().buffer(HEAD_BYTES);
            HeadEncoder.status(out, status);
            HeadEncoder.fields(out, hints);
            HeadEncoder.endLine(out);
            var _ = channel.write(out, channel.voidPromise());
        }
        connection.flush();
    }

    @Override
    public void endsConnection() {
        closes = true;
    }

    @Override
    public void head(int status, Headers response) {
        ByteBuf out = begin(status);
        try {
            if (status == 204) {
                HeadEncoder.fieldsWithoutLength(out, response);
            } else {
                connection.sent().write(out, response);
            }
        } catch (IllegalArgumentException e) {
            out.release();
            throw e;
        }
        begun(out, status, response.contains("content-length"));
    }

    @Override
    public void head(int status, ServedFields response, long age, String cached) {
        ByteBuf out = begin(status);
        response.encode(out, age, cached);
        begun(out, status, true);
    }

    private ByteBuf begin(int status) {
        ByteBuf out = channel.alloc().buffer(HEAD_BYTES);
        HeadEncoder.status(out, status);
        if (always.size() > 0) {
            HeadEncoder.fields(out, always);
        }
        return out;
    }

    private void begun(ByteBuf out, int status, boolean hasLength) {
        begun = true;
        head = out;
        withoutContent = line.method().equals("HEAD") || status == 204 || status == 304;
        framing = hasLength || withoutContent ? Framing.KNOWN : Framing.OPEN;
        closes |= !keepsOpen || connection.isDraining() || !(isEnded() || endsSoon());
    }

    /** Whether what is left of the request's content is small and on its way. */
    private boolean endsSoon() {
        boolean isOnItsWay = continued || !fields.contains("expect");
        return length > 0 && isOnItsWay && length - received <= Listener.DISCARDED_BYTES;
    }

    @Override
    public void sendHead() {
        if (head != null && !isClosed()) {
            frame();
            writeHead();
            connection.flush();
        }
    }

    @Override
    public boolean retract() {
        if (head == null || isClosed()) {
            return false;
        }
        dropHead();
        begun = false;
        framing = Framing.KNOWN;
        return true;
    }

    /** Decides how the end of a content is told whose length is not known. */
    private void frame() {
        if (framing == Framing.OPEN) {
            framing = line.protocol().equals("HTTP/1.0") ? Framing.UNTIL_CLOSE : Framing.CHUNKED;
            closes |= framing == Framing.UNTIL_CLOSE;
        }
    }

    /** Completes the head, without sending it. */
    private ByteBuf completeHead() {
        ByteBuf out = head;
        if (out == null) {
            throw new IllegalStateException("the response has not begun, or its head is sent");
        }
        head = null;
        if (framing == Framing.CHUNKED) {
            out.writeBytes(CHUNKED);
        }
        if (closes) {
            out.writeBytes(CLOSE);
        } else if (line.protocol().equals("HTTP/1.0")) {
            out.writeBytes(KEEP_ALIVE);
        }
        HeadEncoder.endLine(out);
        return out;
    }

    private void writeHead() {
        var _ = channel.write(completeHead(), channel.voidPromise());
    }

    @Override
    public void write(Buffer part) {
        if (isClosed()) {
            return;
        }
        if (head != null) {
            frame();
            writeHead();
        }
        if (part.length() > 0 && !withoutContent) {
            writeContent(part);
        }
        connection.flush();
    }

    private void writeContent(Buffer part) {
        ByteBuf bytes = ((BufferInternal) part).getByteBuf();
        if (framing == Framing.CHUNKED) {
            ByteBuf size = channel.alloc().buffer(16);
            ByteBufUtil.writeAscii(size, Integer.toHexString(bytes.readableBytes()) + "\r\n");
            channel.write(size, channel.voidPromise());
            channel.write(bytes, channel.voidPromise());
            channel.write(ByteBufUtil.writeAscii(channel.alloc(), "\r\n"), channel.voidPromise());
        } else {
            channel.write(bytes, channel.voidPromise());
        }
    }

    @Override
    public boolean isFull() {
        return !channel.isWritable();
    }

    @Override
    public void whenDrained(Runnable action) {
        connection.whenDrained(action);
    }

    @Override
    public void end(Buffer last, Headers trailers) {
        if (isClosed()) {
            dropHead();
            return;
        }
        boolean hasContent = !withoutContent && last.length() > 0;
        if (head != null) {
            if (trailers.size() > 0) {
                frame();
            } else if (framing == Framing.OPEN) {
                head.writeBytes(LENGTH);
                ByteBufUtil.writeAscii(head, Integer.toString(last.length()));
                HeadEncoder.endLine(head);
                framing = Framing.KNOWN;
            }
            ByteBuf out = completeHead();
            if (hasContent && last.length() <= COPIED && framing == Framing.KNOWN) {
                ByteBuf bytes = ((BufferInternal) last).getByteBuf();
                out.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
                hasContent = false;
            }
            channel.write(out, channel.voidPromise());
        }
        if (hasContent) {
            writeContent(last);
        }
        if (framing == Framing.CHUNKED) {
            channel.write(lastChunk(trailers), channel.voidPromise());
        }
        connection.flush();
        over = true;
        if (contentOver) {
            connection.done(closes);
        } else {
            demand = ALL;
            connection.answeredEarly(closes && length != 0);
        }
    }

    private ByteBuf lastChunk(Headers trailers) {
        if (trailers.size() == 0) {
            return Unpooled.wrappedBuffer(LAST_CHUNK);
        }
        ByteBuf out = channel.alloc().buffer(HEAD_BYTES);
        ByteBufUtil.writeAscii(out, "0\r\n");
        HeadEncoder.fields(out, trailers);
        HeadEncoder.endLine(out);
        return out;
    }

    @Override
    public void reset(StreamError why) {
        dropHead();
        over = true;
        if (framing == Framing.UNTIL_CLOSE) {
            // closed as usual, what has broken off would look whole
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        var _ = channel.close();
    }

    @Override
    public Pipe switchProtocols(Headers response) {
        ByteBuf out = begin(101);
        HeadEncoder.fields(out, response);
        HeadEncoder.endLine(out);
        var _ = channel.writeAndFlush(out, channel.voidPromise());
        begun = true;
        over = true;
        return connection.become(new ChannelPipe(connection));
    }
}
