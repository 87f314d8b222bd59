package io.selvage.wasm;

import static io.selvage.wasm.ClassAssembler.ACC_ABSTRACT;
import static io.selvage.wasm.ClassAssembler.ACC_FINAL;
import static io.selvage.wasm.ClassAssembler.ACC_PUBLIC;
import static io.selvage.wasm.ClassAssembler.ACC_STATIC;
import static io.selvage.wasm.ClassAssembler.ACC_SUPER;

import io.selvage.wasm.internal.CompiledFunction;
import io.selvage.wasm.internal.InstanceState;
import io.selvage.wasm.internal.RuntimeType;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The generated classes of one function type: an abstract class with a {@code call} method of the right JVM type, which
 * all functions of that type extend whichever module they are from, and a class that calls a host function.
 *
 * <p>They are shared by the whole process, and go when the last module or function that uses them has gone.
 */
final class SignatureCode implements CompiledFunction.Caller {
    /** By type or, what types that are not plain share, by the mangled name of the signature. */
    private static final Map<Object, Entry> ALL = new ConcurrentHashMap<>();

    private static final ReferenceQueue<SignatureCode> GONE = new ReferenceQueue<>();
    private static final StructLoader STRUCTS = new StructLoader();
    private static final String OPS = "io/selvage/wasm/internal/Ops";
    private static final String STATE_D = "L" + GuestNames.STATE_BASE + ";";
    private static final String CALLER_D = "Lio/selvage/wasm/internal/CompiledFunction$Caller;";
    private static final String HANDLE_D = "Ljava/lang/invoke/MethodHandle;";
    private static final String CONSTRUCTOR_D = "(" + CALLER_D + STATE_D + "I)V";

    /** What is known of a type for as long as somebody uses it. */
    private static final class Entry extends WeakReference<SignatureCode> {
        private final Object key;

        Entry(Object key, SignatureCode code) {
            super(code, GONE);
            this.key = key;
        }
    }

    /** Defines the classes of one type; as long as one of them is in use, so is the type's {@link SignatureCode}. */
    private static final class Loader extends ClassLoader {
        static {
            registerAsParallelCapable();
        }

        @SuppressWarnings("UnusedVariable") // held for as long as the classes are
        private final SignatureCode owner;

        Loader(SignatureCode owner) {
            super("wasm-signature", SignatureCode.class.getClassLoader());
            this.owner = owner;
        }

        Class<?> define(byte[] bytes) {
            return defineClass(null, bytes, 0, bytes.length);
        }
    }

    /** Makes the classes of structs, which are few; the parent of every module's class loader. */
    private static final class StructLoader extends ClassLoader {
        static {
            registerAsParallelCapable();
        }

        StructLoader() {
            super("wasm-structs", SignatureCode.class.getClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            String simple = name.substring(name.lastIndexOf('.') + 1);
            if (!simple.startsWith(StructCode.PREFIX)) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = StructCode.write(simple);
            return defineClass(null, bytes, 0, bytes.length);
        }
    }

    private final Signature signature;
    private final Class<?> base;
    private final MethodHandle hostConstructor;
    /**
     * Takes an {@code Object[]} of the function, the arguments and the calling state; answers an object. Made when Java first
     * calls a function of the type: of most types none is ever called from there, and the JVM takes its time.
     */
    private volatile @Nullable MethodHandle spread;

    /** The type whose classes these are; this one, if it has them to itself. */
    private final SignatureCode owner;

    /** Takes the function, the arguments and the calling state. */
    private final MethodHandle direct;

    private final DefinedType definition;

    /** A type that has the classes to itself, or, with a signature that many share, stands for all of these. */
    private SignatureCode(DefinedType definition, Signature signature) {
        this.definition = definition;
        this.signature = signature;
        Loader loader = new Loader(this);
        base = loader.define(baseClass());
        Class<?> host = loader.define(host());
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        try {
            hostConstructor = lookup.findConstructor(
                            host,
                            MethodType.methodType(
                                    void.class,
                                    CompiledFunction.Caller.class,
                                    InstanceState.class,
                                    int.class,
                                    MethodHandle.class))
                    .asType(MethodType.methodType(
                            CompiledFunction.class,
                            CompiledFunction.Caller.class,
                            InstanceState.class,
                            int.class,
                            MethodHandle.class));
            direct = lookup.findVirtual(base, "call", jvmType().appendParameterTypes(InstanceState.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "the generated classes for " + definition + " lack what they should have", e);
        }
        owner = this;
    }

    /** A type that shares the classes of {@code shared}. */
    private SignatureCode(DefinedType definition, SignatureCode shared) {
        this.definition = definition;
        signature = new Signature((FunctionType) definition.composite(), true);
        base = shared.base;
        hostConstructor = shared.hostConstructor;
        direct = shared.direct;
        owner = shared;
    }

    /** The classes of a type, made when they are first asked for. */
    static SignatureCode of(DefinedType type) {
        forgetUnused();
        FunctionType function = (FunctionType) type.composite();
        if (type.isPlainFunction()) {
            return known(function, () -> new SignatureCode(type, new Signature(function)));
        }
        Signature signature = new Signature(erased(function), true);
        return new SignatureCode(
                type, known(signature.mangled(), () -> new SignatureCode(DefinedType.of(signature.type()), signature)));
    }

    private static SignatureCode known(Object key, Supplier<SignatureCode> maker) {
        while (true) {
            Entry entry = ALL.computeIfAbsent(key, k -> new Entry(k, maker.get()));
            SignatureCode code = entry.get();
            if (code != null) {
                return code;
            }
            ALL.remove(key, entry);
        }
    }

    /** The type with any reference instead of each, so that it keeps no type of a module alive. */
    private static FunctionType erased(FunctionType type) {
        return new FunctionType(erased(type.parameters()), erased(type.results()));
    }

    private static List<ValueType> erased(List<ValueType> types) {
        return types.stream()
                .map(type -> type.isReference() ? ValueType.ANYREF : type)
                .toList();
    }

    private static void forgetUnused() {
        for (Object gone = GONE.poll(); gone != null; gone = GONE.poll()) {
            Entry entry = (Entry) gone;
            ALL.remove(entry.key, entry);
        }
    }

    /** The parent of a module's class loader. */
    static ClassLoader loader() {
        return STRUCTS;
    }

    /** The abstract class of functions of this type. */
    Class<?> base() {
        return base;
    }

    Signature signature() {
        return signature;
    }

    /** The parameters and results in compiled code. */
    MethodType jvmType() {
        List<Class<?>> parameters = signature.boxed()
                ? List.of(Object[].class)
                : signature.type().parameters().stream()
                        .<Class<?>>map(SignatureCode::compiledType)
                        .toList();
        return MethodType.methodType(jvmResult(), parameters);
    }

    private static Class<?> compiledType(ValueType type) {
        return type == ValueType.V128 ? VectorValues.TYPE : Values.javaType(type);
    }

    /** The parameters, or results, that are vectors in compiled code: null for what is none. */
    private static @Nullable MethodHandle[] filters(List<ValueType> types, MethodHandle filter) {
        return types.stream().map(t -> t == ValueType.V128 ? filter : null).toArray(MethodHandle[]::new);
    }

    /** Boxes or unboxes the vectors that a method takes from {@code first} on and returns; arrays have them boxed. */
    private MethodHandle convertVectors(MethodHandle target, int first, boolean fromHost) {
        MethodHandle converted = target;
        FunctionType type = signature.type();
        if (!signature.boxed() && type.parameters().contains(ValueType.V128)) {
            MethodHandle filter = fromHost ? VectorValues.UNBOX : VectorValues.BOX;
            converted = MethodHandles.filterArguments(converted, first, filters(type.parameters(), filter));
        }
        if (type.results().size() == 1 && type.results().getFirst() == ValueType.V128) {
            converted = MethodHandles.filterReturnValue(converted, fromHost ? VectorValues.BOX : VectorValues.UNBOX);
        }
        return converted;
    }

    private Class<?> jvmResult() {
        List<ValueType> results = signature.type().results();
        return switch (results.size()) {
            case 0 -> void.class;
            case 1 -> compiledType(results.getFirst());
            default -> signature.packsNumbers() ? long[].class : Object[].class;
        };
    }

    /** A host function as one that compiled code can call. */
    CompiledFunction host(MethodHandle handle, @Nullable InstanceState owner) {
        try {
            return (CompiledFunction) hostConstructor.invokeExact((CompiledFunction.Caller) this, owner, -1, handle);
        } catch (Throwable e) {
            throw new IllegalStateException("a generated constructor failed", e);
        }
    }

    // Calls from Java

    @Override
    public RuntimeType runtimeType() {
        return definition.runtimeType();
    }

    /** The type as modules define it. */
    DefinedType definition() {
        return definition;
    }

    @Override
    public FunctionType type() {
        return signature.type();
    }

    @Override
    public @Nullable Object[] call(CompiledFunction function, @Nullable Object[] arguments) {
        List<ValueType> parameters = type().parameters();
        if (arguments.length != parameters.size()) {
            throw new IllegalArgumentException(
                    "the function takes " + type() + ", got " + arguments.length + " arguments");
        }
        for (int i = 0; i < arguments.length; i++) {
            Values.check(parameters.get(i), arguments[i]);
        }
        InstanceState owner = Boundary.ownerOf(function);
        Boundary.enter(owner);
        Throwable thrown = null;
        try {
            return results(invoke(function, arguments, owner));
        } catch (Throwable e) {
            thrown = e;
            throw Boundary.convert(e, owner);
        } finally {
            Boundary.leave(owner, thrown);
        }
    }

    private @Nullable Object invoke(
            CompiledFunction function, @Nullable Object[] arguments, @Nullable InstanceState caller) throws Throwable {
        @Nullable Object[] all;
        if (signature.boxed()) {
            all = new Object[] {function, arguments, caller};
        } else {
            all = new Object[arguments.length + 2];
            all[0] = function;
            System.arraycopy(arguments, 0, all, 1, arguments.length);
            all[arguments.length + 1] = caller;
        }
        return (Object) spread().invokeExact(all);
    }

    private MethodHandle spread() {
        MethodHandle known = spread;
        if (known == null) {
            known = owner == this ? spreader() : owner.spread();
            spread = known;
        }
        return known;
    }

    private MethodHandle spreader() {
        MethodHandle boxing = convertVectors(direct, 1, true);
        return boxing.asType(boxing.type().generic())
                .asSpreader(Object[].class, direct.type().parameterCount());
    }

    @Override
    public @Nullable Object tailCall(CompiledFunction function, @Nullable Object[] arguments, InstanceState instance) {
        try {
            return invoke(function, arguments, instance);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Boundary.sneak(e);
        }
    }

    /** What compiled code has returned, as one object a result. */
    @Nullable
    Object[] results(@Nullable Object returned) {
        List<ValueType> results = type().results();
        if (results.isEmpty()) {
            return new Object[0];
        }
        if (results.size() == 1) {
            return new Object[] {returned};
        }
        if (returned instanceof long[] bits) {
            Object[] boxed = new Object[bits.length];
            for (int i = 0; i < bits.length; i++) {
                boxed[i] = Values.fromBits(results.get(i), bits[i]);
            }
            return boxed;
        }
        return (Object[]) Objects.requireNonNull(returned);
    }

    /** The opposite of {@link #results}: several results as compiled code wants them. */
    Object packed(@Nullable Object[] results) {
        if (!signature.packsNumbers()) {
            return results;
        }
        return Arrays.stream(results).mapToLong(Values::bits).toArray();
    }

    @Override
    public MethodHandle handle(CompiledFunction function) {
        InstanceState owner = Boundary.ownerOf(function);
        MethodHandle bound = direct.bindTo(function);
        bound = MethodHandles.insertArguments(bound, bound.type().parameterCount() - 1, owner);
        return Boundary.guard(faceOf(convertVectors(bound, 0, true)), owner);
    }

    /** Takes and returns what {@link Function#handle} promises instead of what compiled code does. */
    private MethodHandle faceOf(MethodHandle compiled) {
        MethodHandle face = compiled;
        if (signature.boxed()) {
            Class<?>[] parameters =
                    type().parameters().stream().map(Values::javaType).toArray(Class<?>[]::new);
            face = face.asCollector(Object[].class, parameters.length)
                    .asType(MethodType.methodType(face.type().returnType(), parameters));
        }
        if (type().results().size() > 1) {
            MethodHandle unpack = UNPACK.bindTo(this).asType(MethodType.methodType(Object[].class, jvmResult()));
            face = MethodHandles.filterReturnValue(face, unpack);
        }
        return face;
    }

    /** The opposite of {@link #faceOf} for a host function, whose first parameter is the calling instance. */
    MethodHandle compiledFace(MethodHandle face) {
        MethodHandle compiled = face;
        if (type().results().size() > 1) {
            MethodHandle pack = PACK.bindTo(this).asType(MethodType.methodType(jvmResult(), Object[].class));
            compiled = MethodHandles.filterReturnValue(compiled, pack);
        }
        if (signature.boxed()) {
            int count = type().parameters().size();
            List<Class<?>> generic = new ArrayList<>(Collections.nCopies(count + 1, Object.class));
            generic.set(0, Instance.class);
            compiled = compiled.asType(MethodType.methodType(compiled.type().returnType(), generic))
                    .asSpreader(1, Object[].class, count);
        }
        return convertVectors(compiled, 1, false).asType(jvmType().insertParameterTypes(0, Instance.class));
    }

    private static final MethodHandle UNPACK;
    private static final MethodHandle PACK;

    static {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        try {
            UNPACK = lookup.findVirtual(
                    SignatureCode.class, "results", MethodType.methodType(Object[].class, Object.class));
            PACK = lookup.findVirtual(
                    SignatureCode.class, "packed", MethodType.methodType(Object.class, Object[].class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // The classes

    private String descriptor(String before, String after) {
        return "(" + before + signature.parameterDescriptor() + after + ")" + signature.resultDescriptor();
    }

    private CodeAssembler code(ClassAssembler target, String locals) {
        return new CodeAssembler(target, locals)
                .reference('B', "[Ljava/lang/Object;")
                .reference('S', GuestNames.STATE_BASE)
                .reference('X', GuestNames.FUNCTION_BASE);
    }

    private byte[] baseClass() {
        String name = GuestNames.signatureClass(signature);
        ClassAssembler target =
                new ClassAssembler(ACC_PUBLIC | ACC_ABSTRACT | ACC_SUPER, name, GuestNames.FUNCTION_BASE);
        constructor(target, GuestNames.FUNCTION_BASE);
        target.abstractMethod(ACC_PUBLIC, "call", descriptor("", STATE_D));
        imported(target, name);
        lookup(target, name);
        indirect(target, name);
        reference(target, name);
        return target.toBytes();
    }

    private void constructor(ClassAssembler target, String superName) {
        CodeAssembler code = code(target, "LLSI");
        code.load('L', 0).load('L', 1).load('L', 2).load('I', 3);
        code.invokeSpecial(superName, "<init>", CONSTRUCTOR_D).ret('V');
        code.stack(4);
        target.method(ACC_PUBLIC, "<init>", CONSTRUCTOR_D, code);
    }

    /** {@code static R imported(P…, InstanceState state, int index)}: calls an imported function. */
    private void imported(ClassAssembler target, String name) {
        CodeAssembler code = code(target, signature.jvmParameters() + "SI");
        int state = CodeAssembler.slots(signature.jvmParameters());
        code.load('I', state + 1).load('L', state);
        code.invokeStatic(OPS, "imported", "(I" + STATE_D + ")Lio/selvage/wasm/Function;")
                .checkCast(name);
        finishCall(target, name, code, state, "imported", STATE_D + "I");
    }

    /**
     * {@code static Signature lookup(int index, InstanceState state, int table)}: finds an indirect call's function. Where
     * types share the class, an index of the wanted type follows.
     */
    private void lookup(ClassAssembler target, String name) {
        CodeAssembler code = code(target, signature.typed() ? "ISII" : "ISI");
        CodeAssembler.Label mismatch = new CodeAssembler.Label();
        code.load('I', 0).load('L', 1).load('I', 2);
        code.invokeStatic(OPS, "element", "(I" + STATE_D + "I)L" + GuestNames.FUNCTION_BASE + ";");
        code.store('L', 4).load('L', 4).instanceOf(name).jump(CodeAssembler.IFEQ, mismatch);
        if (signature.typed()) {
            code.load('L', 4).load('L', 1).load('I', 3);
            code.invokeStatic(OPS, "isOfType", "(L" + GuestNames.FUNCTION_BASE + ";" + STATE_D + "I)Z");
            code.jump(CodeAssembler.IFEQ, mismatch);
        }
        code.load('L', 4).checkCast(name).op(CodeAssembler.ARETURN);
        code.bind(mismatch, signature.typed() ? "ISIIX" : "ISITX", "");
        code.load('L', 4);
        code.invokeStatic(OPS, "typeMismatch", "(L" + GuestNames.FUNCTION_BASE + ";)Lio/selvage/wasm/Trap;");
        code.op(CodeAssembler.ATHROW);
        code.stack(4);
        target.method(ACC_PUBLIC | ACC_STATIC, "lookup", lookupDescriptor(signature), code);
    }

    /** The descriptor of {@code lookup}. */
    static String lookupDescriptor(Signature signature) {
        return "(I" + STATE_D + (signature.typed() ? "II)L" : "I)L") + GuestNames.signatureClass(signature) + ";";
    }

    /** The descriptor of {@code indirect}. */
    static String indirectDescriptor(Signature signature) {
        return "(" + signature.parameterDescriptor() + "I" + STATE_D + (signature.typed() ? "II)" : "I)")
                + signature.resultDescriptor();
    }

    /** {@code static R indirect(P…, int index, InstanceState state, int table)}, perhaps with the type's index. */
    private void indirect(ClassAssembler target, String name) {
        CodeAssembler code = code(target, signature.jvmParameters() + (signature.typed() ? "ISII" : "ISI"));
        int index = CodeAssembler.slots(signature.jvmParameters());
        code.load('I', index).load('L', index + 1).load('I', index + 2);
        if (signature.typed()) {
            code.load('I', index + 3);
        }
        code.invokeStatic(name, "lookup", lookupDescriptor(signature));
        finishCall(target, name, code, index + 1, "indirect", "I" + STATE_D + (signature.typed() ? "II" : "I"));
    }

    /** {@code static R reference(P…, Object function, InstanceState state)}: calls a function that may be null. */
    private void reference(ClassAssembler target, String name) {
        CodeAssembler code = code(target, signature.jvmParameters() + "LS");
        int function = CodeAssembler.slots(signature.jvmParameters());
        code.load('L', function);
        code.invokeStatic(OPS, "callable", "(Ljava/lang/Object;)L" + GuestNames.FUNCTION_BASE + ";");
        code.checkCast(name);
        finishCall(target, name, code, function + 1, "reference", "Ljava/lang/Object;" + STATE_D);
    }

    private void finishCall(
            ClassAssembler target, String name, CodeAssembler code, int state, String method, String after) {
        loadParameters(code, 0);
        code.load('L', state).invokeVirtual(name, "call", descriptor("", STATE_D));
        code.ret(signature.resultCharacter());
        code.stack(CodeAssembler.slots(signature.jvmParameters()) + 4);
        target.method(ACC_PUBLIC | ACC_STATIC, method, descriptor("", after), code);
    }

    /** Loads the parameters, the first of them from {@code slot}. */
    private void loadParameters(CodeAssembler code, int slot) {
        int next = slot;
        for (int i = 0; i < signature.jvmParameters().length(); i++) {
            char type = signature.jvmParameters().charAt(i);
            code.load(type, next);
            next += CodeAssembler.width(type);
        }
    }

    private byte[] host() {
        String base = GuestNames.signatureClass(signature);
        String name = base + "_host";
        ClassAssembler target = new ClassAssembler(ACC_PUBLIC | ACC_FINAL | ACC_SUPER, name, base);
        target.field(ACC_FINAL, "handle", HANDLE_D);
        CodeAssembler constructor = code(target, "LLSIL");
        constructor.load('L', 0).load('L', 1).load('L', 2).load('I', 3);
        constructor.invokeSpecial(base, "<init>", CONSTRUCTOR_D);
        constructor.load('L', 0).load('L', 4).putField(name, "handle", HANDLE_D).ret('V');
        constructor.stack(4);
        target.method(ACC_PUBLIC, "<init>", "(" + CALLER_D + STATE_D + "I" + HANDLE_D + ")V", constructor);
        CodeAssembler call = code(target, "L" + signature.jvmParameters() + "S");
        int state = 1 + CodeAssembler.slots(signature.jvmParameters());
        call.load('L', 0).getField(name, "handle", HANDLE_D);
        call.load('L', state).getField(GuestNames.STATE_BASE, "instance", "Lio/selvage/wasm/Instance;");
        loadParameters(call, 1);
        call.invokeVirtual(
                "java/lang/invoke/MethodHandle", "invokeExact", descriptor("Lio/selvage/wasm/Instance;", ""));
        call.ret(signature.resultCharacter());
        call.stack(state + 4);
        target.method(ACC_PUBLIC | ACC_FINAL, "call", descriptor("", STATE_D), call);
        return target.toBytes();
    }

    /** Loads the parameters of a {@code call} method, for the generated functions of a module. */
    void loadCallParameters(CodeAssembler code) {
        loadParameters(code, 1);
    }

    /** The descriptor of {@code call}. */
    String callDescriptor() {
        return descriptor("", STATE_D);
    }
}
