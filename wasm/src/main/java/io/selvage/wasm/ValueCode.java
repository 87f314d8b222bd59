package io.selvage.wasm;

import io.selvage.wasm.internal.Ops;

/**
 * What values are in JVM code: their descriptors, what they are at first, and how they get into objects and into 64 bits
 * and out again. Types are characters as in {@link CodeAssembler}.
 */
final class ValueCode {
    private static final String OPS = Ops.class.getName().replace('.', '/');

    private ValueCode() {}

    /** The JVM descriptor of a value of {@code type}. */
    static String descriptor(char type) {
        return switch (type) {
            case 'L' -> "Ljava/lang/Object;";
            case 'Q' -> "L" + GuestNames.VECTOR + ";";
            default -> String.valueOf(type);
        };
    }

    /** The JVM descriptors of values of these types, one after the other. */
    static String descriptors(String types) {
        StringBuilder descriptors = new StringBuilder();
        for (int i = 0; i < types.length(); i++) {
            descriptors.append(descriptor(types.charAt(i)));
        }
        return descriptors.toString();
    }

    /** Pushes what a local of {@code type} begins with. */
    static void zero(CodeAssembler code, char type) {
        if (type == 'Q') {
            code.invokeStatic(GuestNames.VECTORS, "zero", "()" + descriptor('Q'));
        } else {
            code.zero(type);
        }
    }

    /** Makes an object of the value on the JVM's stack. */
    static void box(CodeAssembler code, char type) {
        if (type == 'Q') {
            code.invokeStatic(GuestNames.VECTORS, "box", "(" + descriptor('Q') + ")Lio/selvage/wasm/V128;");
        } else if (type != 'L') {
            code.invokeStatic(OPS, "box", "(" + type + ")Ljava/lang/Object;");
        }
    }

    /** The opposite of {@link #box}. */
    static void unbox(CodeAssembler code, char type) {
        if (type == 'Q') {
            code.invokeStatic(GuestNames.VECTORS, "unbox", "(Ljava/lang/Object;)" + descriptor('Q'));
        } else if (type != 'L') {
            code.invokeStatic(OPS, "unbox" + type, "(Ljava/lang/Object;)" + type);
        }
    }

    /** Makes 64 bits of the number on the JVM's stack. */
    static void toBits(CodeAssembler code, char type) {
        code.invokeStatic(OPS, "bits", "(" + type + ")J");
    }

    /** The opposite of {@link #toBits}. */
    static void fromBits(CodeAssembler code, char type) {
        code.invokeStatic(OPS, "fromBits" + type, "(J)" + type);
    }
}
