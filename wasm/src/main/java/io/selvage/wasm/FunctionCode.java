package io.selvage.wasm;

/**
 * What is being written of a function: its only method or, if it is cut, the method of one chunk; with what every such
 * method has in JVM locals of its own, the instance and the first memory.
 */
final class FunctionCode {
    /**
     * How long, in bytes of JVM code, a function may be that is not cut. The JVM would allow eight times as much, but
     * beyond this HotSpot's compilers run out of registers and nodes, or of time.
     */
    static final int WHOLE_LENGTH = 8_000;

    /** The same for a function with a loop that chooses among many cases, which would go from chunk to chunk at each turn. */
    static final int WHOLE_DISPATCH_LENGTH = 16_000;

    /** How many bytes of JVM code a byte of WebAssembly becomes, about. */
    static final int LENGTH_PER_BYTE = 4;

    private final ModuleCode names;
    private final ModuleData module;
    private final int index;
    private final FunctionLayout layout;
    private final Signature signature;
    private final ModuleData.Body body;
    private final int maximumLength;

    private CodeAssembler code;
    private int instanceSlot;
    private int memorySlot;
    private boolean reachable = true;

    /**
     * A function.
     *
     * @param maximumLength how long a method may become, in bytes of JVM code
     * @param first the first method
     */
    FunctionCode(ModuleCode names, int index, FunctionLayout layout, int maximumLength, CodeAssembler first) {
        this.names = names;
        this.index = index;
        this.layout = layout;
        this.maximumLength = maximumLength;
        code = first;
        module = names.module();
        signature = names.signature(module.functionTypes()[index]);
        body = module.bodies().get(index - module.importedFunctions());
    }

    ModuleCode names() {
        return names;
    }

    ModuleData module() {
        return module;
    }

    /** Its index in the module. */
    int index() {
        return index;
    }

    FunctionLayout layout() {
        return layout;
    }

    Signature signature() {
        return signature;
    }

    ModuleData.Body body() {
        return body;
    }

    /** The method that is being written. */
    CodeAssembler code() {
        return code;
    }

    /** Goes on in another method. */
    void code(CodeAssembler next) {
        code = next;
    }

    /** Notes which instruction the code that comes now is of. */
    void line(int position) {
        code.line(CodeOffsets.line(body, position));
    }

    /**
     * Sees to it that the method is not too long.
     *
     * @throws MethodTooLargeException if it is
     */
    void checkLength() {
        if (code.length() > maximumLength) {
            throw new MethodTooLargeException();
        }
    }

    /** Whether what comes now can be reached. */
    boolean reachable() {
        return reachable;
    }

    void reachable(boolean now) {
        reachable = now;
    }

    /** Fills a place that the JVM's verifier takes for reachable, and nothing else does. */
    void neverReached() {
        code.op(CodeAssembler.ACONST_NULL).op(CodeAssembler.ATHROW);
    }

    /** Throws the exception on the JVM's stack. */
    void throwTop() {
        code.op(CodeAssembler.ATHROW);
        reachable = false;
    }

    // The instance and its memory

    /** Says which JVM local has the instance's state. */
    void instanceIn(int slot) {
        instanceSlot = slot;
    }

    /** Pushes the instance's state, which the compiler does not count. */
    CodeAssembler loadInstance() {
        return code.load('L', instanceSlot);
    }

    /** Says which JVM local has the bytes of the first memory, if the function uses memory. */
    void memoryIn(int slot) {
        memorySlot = slot;
    }

    int memorySlot() {
        return memorySlot;
    }

    /** Looks where the first memory's bytes are now, if the function uses memory. */
    void refreshMemory() {
        if (layout.usesMemory()) {
            loadInstance().getField(GuestNames.STATE_BASE, "memory", "[B").store('M', memorySlot);
        }
    }
}
