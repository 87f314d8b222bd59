package io.selvage.wasm;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Sees to it that the JDK's vector module is there when a guest needs it. It is an incubator module, which the JVM loads
 * only if told to on the command line, with a warning at every start and at some cost; so the engine loads it itself,
 * when the first module with vectors comes (see RATIONALE.md).
 */
final class VectorModule {
    private static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /** Is made once, when a module first needs vectors. */
    private static final class Holder {
        private static final boolean PRESENT = load();
    }

    /**
     * Loads the module if that has not been done.
     *
     * @throws UnsupportedException if the JVM does not let it be loaded
     */
    static void require(int offset) {
        if (!Holder.PRESENT) {
            throw new UnsupportedException(
                    "SIMD is not supported by this JVM as it was started: give it the options in wasm/jvm.options, or"
                            + " --add-modules " + NAME,
                    offset);
        }
    }

    private static boolean load() {
        if (ModuleLayer.boot().findModule(NAME).isPresent()) {
            return true;
        }
        try {
            Class<?> modules = Class.forName("jdk.internal.module.Modules");
            MethodHandle loadModule = MethodHandles.lookup()
                    .findStatic(modules, "loadModule", MethodType.methodType(java.lang.Module.class, String.class));
            java.lang.Module loaded = (java.lang.Module) loadModule.invokeExact(NAME);
            VectorModule.class.getModule().addReads(loaded);
            return true;
        } catch (Throwable _) {
            // It is not there, or java.base does not export what loads it: the caller says what to do.
            return false;
        }
    }
}
