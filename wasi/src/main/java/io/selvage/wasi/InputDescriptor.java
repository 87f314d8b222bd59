package io.selvage.wasi;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A stream of the host that the guest reads from. A Java stream cannot tell whether it is at its end without reading;
 * so when a guest polls, a virtual thread reads ahead into a small buffer, and only then.
 */
final class InputDescriptor extends Descriptor {
    private static final int AHEAD = 4_096;

    private final InputStream stream;
    private final boolean terminal;
    private @Nullable CompletableFuture<byte[]> ahead;
    private byte[] buffered = new byte[0];
    private int taken;
    private boolean ended;

    InputDescriptor(InputStream stream, boolean terminal) {
        super(Rights.STREAM | Rights.FD_READ, 0, 0);
        this.stream = stream;
        this.terminal = terminal;
    }

    @Override
    FileType type() {
        return terminal ? FileType.CHARACTER_DEVICE : FileType.UNKNOWN;
    }

    @Override
    FileStat stat() {
        return new FileStat(0, 0, type(), 1, 0, 0, 0, 0);
    }

    @Override
    int read(byte[] target, int offset, int length) {
        try {
            if ((flags() & DescriptorFlags.NONBLOCK) != 0 && awaitReadable(0) < 0) {
                throw new WasiException(Errno.AGAIN);
            }
            if (ahead != null) {
                awaitReadable(Long.MAX_VALUE);
            }
            if (taken < buffered.length) {
                int count = Math.min(length, buffered.length - taken);
                System.arraycopy(buffered, taken, target, offset, count);
                taken += count;
                return count;
            }
            if (ended) {
                return 0;
            }
            return Math.max(0, stream.read(target, offset, length));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new WasiException(Errno.INTR);
        } catch (IOException e) {
            throw HostErrors.of(e);
        }
    }

    @Override
    boolean moreToRead() {
        return readyBytes() > 0;
    }

    @Override
    long awaitReadable(long nanos) throws InterruptedException {
        long ready = readyBytes();
        if (ready > 0 || ended) {
            return ready;
        }
        CompletableFuture<byte[]> reading = ahead;
        if (reading == null) {
            reading = new CompletableFuture<>();
            ahead = reading;
            CompletableFuture<byte[]> result = reading;
            Thread.ofVirtual().name("wasi-read-ahead").start(() -> readAhead(result));
        }
        try {
            buffered = reading.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            return -1;
        } catch (ExecutionException e) {
            ahead = null;
            throw e.getCause() instanceof IOException io ? HostErrors.of(io) : new WasiException(Errno.IO, "read", e);
        }
        taken = 0;
        ahead = null;
        ended = buffered.length == 0;
        return buffered.length;
    }

    @Override
    boolean hungUp() {
        return ended;
    }

    private void readAhead(CompletableFuture<byte[]> result) {
        try {
            byte[] bytes = new byte[AHEAD];
            int count = Math.max(0, stream.read(bytes, 0, AHEAD));
            result.complete(Arrays.copyOf(bytes, count));
        } catch (IOException | RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    private int readyBytes() {
        if (taken < buffered.length) {
            return buffered.length - taken;
        }
        if (ahead != null) {
            return 0;
        }
        try {
            return stream.available();
        } catch (IOException e) {
            throw HostErrors.of(e);
        }
    }
}
