package io.selvage.wasm;

import io.selvage.wasm.internal.InstanceState;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A module with its imports found: instances are made from it cheaply. Immutable and thread-safe. */
public final class LinkedModule {
    private final Module module;
    private final List<Object> found;

    /** What {@link #found} says, as what compiled code calls; an element is made when it is first called. */
    private final @Nullable Function[] functions;

    private final @Nullable MethodHandle[] hostHandles;
    private final Table[] tables;
    private final Memory[] memories;
    private final Tag[] tags;
    private final Global[] globals;
    private final TablePlan tablePlan;
    private final Optional<MemoryPool> memoryPool;

    LinkedModule(Module module, Linker found) {
        this.module = module;
        this.found = List.copyOf(found.functions());
        functions = new Function[this.found.size()];
        hostHandles = new MethodHandle[functions.length];
        tables = found.tables().toArray(Table[]::new);
        memories = found.memories().toArray(Memory[]::new);
        tags = found.tags().toArray(Tag[]::new);
        globals = found.globals().toArray(Global[]::new);
        tablePlan = new TablePlan(module.data());
        memoryPool = MemoryPool.of(module.data());
    }

    /** The module. */
    public Module module() {
        return module;
    }

    /** The imported functions, shared by all instances; null where {@link #function} has not been asked yet. */
    @Nullable
    Function[] functions() {
        return functions;
    }

    /** An imported function; a function of the host gets as its caller the instance that calls it. */
    Function function(int index) {
        Function known = functions[index];
        if (known == null) {
            known = callable(index, null);
            functions[index] = known;
        }
        return known;
    }

    /** An imported function as one that Java can call too: a function of the host gets {@code owner} as its caller. */
    Function callable(int index, @Nullable InstanceState owner) {
        if (!(found.get(index) instanceof HostFunction host)) {
            return (Function) found.get(index);
        }
        SignatureCode signature = module.code().signatureCode(module.data().functionTypes()[index]);
        MethodHandle handle = hostHandles[index];
        if (handle == null) {
            handle = signature.compiledFace(host.handle());
            hostHandles[index] = handle;
        }
        return signature.host(handle, owner);
    }

    Table[] tables() {
        return tables;
    }

    Memory[] memories() {
        return memories;
    }

    Tag[] tags() {
        return tags;
    }

    Global[] globals() {
        return globals;
    }

    TablePlan tablePlan() {
        return tablePlan;
    }

    Optional<MemoryPool> memoryPool() {
        return memoryPool;
    }

    /** A new instance without data; see {@link #instantiate(RunLimits, Object)}. */
    public Instance instantiate(RunLimits limits) {
        return start(new GuestRuntime(this, limits, null));
    }

    /**
     * A new instance; its start function, if there is one, has run.
     *
     * @param limits what it may use; the wall clock starts now
     * @param data what {@link Instance#data} answers to host functions
     * @throws Trap if a segment is out of bounds, the start function traps or a limit is passed
     */
    public Instance instantiate(RunLimits limits, Object data) {
        return start(new GuestRuntime(this, limits, data));
    }

    private Instance start(GuestRuntime runtime) {
        return EventRecording.isOn() ? startRecorded(runtime) : runtime.start();
    }

    private Instance startRecorded(GuestRuntime runtime) {
        InstantiateEvent event = new InstantiateEvent();
        event.begin();
        Instance instance = runtime.start();
        event.end();
        if (event.shouldCommit()) {
            event.module = module.name().orElse("");
            event.digest = module.code().digest();
            event.commit();
        }
        return instance;
    }
}
