package io.selvage.wasm;

import java.util.List;
import java.util.stream.Collectors;

/**
 * How functions of one type look in compiled code: the JVM types they take and return.
 *
 * <p>Numbers are {@code int long float double}, vectors {@code ByteVector}, references {@link Object}. A type with more parameters than a JVM
 * method can take passes them boxed in one {@code Object[]}. Several results come as a {@code long[]} of their bits, or,
 * if there is a reference or a vector among them, boxed in an {@code Object[]}.
 */
final class Signature {
    /** The JVM allows 255 slots (JVMS §4.3.3); some are for the instance and the like. */
    private static final int MAXIMUM_PARAMETER_SLOTS = 240;

    private final FunctionType type;
    private final String parameters;
    private final String results;
    private final boolean boxed;
    private final boolean typed;

    Signature(FunctionType type) {
        this(type, false);
    }

    /**
     * The signature of a type.
     *
     * @param typed whether functions of several types share the classes, because the type is not a {@linkplain
     *     DefinedType#isPlainFunction plain} one: then a call has to look at the type that a function carries
     */
    Signature(FunctionType type, boolean typed) {
        this.type = type;
        this.typed = typed;
        parameters = types(type.parameters());
        results = types(type.results());
        boxed = CodeAssembler.slots(parameters) > MAXIMUM_PARAMETER_SLOTS;
    }

    private static String types(List<ValueType> types) {
        return types.stream().map(t -> String.valueOf(character(t))).collect(Collectors.joining());
    }

    /** The character of {@link CodeAssembler} for a type. */
    static char character(ValueType type) {
        return switch (type.kind()) {
            case I32 -> 'I';
            case I64 -> 'J';
            case F32 -> 'F';
            case F64 -> 'D';
            case V128 -> 'Q';
            case REFERENCE -> 'L';
        };
    }

    FunctionType type() {
        return type;
    }

    /** One character a parameter. */
    String parameters() {
        return parameters;
    }

    /** One character a result. */
    String results() {
        return results;
    }

    /** Whether the parameters come in one {@code Object[]}. */
    boolean boxed() {
        return boxed;
    }

    /** Whether functions of several types share the classes. */
    boolean typed() {
        return typed;
    }

    /** Whether several results come as a {@code long[]}. */
    boolean packsNumbers() {
        return areNumbers(results);
    }

    /** Whether values of these types are all numbers of up to 64 bits. */
    static boolean areNumbers(String types) {
        return types.indexOf('L') < 0 && types.indexOf('Q') < 0;
    }

    /** Whether a type is one of Java's primitive ones. */
    static boolean isNumber(char type) {
        return type != 'L' && type != 'Q';
    }

    /** The types of the JVM parameters, as in {@link CodeAssembler}: {@code B} stands for the boxed ones. */
    String jvmParameters() {
        return boxed ? "B" : parameters;
    }

    /** The JVM descriptor of the parameters, without parentheses. */
    String parameterDescriptor() {
        return boxed ? "[Ljava/lang/Object;" : ValueCode.descriptors(parameters);
    }

    /** The JVM descriptor of what comes back. */
    String resultDescriptor() {
        return switch (results.length()) {
            case 0 -> "V";
            case 1 -> ValueCode.descriptors(results);
            default -> packsNumbers() ? "[J" : "[Ljava/lang/Object;";
        };
    }

    /** The character of what comes back: that of the result, {@code V} for none, {@code L} for several. */
    char resultCharacter() {
        return switch (results.length()) {
            case 0 -> 'V';
            case 1 -> results.charAt(0);
            default -> 'L';
        };
    }

    /** A name that no other type has that does not share the classes, good in a class name. */
    String mangled() {
        if (typed) {
            return "x" + parameters + "_" + results;
        }
        return mangled(type.parameters()) + "_" + mangled(type.results());
    }

    private static String mangled(List<ValueType> types) {
        return types.stream()
                .map(t -> switch (t.kind()) {
                    case I32 -> "i";
                    case I64 -> "l";
                    case F32 -> "f";
                    case F64 -> "d";
                    case V128 -> "v";
                    case REFERENCE -> mangled(t);
                })
                .collect(Collectors.joining());
    }

    private static String mangled(ValueType reference) {
        if (reference == ValueType.FUNCREF) {
            return "r";
        }
        return reference == ValueType.EXTERNREF
                ? "e"
                : (reference.isNullable() ? "n" : "o") + ((AbstractHeapType) reference.heap()).ordinal() + "$";
    }
}
