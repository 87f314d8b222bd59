package io.selvage.cli;

import io.selvage.wasm.FunctionType;
import io.selvage.wasm.V128;
import io.selvage.wasm.ValueType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Numbers of WebAssembly as text on a command line, as {@code wasmtime run --invoke} reads and writes them. */
final class WasmNumbers {
    private WasmNumbers() {}

    /**
     * The arguments of a call.
     *
     * @param texts one text a parameter: decimal, {@code 0x…}, or for the floats what Java reads, {@code inf}, {@code nan},
     *     for references {@code null}
     * @throws IllegalArgumentException if one cannot be read as its type, or there are too many or too few
     */
    static @Nullable Object[] parse(FunctionType type, List<String> texts) {
        int needed = type.parameters().size();
        if (texts.size() != needed) {
            throw new IllegalArgumentException("it takes " + needed + (needed == 1 ? " argument " : " arguments ")
                    + type + ", but got " + texts.size());
        }
        @Nullable Object[] values = new Object[texts.size()];
        for (int i = 0; i < values.length; i++) {
            try {
                values[i] = parse(type.parameters().get(i), texts.get(i));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("argument " + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        return values;
    }

    private static @Nullable Object parse(ValueType type, String text) {
        try {
            return switch (type.kind()) {
                case I32 -> (int) integer(text, Integer.MIN_VALUE, 0xffff_ffffL);
                case I64 -> i64(text);
                case F32 -> (float) (special(text) ? special64(text) : Float.parseFloat(text));
                case F64 -> special(text) ? special64(text) : Double.parseDouble(text);
                case V128 -> vector(text);
                case REFERENCE -> {
                    if (!text.equals("null")) {
                        throw new IllegalArgumentException(
                                "of type " + type + " only null can be given on a command line, not \"" + text + "\"");
                    }
                    yield null;
                }
            };
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text + "\" is not an " + type, e);
        }
    }

    private static long i64(String text) {
        if (text.startsWith("0x")) {
            return Long.parseUnsignedLong(text, 2, text.length(), 16);
        }
        return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
    }

    private static V128 vector(String text) {
        BigInteger bits = text.startsWith("0x") ? new BigInteger(text.substring(2), 16) : new BigInteger(text);
        if (bits.bitLength() > (bits.signum() < 0 ? 127 : 128)) {
            throw new NumberFormatException(text);
        }
        return new V128(bits.longValue(), bits.shiftRight(64).longValue());
    }

    private static long integer(String text, long least, long most) {
        long value = i64(text);
        if (value < least || value > most) {
            throw new NumberFormatException(text);
        }
        return value;
    }

    private static boolean special(String text) {
        return switch (text) {
            case "inf", "-inf", "nan", "NaN" -> true;
            default -> false;
        };
    }

    private static double special64(String text) {
        return switch (text) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.NaN;
        };
    }

    /** A result: integers signed, floats without an exponent, vectors hexadecimal with lane 0 last. */
    static String format(@Nullable Object value) {
        return switch (value) {
            case Float number -> Float.isFinite(number) ? plain(number, number.toString()) : special(number);
            case Double number -> Double.isFinite(number) ? plain(number, number.toString()) : special(number);
            case null -> "<null reference>";
            case Integer number -> number.toString();
            case Long number -> number.toString();
            case V128 vector -> vector.toString();
            default -> "<reference>";
        };
    }

    private static String plain(double value, String text) {
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        return new BigDecimal(text).stripTrailingZeros().toPlainString();
    }

    private static String special(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        return value > 0 ? "inf" : "-inf";
    }

    /** A result for a JSON document: a number, or a string where JSON has no such number. */
    static Object json(@Nullable Object value) {
        return switch (value) {
            case Integer number -> number;
            case Long number -> number;
            case Float number when Float.isFinite(number) -> number;
            case Double number when Double.isFinite(number) -> number;
            case null, default -> format(value);
        };
    }
}
