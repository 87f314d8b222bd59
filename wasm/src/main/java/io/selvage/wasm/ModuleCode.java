package io.selvage.wasm;

import static io.selvage.wasm.ClassAssembler.ACC_FINAL;
import static io.selvage.wasm.ClassAssembler.ACC_PUBLIC;
import static io.selvage.wasm.ClassAssembler.ACC_STATIC;
import static io.selvage.wasm.ClassAssembler.ACC_SUPER;

import io.selvage.wasm.internal.CompiledFunction;
import io.selvage.wasm.internal.InstanceState;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The compiled code of one module, as a class loader that compiles a class when the JVM first looks for it.
 *
 * <p>So compilation is lazy for nothing: a call from one function to another is a plain {@code invokestatic}, and the
 * JVM resolves it when it is first executed. The classes are
 *
 * <ul>
 *   <li>{@code State}, the {@link InstanceState} with the module's globals;
 *   <li>{@code F<n>}, a group of neighbouring functions, each a static method {@code f<index>};
 *   <li>{@code R<index>} and {@code C<index>_<n>}, the frame and the chunks of a function too large for one method;
 *   <li>{@code G<type>_<n>}, functions of one type as objects, for tables and exports.
 * </ul>
 */
final class ModuleCode extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    /** How many bytes of WebAssembly the functions of a group have together, about. */
    private static final int GROUP_BYTES = 4_096;

    /** How many functions a {@code G} class stands for. */
    private static final int REFERENCES_PER_CLASS = 32;

    /** How many globals of a module's own have a field each. */
    private static final int MAXIMUM_FIELDS = 1_000;

    /** How many bytes of WebAssembly a chunk of a very large function has at first. */
    private static final int CHUNK_BYTES = 2_048;

    /**
     * Set to a number, every function is cut after about so many bytes of WebAssembly, large or not: how the cutting is
     * tested.
     */
    private static final int FORCED_CHUNK_BYTES = Integer.getInteger("io.selvage.wasm.chunkBytes", 0);

    private static final int CHUNKS_PER_CLASS = 8;

    /** HotSpot puts a method of up to so many bytes into its callers, however seldom they call it (MaxInlineSize). */
    private static final int ALWAYS_INLINED = 35;

    private static final String STATE_D = "L" + GuestNames.STATE + ";";
    private static final String BASE_D = "L" + GuestNames.STATE_BASE + ";";
    private static final String CALLER_D = "Lio/selvage/wasm/internal/CompiledFunction$Caller;";
    private static final String OPS = "io/selvage/wasm/internal/Ops";
    private static final String TICKER = "io/selvage/wasm/internal/Ticker";
    private static final String GUEST_PACKAGE = GuestNames.PACKAGE.replace('/', '.');
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final ModuleData module;
    private final int[] groups;
    private final int[] groupStarts;
    private final boolean[] globalFields;
    private final @Nullable SignatureCode[] signatures;
    /** Classes that came into being together with another. */
    private final Map<String, byte[]> made = new ConcurrentHashMap<>();

    /** The tables of very large {@code br_table} instructions. */
    private final List<int[]> branchTables = new ArrayList<>();

    private final MethodHandle stateConstructor;
    private final Map<String, MethodHandle> referenceMakers = new ConcurrentHashMap<>();
    private volatile @Nullable String digest;

    /** For each own function its place among the functions of its type; made when first needed. */
    private volatile int @Nullable [] ordinals;

    private final CodeCache.@Nullable Stored stored;
    private final CompileBudget budget;

    /**
     * The code of a module.
     *
     * @param stored what an earlier process has compiled of it, and where to keep what is compiled now
     * @param limits what compiling it may cost
     */
    ModuleCode(ModuleData module, CodeCache.@Nullable Stored stored, CompileLimits limits) {
        super("wasm-" + NUMBERS.incrementAndGet(), SignatureCode.loader());
        this.module = module;
        this.stored = stored;
        budget = new CompileBudget(limits);
        signatures = new SignatureCode[module.types().size()];
        globalFields = globalFields(module);
        int count = module.bodies().size();
        groups = new int[count];
        int[] starts = new int[count + 1];
        int groupCount = 0;
        int bytes = 0;
        for (int i = 0; i < count; i++) {
            ModuleData.Body body = module.bodies().get(i);
            int size = body.end() - body.start() + 16;
            if (i == 0 || bytes + size > GROUP_BYTES) {
                starts[groupCount++] = i;
                bytes = 0;
            }
            bytes += size;
            groups[i] = groupCount - 1;
        }
        starts[groupCount] = count;
        groupStarts = Arrays.copyOf(starts, groupCount + 1);
        stateConstructor = stateConstructor();
    }

    private static boolean[] globalFields(ModuleData module) {
        boolean[] fields = new boolean[module.globals().size()];
        for (int i = module.importedGlobals(); i < fields.length; i++) {
            fields[i] = i - module.importedGlobals() < MAXIMUM_FIELDS;
        }
        for (ModuleData.Export export : module.exports()) {
            if (export.kind() == ModuleData.Kind.GLOBAL) {
                fields[export.index()] = false;
            }
        }
        return fields;
    }

    ModuleData module() {
        return module;
    }

    SignatureCode signatureCode(int type) {
        SignatureCode known = signatures[type];
        if (known == null) {
            known = SignatureCode.of(module.types().get(type));
            signatures[type] = known;
        }
        return known;
    }

    Signature signature(int type) {
        return signatureCode(type).signature();
    }

    /** Whether a global is a field of the state, and not a {@link Global}. */
    boolean hasField(int global) {
        return globalFields[global];
    }

    /** The class of a function of the module's own. */
    String functionClass(int function) {
        return GuestNames.PACKAGE + "F" + groups[function - module.importedFunctions()];
    }

    String functionMethod(int function) {
        return "f" + function;
    }

    String functionDescriptor(Signature type) {
        return "(" + type.parameterDescriptor() + STATE_D + ")" + type.resultDescriptor();
    }

    /** The class of the frame of a function that is cut into chunks. */
    String frameClass(int function) {
        return GuestNames.PACKAGE + "R" + function;
    }

    /** Begins a method that knows the module's classes; see {@link CodeAssembler} for the characters. */
    CodeAssembler code(ClassAssembler target, String locals) {
        return new CodeAssembler(target, locals)
                .reference('S', GuestNames.STATE)
                .reference('B', "[Ljava/lang/Object;");
    }

    /** Begins the method of a chunk: its parameters are where to begin, the frame and the state. */
    CodeAssembler chunkCode(ClassAssembler target, int function) {
        return code(target, "IRS").reference('R', frameClass(function));
    }

    // Classes

    /** Finds the guest's classes here alone: to look for them in the whole class path would take longer than to make them. */
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(GUEST_PACKAGE) || name.startsWith(StructCode.PREFIX, GUEST_PACKAGE.length())) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? findClass(name) : loaded;
        }
    }

    /** The shared class of the functions of one of the module's types. */
    private Class<?> signatureClass(String name) throws ClassNotFoundException {
        for (SignatureCode known : signatures) {
            if (known != null && known.base().getName().equals(name)) {
                return known.base();
            }
        }
        // Only code from the cache has mentioned it so far.
        String internal = name.replace('.', '/');
        for (int i = 0; i < signatures.length; i++) {
            if (module.types().composite(i) instanceof FunctionType type
                    && GuestNames.signatureClass(
                                    new Signature(type, !module.types().get(i).isPlainFunction()))
                            .equals(internal)) {
                return signatureCode(i).base();
            }
        }
        throw new ClassNotFoundException(name);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        String simple = name.substring(GuestNames.PACKAGE.length());
        if (simple.startsWith(GuestNames.SIGNATURE)) {
            return signatureClass(name);
        }
        byte[] bytes = made.remove(simple);
        if (bytes == null && stored != null) {
            bytes = stored.take(simple);
            if (bytes != null) {
                budget.charge(bytes.length, 0);
            }
        }
        if (bytes == null) {
            bytes = switch (simple.charAt(0)) {
                case 'F' -> functions(Integer.parseInt(simple.substring(1)));
                case 'G' -> references(simple);
                case 'S' -> simple.equals("State") ? state() : null;
                default -> null;
            };
        }
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    private byte[] compile(int group) {
        return EventRecording.isOn() ? compileRecorded(group) : assemble(group);
    }

    private byte[] compileRecorded(int group) {
        CompileEvent event = new CompileEvent();
        event.begin();
        byte[] bytes = assemble(group);
        event.end();
        if (event.shouldCommit()) {
            int last = groupStarts[group + 1] - 1;
            event.module = module.nameForPeople();
            event.digest = digest();
            event.firstFunction = module.importedFunctions() + groupStarts[group];
            event.functions = last - groupStarts[group] + 1;
            event.wasmBytes = module.bodies().get(last).end()
                    - module.bodies().get(groupStarts[group]).start();
            event.bytecodeBytes = bytes.length;
            event.commit();
        }
        return bytes;
    }

    /** The module's SHA-256 in hexadecimal digits; computed when first asked for. */
    String digest() {
        String known = digest;
        if (known == null) {
            try {
                known = HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(module.binary()));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
            digest = known;
        }
        return known;
    }

    private byte[] functions(int group) {
        budget.check();
        int tables = branchTableCount();
        long start = System.nanoTime();
        byte[] code;
        try {
            code = compile(group);
            budget.charge(code.length, System.nanoTime() - start);
        } catch (Trap limit) {
            made.keySet().removeAll(partsOf(group).keySet());
            throw limit;
        }
        if (stored != null && branchTableCount() == tables) {
            Map<String, byte[]> together = partsOf(group);
            together.put("F" + group, code);
            stored.keep(together);
        }
        return code;
    }

    /** The classes that came into being together with a group's. */
    private Map<String, byte[]> partsOf(int group) {
        Map<String, byte[]> parts = new LinkedHashMap<>();
        for (int i = groupStarts[group]; i < groupStarts[group + 1]; i++) {
            String function = String.valueOf(module.importedFunctions() + i);
            made.forEach((name, bytes) -> {
                if (name.equals("R" + function) || name.startsWith("C" + function + "_")) {
                    parts.put(name, bytes);
                }
            });
        }
        return parts;
    }

    private int branchTableCount() {
        synchronized (branchTables) {
            return branchTables.size();
        }
    }

    private byte[] assemble(int group) {
        ClassAssembler target = new ClassAssembler(
                ACC_PUBLIC | ACC_FINAL | ACC_SUPER, GuestNames.PACKAGE + "F" + group, "java/lang/Object");
        for (int i = groupStarts[group]; i < groupStarts[group + 1]; i++) {
            function(target, module.importedFunctions() + i);
        }
        return target.toBytes();
    }

    private void function(ClassAssembler target, int function) {
        Signature signature = signature(module.functionTypes()[function]);
        FunctionLayout layout = FunctionLayout.whole(module, function);
        String descriptor = functionDescriptor(signature);
        boolean tailCalls = layout.hasTailCalls();
        CodeAssembler code;
        try {
            if (FORCED_CHUNK_BYTES > 0) {
                throw new MethodTooLargeException();
            }
            code = FunctionCompiler.compile(this, function, layout, target);
        } catch (MethodTooLargeException _) {
            code = new ChunkedFunction(this, function).compile(target);
            // In chunks a tail call of the function to itself is one like any other.
            tailCalls = FunctionLayout.chunked(module, function, chunkBytes()).hasTailCalls();
        }
        String method = (tailCalls ? "t" : "f") + function;
        target.method(ACC_PUBLIC | ACC_STATIC, method, descriptor, code);
        if (ClockChecks.isNeededOnEntry(layout)) {
            CodeAssembler paused = paused(target, function, method, signature);
            target.method(ACC_STATIC, ClockChecks.pausedMethod(function), descriptor, paused);
        }
        if (tailCalls) {
            target.method(ACC_PUBLIC | ACC_STATIC, "f" + function, descriptor, trampoline(target, function, signature));
        }
    }

    /** A function that makes tail calls: calls its body, and then what the body has left to be called. */
    private CodeAssembler trampoline(ClassAssembler target, int function, Signature signature) {
        String descriptor = functionDescriptor(signature);
        String locals = signature.jvmParameters() + "S";
        CodeAssembler code = code(target, locals);
        int state = CodeAssembler.slots(signature.jvmParameters());
        CodeAssembler.Label fromHost = new CodeAssembler.Label();
        CodeAssembler.Label tail = new CodeAssembler.Label();
        char result = signature.resultCharacter();
        code.load('L', state).getField(GuestNames.STATE_BASE, "direct", "I").constant(function + 1);
        code.jump(CodeAssembler.IF_ICMPNE, fromHost);
        code.load('L', state).constant(0).putField(GuestNames.STATE_BASE, "direct", "I");
        callBody(code, target.name(), function, signature, descriptor);
        code.ret(result);
        code.bind(fromHost, locals, "");
        callBody(code, target.name(), function, signature, descriptor);
        int held = state + 1;
        if (result != 'V') {
            code.store(result, held);
        }
        String pending = "Lio/selvage/wasm/internal/InstanceState$TailCall;";
        code.load('L', state).getField(GuestNames.STATE_BASE, "pending", pending);
        code.jump(CodeAssembler.IFNONNULL, tail);
        if (result != 'V') {
            code.load(result, held);
        }
        code.ret(result);
        code.bind(tail, locals, "");
        code.load('L', state).invokeStatic(OPS, "trampoline", "(" + BASE_D + ")Ljava/lang/Object;");
        unboxResult(code, signature);
        code.ret(result);
        code.stack(CodeAssembler.slots(signature.jvmParameters()) + 8);
        return code;
    }

    private static void unboxResult(CodeAssembler code, Signature signature) {
        char result = signature.resultCharacter();
        if (result == 'V') {
            code.op(CodeAssembler.POP);
        } else if (signature.results().length() > 1) {
            code.checkCast(signature.resultDescriptor());
        } else {
            ValueCode.unbox(code, result);
        }
    }

    private static void callBody(
            CodeAssembler code, String owner, int function, Signature signature, String descriptor) {
        loadParameters(code, signature);
        code.invokeStatic(owner, "t" + function, descriptor);
    }

    /** Pushes everything that a function has been called with. */
    static void loadParameters(CodeAssembler code, Signature signature) {
        int slot = 0;
        for (char type : (signature.jvmParameters() + "S").toCharArray()) {
            code.load(type, slot);
            slot += CodeAssembler.width(type);
        }
    }

    /**
     * What a function goes on in when an epoch has passed as it is entered: the clock is looked at, and the function
     * called again. Too long for the JIT compiler to put it into the function as a matter of course.
     */
    private CodeAssembler paused(ClassAssembler target, int function, String method, Signature signature) {
        CodeAssembler code = code(target, signature.jvmParameters() + "S");
        ModuleData.Body body = module.bodies().get(function - module.importedFunctions());
        int state = CodeAssembler.slots(signature.jvmParameters());
        for (int i = 0; i < ALWAYS_INLINED; i++) {
            code.op(CodeAssembler.NOP);
        }
        code.line(CodeOffsets.line(body, body.start()));
        code.load('L', state).invokeStatic(OPS, "tick", "(" + BASE_D + ")V");
        code.line(CodeOffsets.NO_LINE);
        loadParameters(code, signature);
        code.invokeStatic(target.name(), method, functionDescriptor(signature));
        code.ret(signature.resultCharacter());
        code.stack(state + 2);
        return code;
    }

    /** Keeps a class until the JVM looks for it. */
    void keep(ClassAssembler assembler) {
        byte[] bytes = assembler.toBytes();
        budget.charge(bytes.length, 0);
        made.put(assembler.name().substring(GuestNames.PACKAGE.length()), bytes);
    }

    /** Keeps the table of a {@code br_table}; answers its number for {@link #branchCode}. */
    int addBranchTable(int[] codes) {
        synchronized (branchTables) {
            branchTables.add(codes);
            return branchTables.size() - 1;
        }
    }

    /** What a {@code br_table} with this operand finds in its table, whose last element is for all others. */
    int branchCode(int table, int operand) {
        int[] codes;
        synchronized (branchTables) {
            codes = branchTables.get(table);
        }
        return codes[Integer.compareUnsigned(operand, codes.length - 1) < 0 ? operand : codes.length - 1];
    }

    /** How many bytes of WebAssembly a chunk has at first. */
    static int chunkBytes() {
        return FORCED_CHUNK_BYTES > 0 ? FORCED_CHUNK_BYTES : CHUNK_BYTES;
    }

    /** The class of a chunk. */
    String chunkClass(int function, int chunk) {
        return GuestNames.PACKAGE + "C" + function + "_" + chunk / CHUNKS_PER_CLASS;
    }

    // The state

    private byte[] state() {
        ClassAssembler target =
                new ClassAssembler(ACC_PUBLIC | ACC_FINAL | ACC_SUPER, GuestNames.STATE, GuestNames.STATE_BASE);
        List<Integer> numbers = new ArrayList<>();
        List<Integer> references = new ArrayList<>();
        for (int i = 0; i < globalFields.length; i++) {
            if (globalFields[i]) {
                char type = globalType(i);
                target.field(ACC_PUBLIC, "g" + i, ValueCode.descriptor(type));
                (Signature.isNumber(type) ? numbers : references).add(i);
            }
        }
        CodeAssembler constructor = code(target, "S");
        constructor
                .load('L', 0)
                .invokeSpecial(GuestNames.STATE_BASE, "<init>", "()V")
                .ret('V');
        constructor.stack(1);
        target.method(ACC_PUBLIC, "<init>", "()V", constructor);
        setter(target, numbers, references);
        getter(target, numbers, "globalBits", "(I)J");
        getter(target, references, "globalReference", "(I)Ljava/lang/Object;");
        return target.toBytes();
    }

    private char globalType(int global) {
        return Signature.character(module.globals().get(global).type());
    }

    private static List<CodeAssembler.Label> labels(int count) {
        List<CodeAssembler.Label> labels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            labels.add(new CodeAssembler.Label());
        }
        return labels;
    }

    private void setter(ClassAssembler target, List<Integer> numbers, List<Integer> references) {
        CodeAssembler code = code(target, "SIJL");
        List<Integer> all = new ArrayList<>(numbers);
        all.addAll(references);
        all.sort(null);
        List<CodeAssembler.Label> labels = labels(all.size());
        CodeAssembler.Label otherwise = new CodeAssembler.Label();
        code.load('I', 1);
        code.lookupSwitch(all.stream().mapToInt(i -> i).toArray(), labels, otherwise);
        for (int i = 0; i < all.size(); i++) {
            char type = globalType(all.get(i));
            code.bind(labels.get(i), "SIJL", "");
            code.load('L', 0);
            if (!Signature.isNumber(type)) {
                code.load('L', 4);
                ValueCode.unbox(code, type);
            } else {
                code.load('J', 2);
                ValueCode.fromBits(code, type);
            }
            code.putField(GuestNames.STATE, "g" + all.get(i), ValueCode.descriptor(type));
            code.ret('V');
        }
        code.bind(otherwise, "SIJL", "");
        code.ret('V');
        code.stack(4);
        target.method(ACC_PUBLIC | ACC_FINAL, "setGlobal", "(IJLjava/lang/Object;)V", code);
    }

    private void getter(ClassAssembler target, List<Integer> globals, String name, String descriptor) {
        CodeAssembler code = code(target, "SI");
        List<CodeAssembler.Label> labels = labels(globals.size());
        CodeAssembler.Label otherwise = new CodeAssembler.Label();
        char result = descriptor.endsWith("J") ? 'J' : 'L';
        code.load('I', 1);
        code.lookupSwitch(globals.stream().mapToInt(i -> i).toArray(), labels, otherwise);
        for (int i = 0; i < globals.size(); i++) {
            char type = globalType(globals.get(i));
            code.bind(labels.get(i), "SI", "");
            code.load('L', 0).getField(GuestNames.STATE, "g" + globals.get(i), ValueCode.descriptor(type));
            if (result == 'J') {
                ValueCode.toBits(code, type);
            } else {
                ValueCode.box(code, type);
            }
            code.ret(result);
        }
        code.bind(otherwise, "SI", "");
        code.zero(result).ret(result);
        code.stack(4);
        target.method(ACC_PUBLIC | ACC_FINAL, name, descriptor, code);
    }

    private MethodHandle stateConstructor() {
        try {
            Class<?> state = loadClass(GuestNames.STATE.replace('/', '.'));
            return MethodHandles.publicLookup()
                    .findConstructor(state, MethodType.methodType(void.class))
                    .asType(MethodType.methodType(InstanceState.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the generated state class is not as it should be", e);
        }
    }

    InstanceState newState() {
        try {
            return (InstanceState) stateConstructor.invokeExact();
        } catch (Throwable e) {
            throw Boundary.sneak(e);
        }
    }

    // Functions as objects

    /** A function of the module's own as an object that belongs to {@code state}. */
    CompiledFunction reference(int function, InstanceState state) {
        int type = module.functionTypes()[function];
        int ordinal = ordinals()[function - module.importedFunctions()];
        String name = "G" + canonical(type) + "_" + ordinal / REFERENCES_PER_CLASS;
        MethodHandle maker = referenceMakers.computeIfAbsent(name, this::referenceMaker);
        try {
            return (CompiledFunction) maker.invokeExact(
                    (CompiledFunction.Caller) signatureCode(type), state, function, ordinal % REFERENCES_PER_CLASS);
        } catch (Throwable e) {
            throw Boundary.sneak(e);
        }
    }

    private MethodHandle referenceMaker(String name) {
        try {
            Class<?> holder = loadClass((GuestNames.PACKAGE + name).replace('/', '.'));
            return MethodHandles.publicLookup()
                    .findConstructor(
                            holder,
                            MethodType.methodType(
                                    void.class,
                                    CompiledFunction.Caller.class,
                                    InstanceState.class,
                                    int.class,
                                    int.class))
                    .asType(MethodType.methodType(
                            CompiledFunction.class,
                            CompiledFunction.Caller.class,
                            InstanceState.class,
                            int.class,
                            int.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the generated class " + name + " is not as it should be", e);
        }
    }

    /** The first index of the type that is the same as this one. */
    private int canonical(int type) {
        return module.types().canonical(type);
    }

    private int[] ordinals() {
        int[] known = ordinals;
        if (known == null) {
            known = new int[module.bodies().size()];
            Map<Integer, Integer> counts = new HashMap<>();
            for (int i = 0; i < known.length; i++) {
                int type = canonical(module.functionTypes()[module.importedFunctions() + i]);
                known[i] = counts.merge(type, 1, Integer::sum) - 1;
            }
            ordinals = known;
        }
        return known;
    }

    private byte[] references(String simple) {
        budget.check();
        int type = Integer.parseInt(simple.substring(1, simple.indexOf('_')));
        int first = Integer.parseInt(simple.substring(simple.indexOf('_') + 1)) * REFERENCES_PER_CLASS;
        SignatureCode signatureCode = signatureCode(type);
        Signature signature = signatureCode.signature();
        String name = GuestNames.PACKAGE + simple;
        String base = GuestNames.signatureClass(signature);
        ClassAssembler target = new ClassAssembler(ACC_PUBLIC | ACC_FINAL | ACC_SUPER, name, base);
        target.field(ACC_FINAL, "selector", "I");
        CodeAssembler constructor = code(target, "LLLII");
        constructor.load('L', 0).load('L', 1).load('L', 2).load('I', 3);
        constructor.invokeSpecial(base, "<init>", "(" + CALLER_D + BASE_D + "I)V");
        constructor.load('L', 0).load('I', 4).putField(name, "selector", "I").ret('V');
        constructor.stack(4);
        target.method(ACC_PUBLIC, "<init>", "(" + CALLER_D + BASE_D + "II)V", constructor);
        List<Integer> functions = functionsOf(type, first);
        referenceCall(target, name, signatureCode, functions);
        byte[] bytes = target.toBytes();
        budget.charge(bytes.length, 0);
        return bytes;
    }

    /** Own functions of the type whose first index is {@code type}, in order. */
    private List<Integer> functionsOf(int type, int first) {
        int[] places = ordinals();
        List<Integer> functions = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            int function = module.importedFunctions() + i;
            if (places[i] >= first
                    && places[i] < first + REFERENCES_PER_CLASS
                    && canonical(module.functionTypes()[function]) == type) {
                functions.add(function);
            }
        }
        return functions;
    }

    private void referenceCall(
            ClassAssembler target, String name, SignatureCode signatureCode, List<Integer> functions) {
        Signature signature = signatureCode.signature();
        String locals = "G" + signature.jvmParameters() + "L";
        CodeAssembler code = code(target, locals).reference('G', name);
        List<CodeAssembler.Label> labels = labels(functions.size());
        watch(code, locals);
        code.load('L', 0).getField(name, "selector", "I");
        code.tableSwitch(0, labels, labels.getLast());
        for (int i = 0; i < functions.size(); i++) {
            code.bind(labels.get(i), locals, "");
            signatureCode.loadCallParameters(code);
            code.load('L', 0)
                    .getField(GuestNames.FUNCTION_BASE, "owner", BASE_D)
                    .checkCast(GuestNames.STATE);
            code.invokeStatic(
                    functionClass(functions.get(i)), functionMethod(functions.get(i)), functionDescriptor(signature));
            code.ret(signature.resultCharacter());
        }
        code.stack(CodeAssembler.slots(signature.jvmParameters()) + 4);
        target.method(ACC_PUBLIC | ACC_FINAL, "call", signatureCode.callDescriptor(), code);
    }

    /** Another guest may call, so that nobody has told the ticker that this instance runs. */
    private static void watch(CodeAssembler code, String locals) {
        CodeAssembler.Label watched = new CodeAssembler.Label();
        code.load('L', 0)
                .getField(GuestNames.FUNCTION_BASE, "owner", BASE_D)
                .getField(GuestNames.STATE_BASE, "watched", "Z");
        code.jump(CodeAssembler.IFNE, watched);
        code.load('L', 0).getField(GuestNames.FUNCTION_BASE, "owner", BASE_D);
        code.invokeStatic(TICKER, "watch", "(" + BASE_D + ")V");
        code.bind(watched, locals, "");
    }
}
