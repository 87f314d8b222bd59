package io.selvage.cli;

import io.selvage.wasm.Function;
import io.selvage.wasm.V128;
import io.selvage.wasm.text.ScriptValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A value or a pattern of values in a script of the test suite, as the engine's values. */
record SpectestValue(ScriptValue value) {
    /** What stands for {@code (ref.extern N)}. */
    record HostReference(int number) {}

    private static final int F32_QUIET = 0x7fc0_0000;
    private static final long F64_QUIET = 0x7ff8_0000_0000_0000L;

    static List<SpectestValue> list(List<ScriptValue> values) {
        return values.stream().map(SpectestValue::new).toList();
    }

    private List<SpectestValue> alternatives() {
        return list(value.alternatives());
    }

    /**
     * The value as an argument of a call.
     *
     * @throws IllegalArgumentException if a value of this type cannot be made
     */
    @Nullable
    Object argument() {
        String text = text();
        return switch (value.type()) {
            case "i32" -> Integer.parseUnsignedInt(text);
            case "i64" -> Long.parseUnsignedLong(text);
            case "f32" -> Float.intBitsToFloat(f32(text));
            case "f64" -> Double.longBitsToDouble(f64(text));
            case "v128" -> vector();
            default -> {
                if (text.equals("null")) {
                    yield null;
                }
                if (!value.type().equals("externref") && !value.type().equals("anyref") || text.isEmpty()) {
                    throw new IllegalArgumentException("an argument of type " + value.type() + " other than null");
                }
                yield new HostReference(Integer.parseInt(text));
            }
        };
    }

    /** Whether {@code actual} is this value, bit by bit, or fits this pattern. */
    boolean matches(@Nullable Object actual) {
        return switch (value.type()) {
            case "either" -> alternatives().stream().anyMatch(alternative -> alternative.matches(actual));
            case "i32" -> actual instanceof Integer number && number == Integer.parseUnsignedInt(text());
            case "i64" -> actual instanceof Long number && number == Long.parseUnsignedLong(text());
            case "f32" -> actual instanceof Float number && matchesF32(text(), Float.floatToRawIntBits(number));
            case "f64" -> actual instanceof Double number && matchesF64(text(), Double.doubleToRawLongBits(number));
            case "v128" -> actual instanceof V128 vector && matchesLanes(vector);
            case "funcref" -> isNull() ? actual == null : actual instanceof Function;
            case "refnull" -> actual == null;
            default -> matchesReference(actual);
        };
    }

    private boolean matchesReference(@Nullable Object actual) {
        if (value.lanes().isEmpty()) {
            return actual != null;
        }
        return isNull() ? actual == null : new HostReference(Integer.parseInt(text())).equals(actual);
    }

    /** The bits of the lanes, each of which is a number. */
    private V128 vector() {
        int width = 128 / value.lanes().size();
        long[] halves = new long[2];
        for (int i = 0; i < value.lanes().size(); i++) {
            String text = value.lanes().get(i);
            long bits = width == 64 ? f64(text) : value.shape().equals("f32x4") ? f32(text) : Long.parseLong(text);
            long mask = width == 64 ? -1 : (1L << width) - 1;
            halves[i * width / 64] |= (bits & mask) << i * width % 64;
        }
        return new V128(halves[0], halves[1]);
    }

    private boolean matchesLanes(V128 actual) {
        int width = 128 / value.lanes().size();
        for (int i = 0; i < value.lanes().size(); i++) {
            long half = i * width < 64 ? actual.low() : actual.high();
            long bits = half >>> i * width % 64 & (width == 64 ? -1 : (1L << width) - 1);
            String text = value.lanes().get(i);
            boolean fits = switch (value.shape()) {
                case "f32x4" -> matchesF32(text, (int) bits);
                case "f64x2" -> matchesF64(text, bits);
                default -> bits == Long.parseUnsignedLong(text);
            };
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static boolean matchesF32(String text, int bits) {
        return switch (text) {
            case "nan:canonical" -> (bits & 0x7fff_ffff) == F32_QUIET;
            case "nan:arithmetic" -> (bits & F32_QUIET) == F32_QUIET;
            default -> bits == Integer.parseUnsignedInt(text);
        };
    }

    private static boolean matchesF64(String text, long bits) {
        return switch (text) {
            case "nan:canonical" -> (bits & Long.MAX_VALUE) == F64_QUIET;
            case "nan:arithmetic" -> (bits & F64_QUIET) == F64_QUIET;
            default -> bits == Long.parseUnsignedLong(text);
        };
    }

    private static int f32(String text) {
        return text.startsWith("nan:") ? F32_QUIET : Integer.parseUnsignedInt(text);
    }

    private static long f64(String text) {
        return text.startsWith("nan:") ? F64_QUIET : Long.parseUnsignedLong(text);
    }

    private boolean isNull() {
        return text().equals("null");
    }

    private String text() {
        return value.lanes().isEmpty() ? "" : value.lanes().getFirst();
    }

    /** As a person reads it, for example {@code f32 0x7fc00000 (NaN)}. */
    @Override
    public String toString() {
        return switch (value.type()) {
            case "either" -> "either " + alternatives();
            case "f32" -> text().startsWith("nan:") ? "f32 " + text() : show(Float.intBitsToFloat(f32(text())));
            case "f64" -> text().startsWith("nan:") ? "f64 " + text() : show(Double.longBitsToDouble(f64(text())));
            case "i32", "i64" -> show(argument());
            case "v128" -> value.shape() + " " + String.join(" ", value.lanes());
            default -> value.type() + " " + text();
        };
    }

    /** A result of a call in the same words as {@link #toString}. */
    static String show(@Nullable Object value) {
        return switch (value) {
            case Integer number -> "i32 " + number;
            case Long number -> "i64 " + number;
            case Float number -> String.format("f32 0x%08x (%s)", Float.floatToRawIntBits(number), number);
            case Double number -> String.format("f64 0x%016x (%s)", Double.doubleToRawLongBits(number), number);
            case HostReference reference -> "externref " + reference.number();
            case V128 vector -> "v128 " + vector;
            case Function _ -> "funcref";
            case null -> "null";
            default -> value.toString();
        };
    }
}
