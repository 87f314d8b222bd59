package io.selvage.wasm;

import static io.selvage.wasm.ClassAssembler.ACC_FINAL;
import static io.selvage.wasm.ClassAssembler.ACC_PUBLIC;
import static io.selvage.wasm.ClassAssembler.ACC_SUPER;

import io.selvage.wasm.internal.CompiledFunction;
import io.selvage.wasm.internal.InstanceState;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
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

    /** How many globals of a module's own have a field each. */
    private static final int MAXIMUM_FIELDS = 1_000;

    private static final int CHUNKS_PER_CLASS = 8;

    private static final String STATE_D = "L" + GuestNames.STATE + ";";
    private static final String GUEST_PACKAGE = GuestNames.PACKAGE.replace('/', '.');
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final ModuleData module;
    private final int[] groups;
    private final int[] groupStarts;
    private final boolean[] globalFields;
    private final @Nullable SignatureCode[] signatures;
    /** Classes that came into being together with another. */
    private final Map<String, byte[]> made = new ConcurrentHashMap<>();

    private final BranchTables branchTables = new BranchTables();

    private final MethodHandle stateConstructor;
    private final FunctionObjects functionObjects;
    private volatile @Nullable String digest;

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
        functionObjects = new FunctionObjects(this);
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

    /** The tables of the module's very large {@code br_table} instructions. */
    BranchTables branchTables() {
        return branchTables;
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
                case 'S' -> simple.equals("State") ? new StateCode(this).write() : null;
                default -> null;
            };
        }
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    /** Compiles every function that is not yet, and has a body of so many bytes or more or is compiled together with one. */
    void compileLarge(int bodyBytes) {
        for (int group = 0; group < groupStarts.length - 1; group++) {
            if (hasBody(group, bodyBytes)) {
                link("F" + group);
                partsOf(group).keySet().forEach(this::link);
            }
        }
    }

    private boolean hasBody(int group, int bytes) {
        return module.bodies().subList(groupStarts[group], groupStarts[group + 1]).stream()
                .anyMatch(body -> body.end() - body.start() >= bytes);
    }

    private void link(String simple) {
        try {
            Class.forName(GUEST_PACKAGE + simple, true, this);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("a class of the module's own is not there", e);
        }
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
        int tables = branchTables.count();
        long start = System.nanoTime();
        byte[] code;
        try {
            code = compile(group);
            budget.charge(code.length, System.nanoTime() - start);
        } catch (Trap limit) {
            made.keySet().removeAll(partsOf(group).keySet());
            throw limit;
        }
        if (stored != null && branchTables.count() == tables) {
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

    private byte[] assemble(int group) {
        ClassAssembler target = new ClassAssembler(
                ACC_PUBLIC | ACC_FINAL | ACC_SUPER, GuestNames.PACKAGE + "F" + group, "java/lang/Object");
        for (int i = groupStarts[group]; i < groupStarts[group + 1]; i++) {
            new FunctionMethods(this, target, module.importedFunctions() + i).write();
        }
        return target.toBytes();
    }

    /** Keeps a class until the JVM looks for it. */
    void keep(ClassAssembler assembler) {
        byte[] bytes = assembler.toBytes();
        budget.charge(bytes.length, 0);
        made.put(assembler.name().substring(GuestNames.PACKAGE.length()), bytes);
    }

    /** The class of a chunk. */
    String chunkClass(int function, int chunk) {
        return GuestNames.PACKAGE + "C" + function + "_" + chunk / CHUNKS_PER_CLASS;
    }

    // The state

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
        return functionObjects.make(function, state);
    }

    private byte[] references(String simple) {
        budget.check();
        byte[] bytes = functionObjects.write(simple);
        budget.charge(bytes.length, 0);
        return bytes;
    }
}
