package io.selvage.gateway;

import io.selvage.cache.ContentCoding;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Puts a content that passes into a coding, part by part: whatever has come can be decoded. Belongs to an event loop. */
final class Coder implements AutoCloseable {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final OutputStream encoder;

    Coder(ContentCoding coding) {
        try {
            encoder = coding.encoder(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The coded form of a part. */
    Buffer code(Buffer part) {
        try {
            encoder.write(part.getBytes());
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return taken();
    }

    /** What ends the content. */
    Buffer end() {
        close();
        return taken();
    }

    private Buffer taken() {
        Buffer taken = Buffer.buffer(out.toByteArray());
        out.reset();
        return taken;
    }

    /** Frees what the encoder holds; can be called again. */
    @Override
    public void close() {
        try {
            encoder.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
