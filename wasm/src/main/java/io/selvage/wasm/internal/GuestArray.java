package io.selvage.wasm.internal;

import io.selvage.wasm.Trap;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An array of a guest (core spec §4.2.16): a Java array with its type. The static methods are what compiled code calls;
 * they are small so that the JIT compiler inlines them, and trap where the specification says so.
 */
public abstract class GuestArray extends GuestObject {
    GuestArray(RuntimeType type) {
        super(type);
    }

    /** How many elements it has. */
    public abstract int length();

    /** The Java array. */
    abstract Object elements();

    /** How many elements of the Java array are one of the guest's. */
    int stride() {
        return 1;
    }

    static Trap nullReference() {
        return new Trap(Trap.Kind.NULL_REFERENCE, "null array reference");
    }

    private static Trap outOfBounds(long index, int length) {
        return new Trap(
                Trap.Kind.ARRAY_OUT_OF_BOUNDS,
                Trap.Kind.ARRAY_OUT_OF_BOUNDS.text() + ": at " + index + " of " + length);
    }

    static void check(int index, int length) {
        if (index < 0 || index >= length) {
            throw outOfBounds(Integer.toUnsignedLong(index), length);
        }
    }

    /** Checks that {@code count} elements from {@code index} are inside; both are unsigned. */
    static void checkRange(int index, int count, int length) {
        if ((index | count) < 0 || index > length - count) {
            throw outOfBounds(Integer.toUnsignedLong(index) + Integer.toUnsignedLong(count), length);
        }
    }

    private static GuestArray array(@Nullable Object array) {
        if (array == null) {
            throw nullReference();
        }
        return (GuestArray) array;
    }

    /** {@code array.len}. */
    public static int length(@Nullable Object array) {
        return array(array).length();
    }

    /** {@code array.copy}, of arrays whose elements are stored alike. */
    public static void copy(@Nullable Object target, int to, @Nullable Object source, int from, int count) {
        GuestArray written = array(target);
        GuestArray read = array(source);
        checkRange(to, count, written.length());
        checkRange(from, count, read.length());
        int stride = written.stride();
        System.arraycopy(read.elements(), from * stride, written.elements(), to * stride, count * stride);
    }

    /** Before {@code array.init_data} and {@code array.init_elem}: the Java array, if {@code count} elements fit. */
    public static Object checked(@Nullable Object array, int index, int count) {
        GuestArray written = array(array);
        checkRange(index, count, written.length());
        return written.elements();
    }

    /** An array of i8. */
    public static final class OfI8 extends GuestArray {
        private final byte[] elements;

        private OfI8(RuntimeType type, byte[] elements) {
            super(type);
            this.elements = elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        Object elements() {
            return elements;
        }
    }

    private static OfI8 ofI8(@Nullable Object array) {
        if (array == null) {
            throw nullReference();
        }
        return (OfI8) array;
    }

    public static Object newDefaultI8(int length, RuntimeType type) {
        return new OfI8(type, new byte[length]);
    }

    public static Object newI8(int value, int length, RuntimeType type) {
        OfI8 array = new OfI8(type, new byte[length]);
        Arrays.fill(array.elements, (byte) value);
        return array;
    }

    public static void setI8(@Nullable Object array, int index, int value) {
        byte[] elements = ofI8(array).elements;
        check(index, elements.length);
        elements[index] = (byte) value;
    }

    public static void fillI8(@Nullable Object array, int index, int value, int count) {
        byte[] elements = ofI8(array).elements;
        checkRange(index, count, elements.length);
        Arrays.fill(elements, index, index + count, (byte) value);
    }

    public static int getI8(@Nullable Object array, int index) {
        byte[] elements = ofI8(array).elements;
        check(index, elements.length);
        return elements[index];
    }

    public static int getUnsignedI8(@Nullable Object array, int index) {
        return getI8(array, index) & 0xff;
    }

    /** An array of i16. */
    public static final class OfI16 extends GuestArray {
        private final short[] elements;

        private OfI16(RuntimeType type, short[] elements) {
            super(type);
            this.elements = elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        Object elements() {
            return elements;
        }
    }

    private static OfI16 ofI16(@Nullable Object array) {
        if (array == null) {
            throw nullReference();
        }
        return (OfI16) array;
    }

    public static Object newDefaultI16(int length, RuntimeType type) {
        return new OfI16(type, new short[length]);
    }

    public static Object newI16(int value, int length, RuntimeType type) {
        OfI16 array = new OfI16(type, new short[length]);
        Arrays.fill(array.elements, (short) value);
        return array;
    }

    public static void setI16(@Nullable Object array, int index, int value) {
        short[] elements = ofI16(array).elements;
        check(index, elements.length);
        elements[index] = (short) value;
    }

    public static void fillI16(@Nullable Object array, int index, int value, int count) {
        short[] elements = ofI16(array).elements;
        checkRange(index, count, elements.length);
        Arrays.fill(elements, index, index + count, (short) value);
    }

    public static int getI16(@Nullable Object array, int index) {
        short[] elements = ofI16(array).elements;
        check(index, elements.length);
        return elements[index];
    }

    public static int getUnsignedI16(@Nullable Object array, int index) {
        return getI16(array, index) & 0xffff;
    }

    /** An array of i32. */
    public static final class OfI32 extends GuestArray {
        private final int[] elements;

        private OfI32(RuntimeType type, int[] elements) {
            super(type);
            this.elements = elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        Object elements() {
            return elements;
        }
    }

    private static OfI32 ofI32(@Nullable Object array) {
        if (array == null) {
            throw nullReference();
        }
        return (OfI32) array;
    }

    public static Object newDefaultI32(int length, RuntimeType type) {
        return new OfI32(type, new int[length]);
    }

    public static Object newI32(int value, int length, RuntimeType type) {
        OfI32 array = new OfI32(type, new int[length]);
        Arrays.fill(array.elements, value);
        return array;
    }

    public static void setI32(@Nullable Object array, int index, int value) {
        int[] elements = ofI32(array).elements;
        check(index, elements.length);
        elements[index] = value;
    }

    public static void fillI32(@Nullable Object array, int index, int value, int count) {
        int[] elements = ofI32(array).elements;
        checkRange(index, count, elements.length);
        Arrays.fill(elements, index, index + count, value);
    }

    public static int getI32(@Nullable Object array, int index) {
        int[] elements = ofI32(array).elements;
        check(index, elements.length);
        return elements[index];
    }

    /** An array of i64. */
    public static final class OfI64 extends GuestArray {
        private final long[] elements;

        private OfI64(RuntimeType type, long[] elements) {
            super(type);
            this.elements = elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        Object elements() {
            return elements;
        }
    }

    private static OfI64 ofI64(@Nullable Object array) {
        if (array == null) {
            throw nullReference();
        }
        return (OfI64) array;
    }

    public static Object newDefaultI64(int length, RuntimeType type) {
        return new OfI64(type, new long[length]);
    }

    public static Object newI64(long value, int length, RuntimeType type) {
        OfI64 array = new OfI64(type, new long[length]);
        Arrays.fill(array.elements, value);
        return array;
    }

    public static void setI64(@Nullable Object array, int index, long value) {
        long[] elements = ofI64(array).elements;
        check(index, elements.length);
        elements[index] = value;
    }

    public static void fillI64(@Nullable Object array, int index, long value, int count) {
        long[] elements = ofI64(array).elements;
        checkRange(index, count, elements.length);
        Arrays.fill(elements, index, index + count, value);
    }

    public static long getI64(@Nullable Object array, int index) {
        long[] elements = ofI64(array).elements;
        check(index, elements.length);
        return elements[index];
    }

    /** An array of f32. */
    public static final class OfF32 extends GuestArray {
        private final float[] elements;

        private OfF32(RuntimeType type, float[] elements) {
            super(type);
            this.elements = elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        Object elements() {
            return elements;
        }
    }

    private static OfF32 ofF32(@Nullable Object array) {
        if (array == null) {
            throw nullReference();
        }
        return (OfF32) array;
    }

    public static Object newDefaultF32(int length, RuntimeType type) {
        return new OfF32(type, new float[length]);
    }

    public static Object newF32(float value, int length, RuntimeType type) {
        OfF32 array = new OfF32(type, new float[length]);
        Arrays.fill(array.elements, value);
        return array;
    }

    public static void setF32(@Nullable Object array, int index, float value) {
        float[] elements = ofF32(array).elements;
        check(index, elements.length);
        elements[index] = value;
    }

    public static void fillF32(@Nullable Object array, int index, float value, int count) {
        float[] elements = ofF32(array).elements;
        checkRange(index, count, elements.length);
        Arrays.fill(elements, index, index + count, value);
    }

    public static float getF32(@Nullable Object array, int index) {
        float[] elements = ofF32(array).elements;
        check(index, elements.length);
        return elements[index];
    }

    /** An array of f64. */
    public static final class OfF64 extends GuestArray {
        private final double[] elements;

        private OfF64(RuntimeType type, double[] elements) {
            super(type);
            this.elements = elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        Object elements() {
            return elements;
        }
    }

    private static OfF64 ofF64(@Nullable Object array) {
        if (array == null) {
            throw nullReference();
        }
        return (OfF64) array;
    }

    public static Object newDefaultF64(int length, RuntimeType type) {
        return new OfF64(type, new double[length]);
    }

    public static Object newF64(double value, int length, RuntimeType type) {
        OfF64 array = new OfF64(type, new double[length]);
        Arrays.fill(array.elements, value);
        return array;
    }

    public static void setF64(@Nullable Object array, int index, double value) {
        double[] elements = ofF64(array).elements;
        check(index, elements.length);
        elements[index] = value;
    }

    public static void fillF64(@Nullable Object array, int index, double value, int count) {
        double[] elements = ofF64(array).elements;
        checkRange(index, count, elements.length);
        Arrays.fill(elements, index, index + count, value);
    }

    public static double getF64(@Nullable Object array, int index) {
        double[] elements = ofF64(array).elements;
        check(index, elements.length);
        return elements[index];
    }

    /** An array of references. */
    public static final class OfRef extends GuestArray {
        private final @Nullable Object[] elements;

        private OfRef(RuntimeType type, @Nullable Object[] elements) {
            super(type);
            this.elements = elements;
        }

        @Override
        public int length() {
            return elements.length;
        }

        @Override
        Object elements() {
            return elements;
        }
    }

    private static OfRef ofRef(@Nullable Object array) {
        if (array == null) {
            throw nullReference();
        }
        return (OfRef) array;
    }

    public static Object newDefaultRef(int length, RuntimeType type) {
        return new OfRef(type, new Object[length]);
    }

    public static Object newRef(@Nullable Object value, int length, RuntimeType type) {
        OfRef array = new OfRef(type, new Object[length]);
        Arrays.fill(array.elements, value);
        return array;
    }

    public static void setRef(@Nullable Object array, int index, @Nullable Object value) {
        @Nullable Object[] elements = ofRef(array).elements;
        check(index, elements.length);
        elements[index] = value;
    }

    public static void fillRef(@Nullable Object array, int index, @Nullable Object value, int count) {
        @Nullable Object[] elements = ofRef(array).elements;
        checkRange(index, count, elements.length);
        Arrays.fill(elements, index, index + count, value);
    }

    public static @Nullable Object getRef(@Nullable Object array, int index) {
        @Nullable Object[] elements = ofRef(array).elements;
        check(index, elements.length);
        return elements[index];
    }
}
