package io.selvage.wasi;

import io.selvage.wasm.Function;
import io.selvage.wasm.Imports;
import io.selvage.wasm.Instance;
import io.selvage.wasm.LinkedModule;
import io.selvage.wasm.RunLimits;
import java.lang.invoke.MethodHandles;
import java.util.Optional;

/**
 * The face of WASI preview 1: the functions of the modules {@code wasi_snapshot_preview1} and, as of 2019, {@code
 * wasi_unstable}, and how a program that imports them is run.
 *
 * <p>Sources: {@code preview1/witx} and {@code preview0/witx} of the WASI repository. Where those leave a choice it is
 * Wasmtime's, or else POSIX'. An address outside the memory is a {@link io.selvage.wasm.Trap}. Sockets and signals are
 * not supported.
 */
public final class Preview1 {
    /** Is made when it is first asked for. */
    private static final class Holder {
        static final Imports IMPORTS = build();
    }

    private static final String SNAPSHOT = "wasi_snapshot_preview1";
    private static final String UNSTABLE = "wasi_unstable";

    private Preview1() {}

    /** The functions of both modules; one set for all guests and threads. */
    public static Imports imports() {
        return Holder.IMPORTS;
    }

    private static Imports build() {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        return Imports.builder()
                .methods(SNAPSHOT, lookup, ProcessFunctions.class)
                .methods(SNAPSHOT, lookup, DescriptorFunctions.class)
                .methods(SNAPSHOT, lookup, PathFunctions.class)
                .alias(SNAPSHOT, UNSTABLE)
                .methods(SNAPSHOT, lookup, SnapshotFunctions.class)
                .methods(UNSTABLE, lookup, UnstableFunctions.class)
                .build();
    }

    /**
     * Runs a program to its end in a fresh instance: {@code _start} of a command, or {@code _initialize} of a reactor,
     * if there is one. What the guest left open is closed afterwards.
     *
     * @param module is linked with {@link #imports}
     * @param data the context, or an object of the embedder's that has one; it cannot be used again
     * @return the guest's exit code, an unsigned number; 0 if it just returned
     * @throws io.selvage.wasm.Trap if the guest traps or a limit is passed; then what it had not closed is not
     *     committed
     * @throws WasiException if a file that it left open could not be committed
     */
    public static int run(LinkedModule module, HasWasi data, RunLimits limits) {
        WasiContext context = data.wasi();
        int code = 0;
        try {
            start(module.instantiate(limits, data));
        } catch (GuestExit exit) {
            code = exit.code();
        } catch (Throwable e) {
            context.discard();
            throw e;
        }
        context.close();
        return code;
    }

    private static void start(Instance instance) {
        Optional<Function> entry = instance.function("_start").or(() -> instance.function("_initialize"));
        entry.ifPresent(Function::call);
    }
}
