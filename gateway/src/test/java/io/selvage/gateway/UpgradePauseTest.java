package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UpgradePauseTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new UpgradePause());

    private ChannelFuture write(String text) {
        return channel.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    private @Nullable String sent() {
        ByteBuf next = channel.readOutbound();
        return next == null ? null : next.toString(StandardCharsets.US_ASCII);
    }

    @Test
    void nothingFollowsTheSwitchUntilTheClientSpeaks() {
        write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        assertEquals("HTTP/1.1 101 Switching Protocols\r\n\r\n", sent());
        ChannelFuture first = write("settings");
        write("head");
        assertNull(sent());
        assertFalse(first.isDone());
        channel.writeInbound("PRI");
        assertEquals("PRI", channel.readInbound());
        assertEquals("settings", sent());
        assertEquals("head", sent());
        write("content");
        assertEquals("content", sent());
    }

    @Test
    void whoGoesAwayMeanwhileIsToldToThoseThatWrote() {
        write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        ChannelFuture waits = write("settings");
        var _ = channel.close();
        assertInstanceOf(ClosedChannelException.class, waits.cause());
    }

    @Test
    void anAnswerThatSwitchesNothingIsFollowedByOthers() {
        channel.writeInbound("the rest of a request");
        write("HTTP/1.1 200 OK\r\n\r\n");
        write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        write("more");
        assertEquals("HTTP/1.1 200 OK\r\n\r\n", sent());
        assertEquals("HTTP/1.1 101 Switching Protocols\r\n\r\n", sent());
        assertEquals("more", sent());
    }
}
