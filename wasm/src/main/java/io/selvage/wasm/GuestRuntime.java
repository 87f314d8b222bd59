package io.selvage.wasm;

import io.selvage.wasm.internal.GuestArray;
import io.selvage.wasm.internal.InstanceState;
import io.selvage.wasm.internal.Ops;
import io.selvage.wasm.internal.Ticker;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What an instance consists of besides its compiled code's state: its making, its clocks and its seldom needed parts. */
final class GuestRuntime implements InstanceState.Support {
    /** A Java array has less than 2^31 elements; some JVMs need a few of them for themselves. */
    private static final long MAXIMUM_ARRAY_BYTES = Integer.MAX_VALUE - 64;

    private final LinkedModule linked;
    private final ModuleData data;
    private final InstanceState state;
    private final Instance instance;
    private final @Nullable Object hostData;
    private final @Nullable Function[] functions;
    private boolean[] droppedData = {};
    private @Nullable Object @Nullable [][] elementSegments;
    private final RunLimits limits;
    private final ObjectMeter meter;

    private final long wallStart;
    private final long wallNanos;
    private final long cpuLimit;
    private int depth;
    private long runningSince;
    private long cpuNanos;
    private volatile boolean interrupted;
    private boolean released;

    GuestRuntime(LinkedModule linked, RunLimits limits, @Nullable Object hostData) {
        this.linked = linked;
        this.limits = limits;
        this.hostData = hostData;
        data = linked.module().data();
        functions = new Function[data.functionTypes().length];
        wallStart = System.nanoTime();
        wallNanos = nanos(limits.wall());
        cpuLimit = nanos(limits.cpu());
        instance = new Instance(this);
        state = linked.module().code().newState();
        state.instance = instance;
        state.support = this;
        state.epoch = Ticker.now();
        state.imports = linked.functions();
        state.types = data.types().runtimeTypes();
        meter = new ObjectMeter(limits.memoryBytes(), ObjectMeter.SHARED);
        if (limits.memoryBytes() < RunLimits.none().memoryBytes()) {
            state.unsampled = meter.nextInterval();
        }
        state.arrayBytes = Math.min(limits.memoryBytes(), MAXIMUM_ARRAY_BYTES);
    }

    private static long nanos(Duration duration) {
        return duration.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0 ? Long.MAX_VALUE : duration.toNanos();
    }

    Module module() {
        return linked.module();
    }

    @Nullable
    Object data() {
        return hostData;
    }

    Memory memory() {
        if (data.memories().isEmpty()) {
            throw new Trap(Trap.Kind.MEMORY_OUT_OF_BOUNDS, "the module has no memory");
        }
        return state.memory0;
    }

    // Instantiation (core spec §4.5.4)

    /** Makes what the instance has of its own and runs its start function. */
    Instance start() {
        makeAll();
        if (data.start() >= 0) {
            function(data.start()).call();
        }
        return instance;
    }

    private void makeAll() {
        makeMemory();
        makeTags();
        makeGlobals();
        makeTables();
        for (int i = 0; i < data.elements().size(); i++) {
            ModuleData.ElementSegment segment = data.elements().get(i);
            if (segment.mode() == ModuleData.Mode.ACTIVE
                    && segment.offset() != null
                    && linked.tablePlan().later(segment.table()) == null) {
                int offset = offset(segment.offset());
                tableInit(segment.table(), i, offset, 0, segment.size());
                elementDrop(i);
            } else if (segment.mode() != ModuleData.Mode.PASSIVE) {
                elementDrop(i);
            }
        }
        for (int i = 0; i < data.data().size(); i++) {
            ModuleData.DataSegment segment = data.data().get(i);
            if (segment.mode() == ModuleData.Mode.ACTIVE && segment.offset() != null) {
                if (segment.memory() == 0 && linked.memoryPool().isPresent()) {
                    dataDrop(i);
                    continue;
                }
                memoryInit(i, segment.memory(), offset(segment.offset()), 0, segment.length());
                dataDrop(i);
            }
        }
    }

    /** Where a segment goes, as an unsigned number; one that is past everything if it does not fit in 32 bits. */
    private int offset(ModuleData.Expression expression) {
        return switch (evaluateNullable(expression)) {
            case Integer offset -> offset;
            case Long offset -> Ops.narrow(offset);
            case null, default -> throw new IllegalStateException("an offset is no number");
        };
    }

    private @Nullable Object evaluateNullable(ModuleData.Expression expression) {
        return ConstantExpression.evaluate(data, expression, state, this::globalValue, this::function);
    }

    private void makeMemory() {
        int count = data.memories().size();
        if (count == 0) {
            return;
        }
        int pages = (int) Math.min(Memory.MAXIMUM_PAGES, limits.memoryBytes() / Memory.PAGE_SIZE);
        state.memories = Arrays.copyOf(linked.memories(), count);
        for (int i = data.importedMemories(); i < count; i++) {
            state.memories[i] =
                    new Memory(data.memories().get(i), pages, i == 0 ? linked.memoryPool() : Optional.empty());
        }
        if (count - data.importedMemories() > 1) {
            Memory.shareLimit(List.of(state.memories).subList(data.importedMemories(), count), pages);
        }
        state.memory0 = state.memories[0];
        state.memory0.attach(state);
    }

    private void makeTags() {
        state.tags = new Tag[data.tagTypes().length];
        System.arraycopy(linked.tags(), 0, state.tags, 0, data.importedTags());
        for (int i = data.importedTags(); i < state.tags.length; i++) {
            state.tags[i] = new Tag(data.types().get(data.tagTypes()[i]));
        }
    }

    private void makeGlobals() {
        int imported = data.importedGlobals();
        int count = data.globals().size();
        state.globals = new Global[count];
        System.arraycopy(linked.globals(), 0, state.globals, 0, imported);
        for (int i = imported; i < count; i++) {
            Object value = evaluateNullable(data.globalInitials().get(i - imported));
            if (linked.module().code().hasField(i)) {
                state.setGlobal(i, Values.bits(value), value);
            } else {
                state.globals[i] = new Global(data.globals().get(i), value);
            }
        }
    }

    Memory memory(int index) {
        return state.memories[index];
    }

    Table table(int index) {
        return state.tables[index];
    }

    /** Whether a data segment has been dropped. */
    boolean isDropped(int segment) {
        return segment < droppedData.length && droppedData[segment];
    }

    /** Whether {@code elem.drop} has dropped a passive element segment. */
    boolean hasDroppedElements() {
        for (int i = 0; elementSegments != null && i < elementSegments.length; i++) {
            ModuleData.ElementSegment segment = data.elements().get(i);
            @Nullable Object[] now = elementSegments[i];
            if (segment.mode() == ModuleData.Mode.PASSIVE && now != null && now.length < segment.size()) {
                return true;
            }
        }
        return false;
    }

    /** A module that begins where this instance is. */
    byte[] snapshot(Set<String> withoutExports) {
        if (depth > 0) {
            throw new IllegalStateException("the instance is running");
        }
        GuestRuntime fresh = new GuestRuntime(linked, limits, hostData);
        fresh.makeAll();
        return Snapshot.write(this, fresh, withoutExports);
    }

    @Nullable
    Object globalValue(int index) {
        Global cell = state.globals[index];
        if (cell != null) {
            return cell.get();
        }
        ValueType type = data.globals().get(index).type();
        return !type.isNumeric() ? state.globalReference(index) : Values.fromBits(type, state.globalBits(index));
    }

    private void makeTables() {
        int imported = data.importedTables();
        state.tables = new Table[data.tables().size()];
        System.arraycopy(linked.tables(), 0, state.tables, 0, imported);
        for (int i = imported; i < state.tables.length; i++) {
            Optional<ModuleData.Expression> initial = data.tableInitials().get(i - imported);
            Table table = new Table(
                    data.tables().get(i), initial.map(this::evaluateNullable).orElse(null), limits.tableElements());
            state.tables[i] = table;
            int[] later = linked.tablePlan().later(i);
            if (later != null) {
                table.fillLater(later, this::function);
            }
        }
    }

    /** What stands under an export. */
    Extern export(ModuleData.Export export) {
        int index = export.index();
        return switch (export.kind()) {
            case FUNCTION -> function(index);
            case TABLE -> state.tables[index];
            case MEMORY -> state.memories[index];
            case GLOBAL -> Objects.requireNonNull(state.globals[index]);
            case TAG -> state.tags[index];
        };
    }

    @Override
    public Function function(int index) {
        Function known = functions[index];
        if (known == null) {
            known = index < data.importedFunctions()
                    ? linked.callable(index, state)
                    : linked.module().code().reference(index, state);
            functions[index] = known;
        }
        return known;
    }

    @Override
    public Function importedFunction(int index) {
        return linked.function(index);
    }

    // Bulk instructions

    @Override
    public void memoryInit(int index, int memory, int target, int source, int length) {
        ModuleData.DataSegment segment = data.data().get(index);
        int available = index < droppedData.length && droppedData[index] ? 0 : segment.length();
        if ((source | length) < 0 || source > available - length) {
            throw new Trap(Trap.Kind.MEMORY_OUT_OF_BOUNDS);
        }
        state.memories[memory].write(target, data.binary(), segment.start() + source, length);
    }

    @Override
    public Object arrayNewData(int type, int index, int offset, int length) {
        int size = elementSize(type);
        checkData(index, offset, Integer.toUnsignedLong(length) * size);
        Object array = newArray(type, length, size);
        arrayInitData(GuestArray.checked(array, 0, length), 0, type, index, offset, length);
        return array;
    }

    @Override
    public void arrayInitData(Object elements, int index, int type, int segment, int offset, int count) {
        int size = elementSize(type);
        checkData(segment, offset, Integer.toUnsignedLong(count) * size);
        if (count > 0) {
            Aggregates.copy(data.binary(), data.data().get(segment).start() + offset, elements, index, count, size);
        }
    }

    private Object newArray(int type, int length, int elementBytes) {
        Object array = Aggregates.newArray(data.types().get(type), Ops.arrayLength(length, state, elementBytes));
        Ops.arrayMade(array, state, elementBytes);
        return array;
    }

    @Override
    public void sample(Object object) {
        meter.sample(object, -state.unsampled);
        state.unsampled = meter.nextInterval();
        long memory = 0;
        for (Memory each : state.memories) {
            memory += (long) each.pages() * Memory.PAGE_SIZE;
        }
        meter.check(memory);
    }

    private int elementSize(int type) {
        return Aggregates.bytes(((ArrayType) data.types().composite(type)).element());
    }

    /** Checks that a data segment that is not dropped has so many bytes from {@code offset}, an unsigned number. */
    private void checkData(int index, int offset, long length) {
        int available = index < droppedData.length && droppedData[index]
                ? 0
                : data.data().get(index).length();
        if (Integer.toUnsignedLong(offset) + length > available) {
            throw new Trap(Trap.Kind.MEMORY_OUT_OF_BOUNDS);
        }
    }

    @Override
    public Object arrayNewElements(int type, int segment, int offset, int length) {
        checkElements(segment, offset, length);
        Object array = newArray(type, length, elementSize(type));
        arrayInitElements(GuestArray.checked(array, 0, length), 0, segment, offset, length);
        return array;
    }

    @Override
    public void arrayInitElements(Object elements, int index, int segment, int offset, int count) {
        checkElements(segment, offset, count);
        System.arraycopy(elements(segment), offset, elements, index, count);
    }

    private void checkElements(int segment, int offset, int length) {
        if ((offset | length) < 0 || offset > elements(segment).length - length) {
            throw new Trap(Trap.Kind.TABLE_OUT_OF_BOUNDS);
        }
    }

    @Override
    public void dataDrop(int segment) {
        if (droppedData.length == 0) {
            droppedData = new boolean[data.data().size()];
        }
        droppedData[segment] = true;
    }

    @Override
    public void tableInit(int table, int segment, int target, int source, int length) {
        @Nullable Object[] elements = elements(segment);
        if ((source | length) < 0 || source > elements.length - length) {
            throw new Trap(Trap.Kind.TABLE_OUT_OF_BOUNDS);
        }
        state.tables[table].init(target, elements, source, length);
    }

    @Override
    public void elementDrop(int segment) {
        segments()[segment] = new Object[0];
    }

    @SuppressWarnings("NullAway") // it cannot tell that a new array of arrays may hold null
    private @Nullable Object[][] segments() {
        if (elementSegments == null) {
            elementSegments = new Object[data.elements().size()][];
        }
        return elementSegments;
    }

    @SuppressWarnings("NullAway") // as above
    private @Nullable Object[] elements(int index) {
        @Nullable Object[][] all = segments();
        if (all[index] == null) {
            ModuleData.ElementSegment segment = data.elements().get(index);
            @Nullable Object[] elements = new Object[segment.size()];
            for (int i = 0; i < segment.functions().length; i++) {
                elements[i] = function(segment.functions()[i]);
            }
            List<ModuleData.Expression> expressions = segment.expressions();
            for (int i = 0; i < expressions.size(); i++) {
                elements[i] = evaluateNullable(expressions.get(i));
            }
            all[index] = elements;
        }
        return all[index];
    }

    @Override
    public int branchDepth(int position, int index) {
        InstructionReader in = new InstructionReader(data.binary(), position);
        in.u8();
        int count = in.u32();
        int steps = Integer.compareUnsigned(index, count) < 0 ? index : count;
        for (int i = 0; i < steps; i++) {
            in.u32();
        }
        return in.u32();
    }

    @Override
    public int branchCode(int table, int index) {
        return linked.module().code().branchTables().look(table, index);
    }

    // Clocks and limits

    /** The guest is done: lets the next instance have its memory. */
    void release() {
        if (depth > 0) {
            throw new IllegalStateException("the instance is running");
        }
        released = true;
        linked.memoryPool().ifPresent(pool -> state.memories[0].release().ifPresent(pool::giveBack));
    }

    void enter() {
        if (depth++ == 0) {
            if (released) {
                depth = 0;
                throw new IllegalStateException("the instance has been released");
            }
            runningSince = System.nanoTime();
            if (interrupted) {
                depth = 0;
                throw new Trap(Trap.Kind.INTERRUPTED);
            }
            if (!state.watched) {
                Ticker.watch(state);
            }
        }
    }

    void leave() {
        if (depth > 0 && --depth == 0) {
            cpuNanos += System.nanoTime() - runningSince;
        }
    }

    @Override
    public void tick() {
        // Before others run: if that takes longer than an epoch they are many, and a loop lets them run again soon.
        state.epoch = Ticker.now();
        cpuNanos = cpuNanos();
        runningSince = System.nanoTime();
        if (cpuNanos >= Ticker.PERIOD_NANOS) {
            Ticker.busy();
        }
        check();
        if (Thread.currentThread().isVirtual()) {
            letOthersRun();
            runningSince = System.nanoTime();
        }
        Ticker.renew(state);
    }

    /**
     * Gives the carrier thread to another virtual thread. {@link Thread#yield} would not do: it puts this one behind
     * those that have yielded on the same carrier, but before all that are started elsewhere, so that a few endless
     * guests would keep every new request waiting. A park, however short, ends in the queue that all wait in.
     */
    private void letOthersRun() {
        LockSupport.parkNanos(this, 1);
    }

    private void check() {
        if (interrupted || Thread.currentThread().isInterrupted()) {
            throw new Trap(Trap.Kind.INTERRUPTED);
        }
        if (cpuNanos > cpuLimit) {
            throw new Trap(Trap.Kind.CPU_TIME_EXCEEDED);
        }
        if (remainingWallNanos() == 0) {
            throw new Trap(Trap.Kind.DEADLINE_EXCEEDED);
        }
    }

    /** The thread that waits in a shared memory; null if none does. */
    private volatile @Nullable Thread waiting;

    @Override
    public int atomicWait(int memory, int address, BooleanSupplier unchanged, long nanos) {
        beginWait();
        waiting = Thread.currentThread();
        try {
            return state.memories[memory].await(address, unchanged, nanos, this::checkWaiting);
        } finally {
            waiting = null;
            runningSince = System.nanoTime();
        }
    }

    private long checkWaiting() {
        check();
        return remainingWallNanos();
    }

    void interrupt() {
        interrupted = true;
        LockSupport.unpark(waiting);
    }

    void beginWait() {
        cpuNanos = cpuNanos();
        runningSince = Long.MAX_VALUE;
    }

    void endWait() {
        runningSince = System.nanoTime();
        check();
    }

    long remainingWallNanos() {
        return wallNanos == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, wallNanos - (System.nanoTime() - wallStart));
    }

    long cpuNanos() {
        return depth == 0 || runningSince == Long.MAX_VALUE ? cpuNanos : cpuNanos + System.nanoTime() - runningSince;
    }
}
