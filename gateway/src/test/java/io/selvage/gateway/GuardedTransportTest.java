package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.selvage.node.ConfigurationException;
import io.selvage.node.Setting;
import io.selvage.node.SocketTransport;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every way to read and write sockets does the same; the other tests run on the one that the machine has first. */
class GuardedTransportTest {
    private static final int LENGTH = 8 << 20;

    @TempDir
    private Path folder;

    private static void assumeAvailable(SocketTransport transport) {
        assumeTrue(
                transport != SocketTransport.EPOLL
                        || GuardedTransport.obstacle().isEmpty(),
                () -> "this machine has no epoll: " + GuardedTransport.obstacle());
    }

    /** An origin that answers with the number of bytes it was sent, or with as many bytes as the path asks for. */
    private static RawOrigin origin() {
        return new RawOrigin((socket, head) -> {
            int length = head.indexOf("Content-Length: ");
            if (length >= 0) {
                int expected = Integer.parseInt(head.substring(length + 16, head.indexOf("\r\n", length)));
                long taken = socket.getInputStream().readNBytes(expected).length;
                return RawOrigin.send(
                        socket,
                        "HTTP/1.1 200 OK\r\nContent-Length: "
                                + Long.toString(taken).length() + "\r\n\r\n" + taken);
            }
            return RawOrigin.send(
                    socket, "HTTP/1.1 200 OK\r\nContent-Length: " + LENGTH + "\r\n\r\n" + "x".repeat(LENGTH));
        });
    }

    @ParameterizedTest
    @EnumSource(SocketTransport.class)
    void largeContentPassesBothWays(SocketTransport transport) throws Exception {
        assumeAvailable(transport);
        try (RawOrigin origin = origin();
                TestNode node = new TestNode(folder)
                        .with(Setting.TRANSPORT, transport.text())
                        .origin("/...", false, "", origin.url())
                        .start();
                RawClient client = node.raw()) {
            String sent = client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + LENGTH + "\r\n\r\n")
                    .send("y".repeat(LENGTH))
                    .response();
            assertTrue(sent.endsWith("\r\n\r\n" + LENGTH), sent);
            String got = client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").response();
            assertTrue(got.endsWith("\r\n\r\n" + "x".repeat(LENGTH)), () -> "of " + LENGTH + ": " + got.length());
        }
    }

    @ParameterizedTest
    @EnumSource(SocketTransport.class)
    void aUnixSocketIsServed(SocketTransport transport) throws Exception {
        assumeAvailable(transport);
        Path socket = folder.resolve("edge.sock");
        try (RawOrigin origin = origin();
                TestNode _ = new TestNode(folder)
                        .with(Setting.TRANSPORT, transport.text())
                        .listener("listen = \"unix:" + socket + "\"")
                        .origin("/...", false, "", origin.url())
                        .start();
                SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(socket));
            client.write(ByteBuffer.wrap(
                    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            byte[] all = Channels.newInputStream(client).readAllBytes();
            assertTrue(new String(all, StandardCharsets.US_ASCII).endsWith("\r\n\r\n" + "x".repeat(LENGTH)));
        }
    }

    /** What a client must be told at once: that an answer which ends with a reset is not complete. */
    @ParameterizedTest
    @EnumSource(SocketTransport.class)
    void aResetRightAfterDataIsNeverMissed(SocketTransport transport) throws Exception {
        assumeAvailable(transport);
        try (RawOrigin origin = new RawOrigin((socket, _) -> {
                    RawOrigin.send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                    socket.setSoLinger(true, 0);
                    return false;
                });
                TestNode node = new TestNode(folder)
                        .with(Setting.TRANSPORT, transport.text())
                        .origin("/...", false, "retry = false", origin.url())
                        .start()) {
            for (int i = 0; i < 100; i++) {
                try (RawClient client = node.raw()) {
                    String all =
                            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").rest();
                    assertTrue(all.startsWith("HTTP/1.1 502 ") || all.endsWith("hello"), all);
                }
            }
        }
    }

    @Test
    void theBestThatThereIsIsTaken() {
        assertEquals(SocketTransport.EPOLL, GuardedTransport.available(SocketTransport.AUTO, Optional::empty));
        assertEquals(SocketTransport.NIO, GuardedTransport.available(SocketTransport.NIO, () -> {
            throw new AssertionError("the library is loaded");
        }));
        assertEquals(
                SocketTransport.NIO,
                GuardedTransport.available(SocketTransport.AUTO, () -> Optional.of(new IOException("none"))));
    }

    @Test
    void whatIsNotThereIsRefusedWithTheReason() {
        IllegalStateException cause = new IllegalStateException(new UnsatisfiedLinkError("no library for riscv64"));
        assertEquals(
                "gateway.transport: this machine has no epoll (no library for riscv64); leave the setting out to take"
                        + " what there is",
                assertThrows(
                                ConfigurationException.class,
                                () -> GuardedTransport.available(SocketTransport.EPOLL, () -> Optional.of(cause)))
                        .getMessage());
    }
}
