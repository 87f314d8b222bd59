package io.selvage.wasm;

import static io.selvage.wasm.ClassAssembler.ACC_FINAL;
import static io.selvage.wasm.ClassAssembler.ACC_PUBLIC;
import static io.selvage.wasm.ClassAssembler.ACC_SUPER;

import io.selvage.wasm.internal.CompiledFunction;
import io.selvage.wasm.internal.InstanceState;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A module's functions as objects, for tables and exports: objects of classes {@code G<type>_<n>}, each of which stands
 * for a number of functions of one type. Thread-safe.
 */
final class FunctionObjects {
    /** How many functions a class stands for. */
    private static final int PER_CLASS = 32;

    private static final String BASE_D = "L" + GuestNames.STATE_BASE + ";";
    private static final String CALLER_D = "Lio/selvage/wasm/internal/CompiledFunction$Caller;";
    private static final String TICKER = "io/selvage/wasm/internal/Ticker";

    private final ModuleCode names;
    private final ModuleData module;
    private final Map<String, MethodHandle> makers = new ConcurrentHashMap<>();

    /** For each own function its place among the functions of its type; made when first needed. */
    private volatile int @Nullable [] ordinals;

    FunctionObjects(ModuleCode names) {
        this.names = names;
        module = names.module();
    }

    /** A function of the module's own as an object that belongs to {@code state}. */
    CompiledFunction make(int function, InstanceState state) {
        int type = module.functionTypes()[function];
        int ordinal = ordinals()[function - module.importedFunctions()];
        String name = "G" + canonical(type) + "_" + ordinal / PER_CLASS;
        MethodHandle maker = makers.computeIfAbsent(name, this::maker);
        try {
            return (CompiledFunction) maker.invokeExact(
                    (CompiledFunction.Caller) names.signatureCode(type), state, function, ordinal % PER_CLASS);
        } catch (Throwable e) {
            throw Boundary.sneak(e);
        }
    }

    private MethodHandle maker(String name) {
        try {
            Class<?> holder = names.loadClass((GuestNames.PACKAGE + name).replace('/', '.'));
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

    /** The class file of a class of functions as objects. */
    byte[] write(String simple) {
        int type = Integer.parseInt(simple.substring(1, simple.indexOf('_')));
        int first = Integer.parseInt(simple.substring(simple.indexOf('_') + 1)) * PER_CLASS;
        SignatureCode signatureCode = names.signatureCode(type);
        Signature signature = signatureCode.signature();
        String name = GuestNames.PACKAGE + simple;
        String base = GuestNames.signatureClass(signature);
        ClassAssembler target = new ClassAssembler(ACC_PUBLIC | ACC_FINAL | ACC_SUPER, name, base);
        target.field(ACC_FINAL, "selector", "I");
        CodeAssembler constructor = names.code(target, "LLLII");
        constructor.load('L', 0).load('L', 1).load('L', 2).load('I', 3);
        constructor.invokeSpecial(base, "<init>", "(" + CALLER_D + BASE_D + "I)V");
        constructor.load('L', 0).load('I', 4).putField(name, "selector", "I").ret('V');
        constructor.stack(4);
        target.method(ACC_PUBLIC, "<init>", "(" + CALLER_D + BASE_D + "II)V", constructor);
        List<Integer> functions = functionsOf(type, first);
        referenceCall(target, name, signatureCode, functions);
        return target.toBytes();
    }

    /** Own functions of the type whose first index is {@code type}, in order. */
    private List<Integer> functionsOf(int type, int first) {
        int[] places = ordinals();
        List<Integer> functions = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            int function = module.importedFunctions() + i;
            if (places[i] >= first
                    && places[i] < first + PER_CLASS
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
        CodeAssembler code = names.code(target, locals).reference('G', name);
        List<CodeAssembler.Label> labels = CodeAssembler.labels(functions.size());
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
                    names.functionClass(functions.get(i)),
                    names.functionMethod(functions.get(i)),
                    names.functionDescriptor(signature));
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
