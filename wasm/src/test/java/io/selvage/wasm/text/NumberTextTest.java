package io.selvage.wasm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Numbers are read to the bit. */
class NumberTextTest {
    private static final int ROUNDS = 20_000;

    @Test
    void everyFloatComesBackFromItsTextInBothBases() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < ROUNDS; i++) {
            int bits = random.nextInt();
            float value = Float.intBitsToFloat(bits);
            if (Float.isFinite(value)) {
                assertEquals(bits, NumberText.f32(Float.toString(value)).orElseThrow());
                assertEquals(bits, NumberText.f32(Float.toHexString(value)).orElseThrow());
                assertEquals(
                        bits,
                        NumberText.f32(new BigDecimal(value).toPlainString().replaceFirst("^", sign(value)))
                                .orElseThrow());
            }
        }
    }

    /** {@link BigDecimal} knows no negative zero. */
    private static String sign(double value) {
        return value == 0 && 1 / value < 0 ? "-" : "";
    }

    @Test
    void everyDoubleComesBackFromItsTextInBothBases() {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < ROUNDS; i++) {
            long bits = random.nextLong();
            double value = Double.longBitsToDouble(bits);
            if (Double.isFinite(value)) {
                assertEquals(bits, NumberText.f64(Double.toString(value)).orElseThrow());
                assertEquals(bits, NumberText.f64(Double.toHexString(value)).orElseThrow());
            }
        }
    }

    @Test
    void whatLiesBetweenTwoFloatsGoesToTheNearerOneAndTiesToTheEvenOne() {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < ROUNDS; i++) {
            int bits = random.nextInt(0x7f7f_ffff);
            BigDecimal low = new BigDecimal(Float.intBitsToFloat(bits));
            BigDecimal high = new BigDecimal(Float.intBitsToFloat(bits + 1));
            BigDecimal middle = low.add(high).divide(BigDecimal.TWO, MathContext.UNLIMITED);
            BigDecimal little = high.subtract(low).movePointLeft(30);
            assertEquals(bits + (bits & 1), f32(middle));
            assertEquals(bits, f32(middle.subtract(little)));
            assertEquals(bits + 1, f32(middle.add(little)));
        }
    }

    private static int f32(BigDecimal value) {
        return NumberText.f32(value.toString().replace("E", "e")).orElseThrow();
    }

    @Test
    void hexadecimalFloatsRoundOnceHoweverLongTheyAre() {
        assertEquals(0x3f80_0000, f32("0x1.000001"));
        assertEquals(0x3f80_0001, f32("0x1.00000100000000000000000000000000000000001p0"));
        assertEquals(0x3f80_0002, f32("0x1.000003"));
        assertEquals(0x3f80_0001, f32("0x1.000002ffffffffffffffffffffffffffffffffff"));
        assertEquals(0x0000_0001, f32("0x1p-149"));
        assertEquals(0x0000_0000, f32("0x1p-150"));
        assertEquals(0x0000_0001, f32("0x1.00000000000000000000001p-150"));
        assertEquals(0x7f7f_ffff, f32("0x1.fffffefffffffffffffffffffp127"));
        assertEquals(OptionalInt.empty(), NumberText.f32("0x1.ffffffp127"));
        assertEquals(0x3f80_0000, f32("0x0.0000_0000_0000_1p+5_2"));
        assertEquals(0, f32("0x1p-99999999999999999999"));
        assertEquals(OptionalLong.empty(), NumberText.f64("1e99999999999999999999"));
        assertEquals(1L << 63, NumberText.f64("-0e99999999999999999999").orElseThrow());
    }

    private static int f32(String text) {
        return NumberText.f32(text).orElseThrow();
    }

    @Test
    void integersFitTheirBits() {
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < ROUNDS; i++) {
            long value = random.nextLong() >> random.nextInt(64);
            assertEquals(value, NumberText.integer(Long.toString(value), 64).orElseThrow());
            assertEquals(
                    value, NumberText.integer(Long.toUnsignedString(value), 64).orElseThrow());
            assertEquals(
                    value,
                    NumberText.integer("0x" + Long.toHexString(value), 64).orElseThrow());
            boolean fits = value >= Integer.MIN_VALUE && value <= 0xffff_ffffL;
            assertEquals(fits, NumberText.integer(Long.toString(value), 32).isPresent());
        }
        assertTrue(NumberText.integer("+127", 8).isPresent());
        assertFalse(NumberText.integer("+128", 8).isPresent());
        assertFalse(NumberText.integer("-129", 8).isPresent());
        assertEquals(7, NumberText.integer("0x" + "0".repeat(100_000) + "7", 8).orElseThrow());
        assertFalse(NumberText.integer("9".repeat(1_000_000), 64).isPresent());
    }
}
