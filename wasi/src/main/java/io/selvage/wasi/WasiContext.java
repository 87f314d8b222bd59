package io.selvage.wasi;

import io.selvage.wasm.Instance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of one run of a guest: its descriptors, arguments and environment. It is cheap to make, belongs to the
 * thread that runs the guest, and is used once.
 */
public final class WasiContext implements HasWasi, AutoCloseable {
    private final WasiConfig config;
    private final Descriptors descriptors;
    private @Nullable StringList arguments;
    private @Nullable StringList environment;

    WasiContext(WasiConfig config) {
        this.config = config;
        descriptors = config.descriptors();
    }

    @Override
    public WasiContext wasi() {
        return this;
    }

    /** The context of a calling guest. */
    static WasiContext of(Instance caller) {
        return caller.data(HasWasi.class).wasi();
    }

    Descriptors descriptors() {
        return descriptors;
    }

    Clocks clocks() {
        return config.clocks();
    }

    /** Fills {@code target} from {@code offset} with {@code length} random bytes. */
    void random(byte[] target, int offset, int length) {
        byte[] chunk = new byte[Math.min(length, 8_192)];
        int filled = 0;
        while (filled < length) {
            config.random().nextBytes(chunk);
            int count = Math.min(chunk.length, length - filled);
            System.arraycopy(chunk, 0, target, offset + filled, count);
            filled += count;
        }
    }

    StringList arguments() {
        StringList list = arguments;
        if (list == null) {
            list = new StringList(config.arguments());
            arguments = list;
        }
        return list;
    }

    StringList environment() {
        StringList list = environment;
        if (list == null) {
            Map<String, String> all = config.environment();
            List<String> variables = new ArrayList<>(all.size());
            all.forEach((name, value) -> variables.add(name + "=" + value));
            list = new StringList(variables);
            environment = list;
        }
        return list;
    }

    /**
     * Closes what the guest left open, after it ended by itself: files of mounts that commit on close are committed.
     *
     * @throws WasiException the first failure, when everything is closed
     */
    @Override
    public void close() {
        descriptors.closeAll();
    }

    /** Closes what the guest left open without committing it: after a trap or a limit. */
    public void discard() {
        descriptors.discardAll();
    }
}
