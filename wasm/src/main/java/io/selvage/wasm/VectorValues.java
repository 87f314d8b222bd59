package io.selvage.wasm;

import io.selvage.wasm.internal.Vectors;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import jdk.incubator.vector.ByteVector;

/** Vectors of compiled code as Java objects; a class of its own, because it needs {@link VectorModule}. */
final class VectorValues {
    /** The type of a vector in compiled code. */
    static final Class<?> TYPE = ByteVector.class;

    /** Takes a vector of compiled code and answers a {@link V128}. */
    static final MethodHandle BOX;

    /** The opposite of {@link #BOX}. */
    static final MethodHandle UNBOX;

    static {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        try {
            BOX = lookup.findStatic(Vectors.class, "box", MethodType.methodType(V128.class, ByteVector.class));
            UNBOX = lookup.findStatic(Vectors.class, "unbox", MethodType.methodType(ByteVector.class, Object.class))
                    .asType(MethodType.methodType(ByteVector.class, V128.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private VectorValues() {}
}
