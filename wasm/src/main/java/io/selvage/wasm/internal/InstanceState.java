package io.selvage.wasm.internal;

import io.selvage.wasm.Function;
import io.selvage.wasm.Global;
import io.selvage.wasm.GuestException;
import io.selvage.wasm.Instance;
import io.selvage.wasm.Memory;
import io.selvage.wasm.Table;
import io.selvage.wasm.Tag;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What compiled code works on. Each module has a generated subclass with a field for each global that is neither
 * imported nor exported. Belongs to one thread at a time.
 */
public abstract class InstanceState {
    private static final byte[] NO_MEMORY = {};

    /** The bytes of the first memory; another array after each growth. */
    public byte[] memory = NO_MEMORY;

    /** The first memory. */
    @SuppressWarnings("NullAway.Init")
    public Memory memory0;

    /** The types that the module defines. */
    public RuntimeType[] types = {};

    /** The most bytes that an array may have. */
    public long arrayBytes;

    /** How many bytes of structs, arrays and exceptions may be made before {@link Support#sample} is told of one. */
    public long unsampled = Long.MAX_VALUE;

    /** How many more of its exceptions are to know where they were thrown. */
    int traceable = GuestException.TRACED;

    /** All memories, imported ones first. */
    public Memory[] memories = {};

    /** The tables, imported ones first. */
    public Table[] tables = {};

    /** The tags, imported ones first. */
    public Tag[] tags = {};

    /** The imported functions; null where one has not been called yet. */
    public @Nullable Function[] imports = {};

    /** The globals that have a cell of their own, because they are imported or exported; null at any other index. */
    public @Nullable Global[] globals = {};

    /** The epoch at which the guest last looked at its limits. */
    public int epoch;

    /** How many bytes {@link Bulk} has moved since it last looked at the clock. */
    int moved;

    /** Whether an epoch has passed since then; set by the {@link Ticker}, if it {@link #watched watches}. */
    public int due;

    /** Whether the ticker will set {@link #due} when the present epoch is over; see {@link Ticker#watch}. */
    public boolean watched;

    /** The one that the ticker watches besides; the ticker's own. */
    @Nullable
    InstanceState nextWatched;

    /** A tail call that the caller has to make; see {@link Ops#trampoline}. */
    public @Nullable TailCall pending;

    /** One more than the index of the function that a trampoline is about to call, which leaves it its tail calls. */
    public int direct;

    /** The face of this state for the host. */
    @SuppressWarnings("NullAway.Init")
    public Instance instance;

    /** The parts of the instance that are seldom needed. */
    @SuppressWarnings("NullAway.Init")
    public Support support;

    /** A tail call to be made. */
    public record TailCall(
            CompiledFunction target, @Nullable Object[] arguments) {}

    /** The parts of an instance that compiled code needs seldom. */
    public interface Support {
        /** A tick has passed: checks the limits and lets others run. */
        void tick();

        /** An object has just been made with which {@link #unsampled} is below 0: checks what objects take of the heap. */
        void sample(Object object);

        /**
         * {@code memory.atomic.wait}: waits until another thread notifies this one.
         *
         * @param unchanged whether the memory has what the guest expects
         * @param nanos how long at most, for ever if negative
         * @return 0 if it was notified, 1 if the memory has another value, 2 if the time is over
         */
        int atomicWait(int memory, int address, BooleanSupplier unchanged, long nanos);

        /** The function with this index, as a reference. */
        Function function(int index);

        /** The imported function with this index, to be called and not to be passed on. */
        Function importedFunction(int index);

        /** {@code memory.init} (core spec §4.4.7). */
        void memoryInit(int segment, int memory, int target, int source, int length);

        /** {@code data.drop}. */
        void dataDrop(int segment);

        /** {@code array.new_data} (core spec §4.6.6). */
        Object arrayNewData(int type, int segment, int offset, int length);

        /** {@code array.new_elem}. */
        Object arrayNewElements(int type, int segment, int offset, int length);

        /** {@code array.init_data}, of the Java array of an array of this type. */
        void arrayInitData(Object elements, int index, int type, int segment, int offset, int count);

        /** {@code array.init_elem}, of the Java array of an array. */
        void arrayInitElements(Object elements, int index, int segment, int offset, int count);

        /** {@code table.init} (core spec §4.4.6). */
        void tableInit(int table, int segment, int target, int source, int length);

        /** {@code elem.drop}. */
        void elementDrop(int segment);

        /** Which of its targets a {@code br_table} that is too large for a JVM switch takes, as a relative depth. */
        int branchDepth(int position, int index);

        /** Where a {@code br_table} of a very large function goes on: in another chunk, or negative in this one. */
        int branchCode(int table, int index);
    }

    /** Sets a global of the module's own that has a field. */
    public abstract void setGlobal(int index, long bits, @Nullable Object reference);

    /** The bits of a global that has a field. */
    public abstract long globalBits(int index);

    /** The reference in a global that has a field. */
    public abstract @Nullable Object globalReference(int index);
}
