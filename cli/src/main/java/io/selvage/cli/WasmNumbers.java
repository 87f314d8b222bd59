package io.selvage.cli;

import io.selvage.wasm.FunctionType;
import io.selvage.wasm.V128;
import io.selvage.wasm.ValueType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Numbers of WebAssembly as text on a command line, as {@code wasmtime run --invoke} reads and writes them. */
final class WasmNumbers {
    private static final Pattern FINITE = Pattern.compile("[+-]?(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?"
            + "|0[xX](?:\\p{XDigit}+\\.?\\p{XDigit}*|\\.\\p{XDigit}+)(?<exponent>[pP][+-]?\\d+)?)");
    private static final Pattern INFINITE = Pattern.compile("([+-]?)inf(?:inity)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern NAN =
            Pattern.compile("([+-]?)nan(?::canonical|:0x(?<payload>\\p{XDigit}{1,16}))?", Pattern.CASE_INSENSITIVE);

    private WasmNumbers() {}

    /**
     * The arguments of a call.
     *
     * @param texts one text a parameter: decimal, {@code 0x…}, for the floats also {@code inf}, {@code nan} and
     *     {@code nan:0x…}, for references {@code null}
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
                case F32 -> f32(text);
                case F64 -> f64(text);
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
            String article = type.kind() == ValueType.Kind.V128 ? " is not a " : " is not an ";
            throw new IllegalArgumentException("\"" + text + "\"" + article + type, e);
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

    private static float f32(String text) {
        Matcher nan = NAN.matcher(text);
        if (nan.matches()) {
            int bits = 0x7f80_0000 | (int) payload(nan, 23);
            return Float.intBitsToFloat(nan.group(1).equals("-") ? bits | Integer.MIN_VALUE : bits);
        }
        return Float.parseFloat(withoutNan(text));
    }

    private static double f64(String text) {
        Matcher nan = NAN.matcher(text);
        if (nan.matches()) {
            long bits = 0x7ff0_0000_0000_0000L | payload(nan, 52);
            return Double.longBitsToDouble(nan.group(1).equals("-") ? bits | Long.MIN_VALUE : bits);
        }
        return Double.parseDouble(withoutNan(text));
    }

    /** What a NaN carries, of so many bits; the canonical one if none is written. */
    private static long payload(Matcher nan, int bits) {
        String written = nan.group("payload");
        long payload = written == null ? 1L << (bits - 1) : Long.parseUnsignedLong(written, 16);
        if (payload == 0 || payload >>> bits != 0) {
            throw new NumberFormatException(nan.group());
        }
        return payload;
    }

    /** Any other float as Java reads it, which wants an exponent on hexadecimal ones, and takes {@code 1d} and {@code 5f}. */
    private static String withoutNan(String text) {
        Matcher infinite = INFINITE.matcher(text);
        if (infinite.matches()) {
            return infinite.group(1) + "Infinity";
        }
        Matcher finite = FINITE.matcher(text);
        if (!finite.matches()) {
            throw new NumberFormatException(text);
        }
        boolean hexadecimal = text.indexOf('x') >= 0 || text.indexOf('X') >= 0;
        return hexadecimal && finite.group("exponent") == null ? text + "p0" : text;
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
