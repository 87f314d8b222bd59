package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client's connection that has changed its protocol. Belongs to its event loop. */
final class ChannelPipe implements Pipe {
    private final ClientConnection connection;
    private final Channel channel;
    private Consumer<Buffer> onPart = _ -> {};
    private Runnable onClosed = () -> {};
    private boolean flows;

    ChannelPipe(ClientConnection connection) {
        this.connection = connection;
        this.channel = connection.channel();
    }

    /** Takes what has come; whether it may go on so. */
    boolean take(ByteBuf in) {
        if (flows) {
            byte[] bytes = new byte[in.readableBytes()];
            in.readBytes(bytes);
            onPart.accept(BufferInternal.buffer(Unpooled.wrappedBuffer(bytes)));
        }
        return flows;
    }

    /** It is closed; what has come before, and was not looked at, comes first. */
    void closed(@Nullable ByteBuf rest) {
        flows = true;
        if (rest != null) {
            take(rest);
        }
        onClosed.run();
    }

    @Override
    public void read(Consumer<Buffer> part, Runnable closed) {
        onPart = part;
        onClosed = closed;
        if (!channel.isActive()) {
            closed.run();
        }
    }

    @Override
    public void resume() {
        flows = true;
        channel.config().setAutoRead(true);
        connection.process();
    }

    @Override
    public void pause() {
        flows = false;
        channel.config().setAutoRead(false);
    }

    @Override
    public void write(Buffer part) {
        var _ = channel.writeAndFlush(((BufferInternal) part).getByteBuf(), channel.voidPromise());
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
    public void close() {
        var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> channel.close());
    }

    @Override
    public void abandon() {
        var _ = channel.close();
    }
}
