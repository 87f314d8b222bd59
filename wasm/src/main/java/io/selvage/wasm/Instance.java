package io.selvage.wasm;

import java.util.Optional;
import java.util.Set;

/**
 * A running module (core spec §4.2.6). It belongs to one thread at a time; only {@link #interrupt} may be called from
 * another.
 */
public final class Instance {
    private final GuestRuntime runtime;

    Instance(GuestRuntime runtime) {
        this.runtime = runtime;
    }

    GuestRuntime runtime() {
        return runtime;
    }

    /** The module it is made from. */
    public Module module() {
        return runtime.module();
    }

    /**
     * What the host gave at instantiation.
     *
     * @throws IllegalStateException if the host gave nothing, or nothing of this type
     */
    public <T> T data(Class<T> type) {
        Object data = runtime.data();
        if (!type.isInstance(data)) {
            throw new IllegalStateException("the instance was made "
                    + (data == null
                            ? "without data"
                            : "with data of " + data.getClass().getName())
                    + ", a host function needs " + type.getName());
        }
        return type.cast(data);
    }

    /**
     * The exported function of this name.
     *
     * @throws Trap if that needs code that is not compiled yet, and the module's {@link CompileLimits} are used up
     */
    public Optional<Function> function(String name) {
        return export(name, Function.class);
    }

    /** The exported memory of this name. */
    public Optional<Memory> memory(String name) {
        return export(name, Memory.class);
    }

    /**
     * The module's first memory, exported or not: what host functions work on.
     *
     * @throws Trap {@link Trap.Kind#MEMORY_OUT_OF_BOUNDS} if it has none
     */
    public Memory memory() {
        return runtime.memory();
    }

    /** The exported table of this name. */
    public Optional<Table> table(String name) {
        return export(name, Table.class);
    }

    /** The exported global of this name. */
    public Optional<Global> global(String name) {
        return export(name, Global.class);
    }

    /** Whatever is exported under this name. */
    public Optional<Extern> export(String name) {
        return module().exportNamed(name).map(runtime::export);
    }

    private <T extends Extern> Optional<T> export(String name, Class<T> type) {
        return export(name).filter(type::isInstance).map(type::cast);
    }

    /**
     * Ends what the guest is doing, soon, with a {@link Trap} of {@link Trap.Kind#INTERRUPTED}, and every later call at
     * once. May be called from any thread. A guest that waits in a host call is not woken. {@link Thread#interrupt} of the
     * thread that runs the guest has the same effect for as long as the thread is interrupted.
     */
    public void interrupt() {
        runtime.interrupt();
    }

    /**
     * Writes a module that begins where this instance is now, so that what an initializer has done need not be done
     * again. Memories and globals come along; the start function does not run again. Tables have to be as they were
     * made.
     *
     * @param withoutExports names of exports to leave out, such as the initializer
     * @return the module in the binary format
     * @throws UnsupportedException if the instance has changed what a module cannot say: a table, an import, or a
     *     global that is a reference
     * @throws IllegalStateException if the guest is running
     */
    public byte[] snapshot(Set<String> withoutExports) {
        return runtime.snapshot(withoutExports);
    }

    /**
     * Says that the instance will not be used any more, so that the next one of the same {@link LinkedModule} can have
     * its memory, which spares it most of its making. The instance's own memory is empty afterwards, and calls fail.
     * Not to be used if another instance or the host still works with the memory's array.
     *
     * @throws IllegalStateException if the guest is running; later calls of its functions throw it too
     */
    public void release() {
        runtime.release();
    }

    /** A host function begins to wait for something outside: the CPU clock stops until {@link #endWait}. */
    public void beginWait() {
        runtime.beginWait();
    }

    /**
     * A host function has finished waiting.
     *
     * @throws Trap {@link Trap.Kind#DEADLINE_EXCEEDED} or {@link Trap.Kind#INTERRUPTED} if that happened meanwhile
     */
    public void endWait() {
        runtime.endWait();
    }

    /** How long until the wall-clock deadline, in nanoseconds, 0 if it has passed; {@link Long#MAX_VALUE} without one. */
    public long remainingWallNanos() {
        return runtime.remainingWallNanos();
    }

    /** How long the guest has run, in nanoseconds, without waits. */
    public long cpuNanos() {
        return runtime.cpuNanos();
    }
}
