package io.selvage.cache;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import com.github.luben.zstd.util.Native;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** A content coding that contents can be stored and sent in (RFC 9110 §8.4.1), the best first. */
public enum ContentCoding {
    /** Zstandard (RFC 8878), with a window that every client has (RFC 9659). */
    ZSTD("zstd"),
    /** Brotli (RFC 7932). */
    BROTLI("br"),
    /** What every client has (RFC 1952). */
    GZIP("gzip");

    private static final int BUFFER = 8 << 10;
    private static final int ZSTD_LEVEL = 3;
    private static final int BROTLI_QUALITY = 5;

    private final String token;

    ContentCoding(String token) {
        this.token = token;
    }

    /** Its name in {@code Content-Encoding}. */
    public String token() {
        return token;
    }

    /** The coding of this name, in any case; {@code x-gzip} is {@code gzip}. */
    public static Optional<ContentCoding> named(String token) {
        String lower = token.strip().toLowerCase(Locale.ROOT);
        String name = lower.equals("x-gzip") ? "gzip" : lower;
        for (ContentCoding coding : values()) {
            if (coding.token.equals(name)) {
                return Optional.of(coding);
            }
        }
        return Optional.empty();
    }

    /** Whether this machine can do it: zstd and Brotli are native code. */
    public boolean isAvailable() {
        return switch (this) {
            case ZSTD -> Zstd.AVAILABLE;
            case BROTLI -> Brotli4jLoader.isAvailable();
            case GZIP -> true;
        };
    }

    private static final class Zstd {
        private static final boolean AVAILABLE = load();

        private static boolean load() {
            try {
                Native.load();
                return true;
            } catch (LinkageError _) {
                return false;
            }
        }
    }

    /**
     * What a client likes best of these, by its weights and then by their order; nothing if it wants the content as it is
     * (RFC 9110 §12.5.3).
     *
     * @param accept the client's {@code Accept-Encoding}; without one it gets the content as it is
     */
    public static Optional<ContentCoding> best(List<ContentCoding> offered, List<String> accept) {
        Optional<ContentCoding> best = Optional.empty();
        double weight = 0;
        for (ContentCoding coding : accept.isEmpty() ? List.<ContentCoding>of() : offered) {
            double wanted = coding.weight(accept);
            if (wanted > weight) {
                weight = wanted;
                best = Optional.of(coding);
            }
        }
        return best;
    }

    private double weight(List<String> accept) {
        double any = 0;
        for (String line : accept) {
            for (String member : CacheControl.split(line, ',')) {
                String name = member.split(";", 2)[0].strip();
                if (named(name).filter(c -> c == this).isPresent()) {
                    return Weights.of(member);
                }
                if (name.equals("*")) {
                    any = Weights.of(member);
                }
            }
        }
        return any;
    }

    /**
     * Encodes what is written to it into {@code to}; flushing makes all that was written readable.
     *
     * @throws IOException never of its own accord
     */
    public OutputStream encoder(OutputStream to) throws IOException {
        return switch (this) {
            case ZSTD -> new ZstdOutputStreamNoFinalizer(to, ZSTD_LEVEL);
            case BROTLI -> new BrotliOutputStream(to, Encoder.Parameters.create(BROTLI_QUALITY), BUFFER);
            case GZIP -> new GZIPOutputStream(to, BUFFER, true);
        };
    }

    /**
     * Decodes what is read from {@code from}.
     *
     * @throws IOException if that is not in this coding
     */
    public InputStream decoder(InputStream from) throws IOException {
        return switch (this) {
            case ZSTD -> new ZstdInputStreamNoFinalizer(from);
            case BROTLI -> new BrotliInputStream(from, BUFFER);
            case GZIP -> new GZIPInputStream(from, BUFFER);
        };
    }
}
