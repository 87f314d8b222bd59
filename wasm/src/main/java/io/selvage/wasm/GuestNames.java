package io.selvage.wasm;

import io.selvage.wasm.internal.CompiledFunction;
import io.selvage.wasm.internal.InstanceState;

/** The names of the classes that compiled guests consist of. */
final class GuestNames {
    /** The package of all generated classes, with a slash behind it. */
    static final String PACKAGE = "selvage/guest/";

    static final String STATE_BASE = InstanceState.class.getName().replace('.', '/');
    static final String FUNCTION_BASE = CompiledFunction.class.getName().replace('.', '/');

    /** A module's subclass of {@link InstanceState}. */
    static final String STATE = PACKAGE + "State";

    /** How the name of the shared class of a function type begins, in the package. */
    static final String SIGNATURE = "Signature_";

    /** A vector in compiled code. */
    static final String VECTOR = "jdk/incubator/vector/ByteVector";

    /** The helpers for boxes of vectors. */
    static final String VECTORS = "io/selvage/wasm/internal/Vectors";

    private GuestNames() {}

    /** The abstract class of functions of one type. */
    static String signatureClass(Signature signature) {
        return PACKAGE + SIGNATURE + signature.mangled();
    }
}
