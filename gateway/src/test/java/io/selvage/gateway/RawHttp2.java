package io.selvage.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client of HTTP/2 in clear text that sends exactly the frames (RFC 9113 §6) it is told to. */
final class RawHttp2 implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;
    private static final int PRIORITY = 32;

    /** A frame that has come. */
    record Frame(int type, int flags, int stream, byte[] payload) {
        boolean ends() {
            return (flags & END_STREAM) != 0;
        }

        /** The status in a HEADERS frame that is the first of its connection. */
        String status() throws Http2Exception {
            int priority = (flags & PRIORITY) != 0 ? 5 : 0;
            ByteBuf block = Unpooled.wrappedBuffer(payload, priority, payload.length - priority);
            return String.valueOf(new DefaultHttp2HeadersDecoder()
                    .decodeHeaders(stream, block)
                    .status());
        }

        /** The error code of a RST_STREAM or GOAWAY frame. */
        int error() {
            return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }
    }

    final Socket socket;
    private final DataInputStream in;

    /** Connects, with settings of its own as pairs of identifier and value. */
    RawHttp2(int port, int... settings) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        ByteBuffer payload = ByteBuffer.allocate(settings.length * 3);
        for (int i = 0; i < settings.length; i += 2) {
            payload.putShort((short) settings[i]).putInt(settings[i + 1]);
        }
        send(SETTINGS, 0, 0, payload.array());
    }

    RawHttp2 send(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
        frame.putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload);
        socket.getOutputStream().write(frame.array());
        return this;
    }

    /** The head of a request in literal fields (RFC 7541 §6.2.2), with more pairs of name and value. */
    static byte[] head(String method, String path, String... more) {
        List<String> fields = new ArrayList<>(
                List.of(":method", method, ":scheme", "http", ":authority", "localhost", ":path", path));
        fields.addAll(List.of(more));
        return fields(fields.toArray(String[]::new));
    }

    /** Pairs of name and value in literal fields. */
    static byte[] fields(String... pairs) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < pairs.length; i += 2) {
            block.write(0);
            text(block, pairs[i]);
            text(block, pairs[i + 1]);
        }
        return block.toByteArray();
    }

    static void text(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length < 127) {
            block.write(bytes.length);
        } else {
            block.write(127);
            int rest = bytes.length - 127;
            while (rest >= 128) {
                block.write(rest % 128 + 128);
                rest /= 128;
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    /** The next frame of a kind, or GOAWAY if that comes first; null when the connection has ended. */
    Frame await(int type) throws IOException {
        Frame frame = next();
        while (frame != null && frame.type() != type && frame.type() != GOAWAY) {
            frame = next();
        }
        return frame;
    }

    /** The next frame; null when the connection has ended. */
    Frame next() throws IOException {
        try {
            int first = in.readInt();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = in.readNBytes(first >>> 8);
            if ((first & 0xff) == SETTINGS && flags == 0) {
                send(SETTINGS, 1, 0, new byte[0]);
            }
            return new Frame(first & 0xff, flags, stream, payload);
        } catch (EOFException | SocketException _) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
