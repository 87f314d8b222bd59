package io.selvage.wasm.text;

import java.math.BigInteger;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Reads numbers (core spec §6.3.1–6.3.2). What does not fit its type gives an empty result. */
final class NumberText {
    private NumberText() {}

    /** What the characters from {@code start} to {@code end} are; {@link TokenKind#RESERVED} if no number. */
    static TokenKind classify(byte[] source, int start, int end) {
        boolean sign = source[start] == '+' || source[start] == '-';
        int at = sign ? start + 1 : start;
        if (at == end) {
            return TokenKind.RESERVED;
        }
        if (source[at] == 'i' || source[at] == 'n') {
            return isSpecial(source, at, end) ? TokenKind.FLOAT : TokenKind.RESERVED;
        }
        boolean hex = end - at > 2 && source[at] == '0' && source[at + 1] == 'x';
        int radix = hex ? 16 : 10;
        int next = digits(source, hex ? at + 2 : at, end, radix);
        if (next < 0) {
            return TokenKind.RESERVED;
        }
        if (next == end) {
            return sign ? TokenKind.INTEGER : TokenKind.NATURAL;
        }
        return isFraction(source, next, end, radix) ? TokenKind.FLOAT : TokenKind.RESERVED;
    }

    private static boolean isSpecial(byte[] source, int at, int end) {
        if (matches(source, at, end, "inf") || matches(source, at, end, "nan")) {
            return true;
        }
        return end - at > 6 && matches(source, at, at + 6, "nan:0x") && digits(source, at + 6, end, 16) == end;
    }

    private static boolean matches(byte[] source, int at, int end, String text) {
        if (end - at != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (source[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether what follows the first digits is a fraction or an exponent, and nothing else. */
    private static boolean isFraction(byte[] source, int start, int end, int radix) {
        int at = start;
        if (source[at] == '.') {
            at++;
            if (at < end && Character.digit(source[at], radix) >= 0) {
                at = digits(source, at, end, radix);
            }
            if (at < 0 || at == end) {
                return at == end;
            }
        }
        if ((source[at] | 0x20) != (radix == 16 ? 'p' : 'e')) {
            return false;
        }
        at++;
        if (at < end && (source[at] == '+' || source[at] == '-')) {
            at++;
        }
        return digits(source, at, end, 10) == end;
    }

    /** Where the digits that begin here end, single underscores between them; -1 if there is none. */
    private static int digits(byte[] source, int start, int end, int radix) {
        int at = start;
        boolean digitBefore = false;
        while (at < end && (Character.digit(source[at], radix) >= 0 || source[at] == '_' && digitBefore)) {
            digitBefore = source[at++] != '_';
        }
        return digitBefore ? at : -1;
    }

    /**
     * An integer of so many bits, signed or not.
     *
     * @param text a token of the kinds NATURAL or INTEGER
     */
    static OptionalLong integer(String text, int bits) {
        char sign = text.charAt(0);
        BigInteger value = magnitude(sign == '-' || sign == '+' ? text.substring(1) : text);
        if (sign == '-') {
            value = value.negate();
        }
        int most = sign == '+' ? bits - 1 : bits;
        boolean fits = value.signum() < 0 ? value.bitLength() < bits : value.bitLength() <= most;
        return fits ? OptionalLong.of(value.longValue()) : OptionalLong.empty();
    }

    private static BigInteger magnitude(String text) {
        String digits = text.replace("_", "");
        boolean hex = digits.startsWith("0x");
        String significant = (hex ? digits.substring(2) : digits);
        if (significant.length() <= 15) {
            return BigInteger.valueOf(Long.parseLong(significant, hex ? 16 : 10));
        }
        return significant.length() > 1000 ? large(significant, hex) : new BigInteger(significant, hex ? 16 : 10);
    }

    /** Leading zeros may be as many as they like; other digits cannot fit any type. */
    private static BigInteger large(String digits, boolean hex) {
        int zeros = 0;
        while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') {
            zeros++;
        }
        String rest = digits.substring(zeros);
        return rest.length() > 1000 ? BigInteger.ONE.shiftLeft(1000) : new BigInteger(rest, hex ? 16 : 10);
    }

    /** The bits of a 32-bit float, rounded to nearest, ties to even. */
    static OptionalInt f32(String text) {
        String number = text.replace("_", "");
        boolean negative = number.charAt(0) == '-';
        String magnitude = unsigned(number);
        int bits;
        if (magnitude.startsWith("nan")) {
            OptionalLong payload = payload(magnitude, 23);
            if (payload.isEmpty()) {
                return OptionalInt.empty();
            }
            bits = 0x7f80_0000 | (int) payload.getAsLong();
        } else {
            float value = magnitude.equals("inf") ? Float.POSITIVE_INFINITY : Float.parseFloat(java(magnitude));
            if (Float.isInfinite(value) && !magnitude.equals("inf")) {
                return OptionalInt.empty();
            }
            bits = Float.floatToRawIntBits(value);
        }
        return OptionalInt.of(negative ? bits | Integer.MIN_VALUE : bits);
    }

    /** The bits of a 64-bit float, rounded to nearest, ties to even. */
    static OptionalLong f64(String text) {
        String number = text.replace("_", "");
        boolean negative = number.charAt(0) == '-';
        String magnitude = unsigned(number);
        long bits;
        if (magnitude.startsWith("nan")) {
            OptionalLong payload = payload(magnitude, 52);
            if (payload.isEmpty()) {
                return payload;
            }
            bits = 0x7ff0_0000_0000_0000L | payload.getAsLong();
        } else {
            double value = magnitude.equals("inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(java(magnitude));
            if (Double.isInfinite(value) && !magnitude.equals("inf")) {
                return OptionalLong.empty();
            }
            bits = Double.doubleToRawLongBits(value);
        }
        return OptionalLong.of(negative ? bits | Long.MIN_VALUE : bits);
    }

    private static String unsigned(String number) {
        return number.charAt(0) == '-' || number.charAt(0) == '+' ? number.substring(1) : number;
    }

    /** What a NaN carries, of so many bits; the canonical one if none is written. */
    private static OptionalLong payload(String nan, int bits) {
        if (nan.equals("nan")) {
            return OptionalLong.of(1L << (bits - 1));
        }
        OptionalLong payload = integer(nan.substring(4), bits);
        return payload.isPresent() && payload.getAsLong() == 0 ? OptionalLong.empty() : payload;
    }

    /** Java wants an exponent on hexadecimal floats. */
    private static String java(String magnitude) {
        boolean bare = magnitude.startsWith("0x") && magnitude.indexOf('p') < 0 && magnitude.indexOf('P') < 0;
        return bare ? magnitude + "p0" : magnitude;
    }
}
