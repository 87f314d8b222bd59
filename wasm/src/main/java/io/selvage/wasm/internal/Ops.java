package io.selvage.wasm.internal;

import io.selvage.wasm.Function;
import io.selvage.wasm.Global;
import io.selvage.wasm.GuestException;
import io.selvage.wasm.Memory;
import io.selvage.wasm.Module;
import io.selvage.wasm.Table;
import io.selvage.wasm.Trap;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The instructions that are more than one JVM instruction (core spec §4.3, §4.4). Compiled code calls these; they are
 * small so that the JIT compiler inlines them, and their names are those of the instructions.
 *
 * <p>An access outside the memory is found by the array's own bounds check; its exception becomes a trap where the host
 * called the guest.
 */
public final class Ops {
    /** How many loop turns compiled code makes before it looks at the clock. */
    public static final int FUEL = 1_000;

    /** What an object takes of the heap besides its fields or elements, about. */
    public static final int OBJECT_BYTES = 16;

    private static final int EXCEPTION_BYTES = 64;

    private Ops() {}

    // Fairness and limits

    /** At a function's entry, when the epoch has changed. */
    public static void tick(InstanceState state) {
        state.support.tick();
    }

    /** In a loop, when its fuel is used up; answers new fuel. */
    public static int poll(InstanceState state) {
        if (Ticker.now() != state.epoch) {
            state.support.tick();
        }
        return FUEL;
    }

    /** In a loop whose every turn enters a function that looks at its flag: sees to it that each reads it anew. */
    public static void readAnew() {
        VarHandle.loadLoadFence();
    }

    // Control

    public static Trap unreachable() {
        return new Trap(Trap.Kind.UNREACHABLE);
    }

    /** Makes the tail calls that a body has left behind; answers what the last of them returned. */
    public static @Nullable Object trampoline(InstanceState state) {
        InstanceState holder = state;
        Object result = null;
        int fuel = FUEL;
        while (true) {
            InstanceState.TailCall next = holder.pending;
            if (next == null) {
                return result;
            }
            holder.pending = null;
            if (--fuel < 0) {
                fuel = poll(state);
            }
            result = next.target().tailCall(next.arguments(), holder);
            InstanceState owner = next.target().owner;
            if (owner == null) {
                return result;
            }
            holder = owner;
        }
    }

    /** Leaves a tail call of a function of the instance's own to the trampoline. */
    public static void tailCall(@Nullable Object[] arguments, InstanceState state, int function) {
        state.pending = new InstanceState.TailCall((CompiledFunction) state.support.function(function), arguments);
    }

    /** Leaves an indirect tail call, already looked up, to the trampoline. */
    public static void tailCall(@Nullable Object[] arguments, CompiledFunction target, InstanceState state) {
        state.pending = new InstanceState.TailCall(target, arguments);
    }

    /** The function that an indirect call means, whatever its type. */
    public static CompiledFunction element(int index, InstanceState state, int table) {
        Object function = state.tables[table].present(index);
        if (function == null) {
            throw noElement(index, state.tables[table]);
        }
        return (CompiledFunction) function;
    }

    private static Trap noElement(int index, Table table) {
        String which = Integer.toUnsignedString(index);
        return Integer.compareUnsigned(index, table.size()) >= 0
                ? new Trap(
                        Trap.Kind.UNDEFINED_ELEMENT,
                        Trap.Kind.UNDEFINED_ELEMENT.text() + ": " + which + " in a table of " + table.size())
                : new Trap(Trap.Kind.UNINITIALIZED_ELEMENT, Trap.Kind.UNINITIALIZED_ELEMENT.text() + " " + which);
    }

    /** Whether a function is of the type with this index. */
    public static boolean isOfType(CompiledFunction function, InstanceState state, int type) {
        return function.runtimeType.isSubtypeOf(state.types[type]);
    }

    /** An imported function. */
    public static Function imported(int index, InstanceState state) {
        Function known = state.imports[index];
        return known == null ? state.support.importedFunction(index) : known;
    }

    /** What a {@code call_ref} calls. */
    public static CompiledFunction callable(@Nullable Object function) {
        if (function == null) {
            throw new Trap(Trap.Kind.NULL_REFERENCE, "null function reference");
        }
        return (CompiledFunction) function;
    }

    /** An indirect call's function has another type. */
    public static Trap typeMismatch(CompiledFunction function) {
        return new Trap(
                Trap.Kind.INDIRECT_CALL_TYPE_MISMATCH,
                Trap.Kind.INDIRECT_CALL_TYPE_MISMATCH.text() + ": the function is " + function.type());
    }

    /** Which target a large {@code br_table} takes, as a relative depth. */
    public static int branchDepth(int index, InstanceState state, int position) {
        return state.support.branchDepth(position, index);
    }

    /** Where a large {@code br_table} of a very large function goes on. */
    public static int branchCode(int index, InstanceState state, int table) {
        return state.support.branchCode(table, index);
    }

    // Structs, arrays and references to them

    /** Counts an object that has just been made, of about so many bytes. */
    public static void made(Object object, InstanceState state, int bytes) {
        if ((state.unsampled -= bytes) < 0) {
            state.support.sample(object);
        }
    }

    /** The same of an array, by its elements' bytes. */
    public static void arrayMade(Object array, InstanceState state, int elementBytes) {
        if ((state.unsampled -= OBJECT_BYTES + (long) GuestArray.length(array) * elementBytes) < 0) {
            state.support.sample(array);
        }
    }

    /** What a struct's field is read of or written to. */
    public static Object struct(@Nullable Object reference) {
        if (reference == null) {
            throw new Trap(Trap.Kind.NULL_REFERENCE, "null structure reference");
        }
        return reference;
    }

    public static int i31GetS(@Nullable Object reference) {
        if (reference == null) {
            throw new Trap(Trap.Kind.NULL_REFERENCE, "null i31 reference");
        }
        return ((I31) reference).value();
    }

    public static int i31GetU(@Nullable Object reference) {
        return i31GetS(reference) & 0x7fff_ffff;
    }

    public static int refEq(@Nullable Object a, @Nullable Object b) {
        return a == b || (a instanceof I31 x && b instanceof I31 y && x.value() == y.value()) ? 1 : 0;
    }

    public static Object nonNull(@Nullable Object reference) {
        if (reference == null) {
            throw new Trap(Trap.Kind.NULL_REFERENCE);
        }
        return reference;
    }

    /** What a {@code ref.cast} answers, once it is known whether the reference is of the type. */
    public static @Nullable Object cast(@Nullable Object reference, boolean fits) {
        if (!fits) {
            throw new Trap(Trap.Kind.CAST_FAILURE);
        }
        return reference;
    }

    public static boolean isAny(@Nullable Object reference, int nullable) {
        return reference != null || nullable != 0;
    }

    public static boolean isNull(@Nullable Object reference, int nullable) {
        return reference == null && nullable != 0;
    }

    public static boolean isEq(@Nullable Object reference, int nullable) {
        return reference instanceof GuestObject || reference instanceof I31 || isNull(reference, nullable);
    }

    public static boolean isI31(@Nullable Object reference, int nullable) {
        return reference instanceof I31 || isNull(reference, nullable);
    }

    public static boolean isStruct(@Nullable Object reference, int nullable) {
        return reference instanceof GuestStruct || isNull(reference, nullable);
    }

    public static boolean isArray(@Nullable Object reference, int nullable) {
        return reference instanceof GuestArray || isNull(reference, nullable);
    }

    public static boolean isObject(@Nullable Object reference, int nullable, InstanceState state, int type) {
        return reference instanceof GuestObject object
                ? object.type.isSubtypeOf(state.types[type])
                : isNull(reference, nullable);
    }

    public static boolean isFunction(@Nullable Object reference, int nullable, InstanceState state, int type) {
        return reference instanceof CompiledFunction function
                ? function.runtimeType.isSubtypeOf(state.types[type])
                : isNull(reference, nullable);
    }

    /** The length of an array to be made, an unsigned number, if the instance may have one so long. */
    public static int arrayLength(int length, InstanceState state, int elementBytes) {
        if (Integer.toUnsignedLong(length) * elementBytes > state.arrayBytes) {
            throw new Trap(
                    Trap.Kind.OUT_OF_MEMORY,
                    "the guest asks for an array of " + Integer.toUnsignedString(length) + " elements; the limit is "
                            + state.arrayBytes + " bytes");
        }
        Bulk.moved(state, Integer.toUnsignedLong(length) * elementBytes);
        return length;
    }

    /** Counts elements that are moved, an unsigned number, as work; answers the number. */
    public static int elements(int count, InstanceState state) {
        Bulk.moved(state, Integer.toUnsignedLong(count) * Long.BYTES);
        return count;
    }

    public static Object arrayNewData(int offset, int length, InstanceState state, int type, int segment) {
        return state.support.arrayNewData(type, segment, offset, length);
    }

    public static Object arrayNewElements(int offset, int length, InstanceState state, int type, int segment) {
        return state.support.arrayNewElements(type, segment, offset, length);
    }

    public static void arrayInitData(
            @Nullable Object array, int index, int offset, int count, InstanceState state, int type, int segment) {
        state.support.arrayInitData(GuestArray.checked(array, index, count), index, type, segment, offset, count);
    }

    public static void arrayInitElements(
            @Nullable Object array, int index, int offset, int count, InstanceState state, int type, int segment) {
        state.support.arrayInitElements(GuestArray.checked(array, index, count), index, segment, offset, count);
    }

    // Exceptions

    /** An exception that carries nothing. */
    public static GuestException exception(InstanceState state, int tag) {
        return exception(state, tag, 0, null);
    }

    /** One that carries a number. */
    public static GuestException exception(long bits, InstanceState state, int tag) {
        return exception(state, tag, bits, null);
    }

    /** One that carries a reference, or several values in an array. */
    public static GuestException exception(@Nullable Object payload, InstanceState state, int tag) {
        return exception(state, tag, 0, payload);
    }

    private static GuestException exception(InstanceState state, int tag, long bits, @Nullable Object payload) {
        Module thrower = state.traceable > 0 ? traced(state) : null;
        GuestException exception = GuestException.compiled(state.tags[tag], bits, payload, thrower);
        int values =
                payload instanceof long[] packed ? packed.length : payload instanceof Object[] boxed ? boxed.length : 0;
        made(exception, state, EXCEPTION_BYTES + values * Long.BYTES);
        return exception;
    }

    private static Module traced(InstanceState state) {
        state.traceable--;
        return state.instance.module();
    }

    /** Whether an exception is of a kind. */
    public static boolean isTagged(Object exception, InstanceState state, int tag) {
        return ((GuestException) exception).tag() == state.tags[tag];
    }

    public static long exceptionBits(Object exception) {
        return ((GuestException) exception).bits();
    }

    public static @Nullable Object exceptionPayload(Object exception) {
        return ((GuestException) exception).payload();
    }

    /** What {@code throw_ref} and {@code rethrow} throw. */
    public static GuestException thrown(@Nullable Object exception) {
        if (exception == null) {
            throw new Trap(Trap.Kind.NULL_REFERENCE, "null exception reference");
        }
        return (GuestException) exception;
    }

    public static int select(int a, int b, int condition) {
        return condition != 0 ? a : b;
    }

    public static long select(long a, long b, int condition) {
        return condition != 0 ? a : b;
    }

    public static float select(float a, float b, int condition) {
        return condition != 0 ? a : b;
    }

    public static double select(double a, double b, int condition) {
        return condition != 0 ? a : b;
    }

    public static @Nullable Object select(@Nullable Object a, @Nullable Object b, int condition) {
        return condition != 0 ? a : b;
    }

    // References

    public static int refIsNull(@Nullable Object reference) {
        return reference == null ? 1 : 0;
    }

    public static Function function(InstanceState state, int index) {
        return state.support.function(index);
    }

    // Globals that have a cell of their own

    public static long globalBits(InstanceState state, int index) {
        return cell(state, index).bits();
    }

    public static @Nullable Object globalReference(InstanceState state, int index) {
        return cell(state, index).reference();
    }

    public static void setGlobalBits(long bits, InstanceState state, int index) {
        cell(state, index).bits(bits);
    }

    public static void setGlobalReference(@Nullable Object reference, InstanceState state, int index) {
        cell(state, index).reference(reference);
    }

    private static Global cell(InstanceState state, int index) {
        Global cell = state.globals[index];
        if (cell == null) {
            throw new IllegalStateException("global " + index + " has no cell");
        }
        return cell;
    }

    // Boxes, for tail calls and for functions with very many parameters or several results

    public static Object box(int value) {
        return value;
    }

    public static Object box(long value) {
        return value;
    }

    public static Object box(float value) {
        return value;
    }

    public static Object box(double value) {
        return value;
    }

    public static int unboxI(Object value) {
        return (Integer) value;
    }

    public static long unboxJ(Object value) {
        return (Long) value;
    }

    public static float unboxF(Object value) {
        return (Float) value;
    }

    public static double unboxD(Object value) {
        return (Double) value;
    }

    /** The bits of a number, as several results and cells keep them. */
    public static long bits(int value) {
        return value & 0xffff_ffffL;
    }

    public static long bits(long value) {
        return value;
    }

    public static long bits(float value) {
        return Float.floatToRawIntBits(value) & 0xffff_ffffL;
    }

    public static long bits(double value) {
        return Double.doubleToRawLongBits(value);
    }

    public static int fromBitsI(long bits) {
        return (int) bits;
    }

    public static long fromBitsJ(long bits) {
        return bits;
    }

    public static float fromBitsF(long bits) {
        return Float.intBitsToFloat((int) bits);
    }

    public static double fromBitsD(long bits) {
        return Double.longBitsToDouble(bits);
    }

    // Locals of very large functions, past those that have a field

    public static void setWide(int value, long[] wide, int index) {
        wide[index] = value;
    }

    public static void setWide(long value, long[] wide, int index) {
        wide[index] = value;
    }

    public static void setWide(float value, long[] wide, int index) {
        wide[index] = Float.floatToRawIntBits(value);
    }

    public static void setWide(double value, long[] wide, int index) {
        wide[index] = Double.doubleToRawLongBits(value);
    }

    public static void setWide(@Nullable Object value, @Nullable Object[] wide, int index) {
        wide[index] = value;
    }

    // Memory

    static Trap outOfBounds(int address, int offset, byte[] memory) {
        return new Trap(
                Trap.Kind.MEMORY_OUT_OF_BOUNDS,
                Trap.Kind.MEMORY_OUT_OF_BOUNDS.text() + ": at "
                        + (Integer.toUnsignedLong(address) + Integer.toUnsignedLong(offset)) + " of "
                        + memory.length);
    }

    /** An access whose static offset alone is past any memory of this engine. */
    public static Trap outOfBounds() {
        return new Trap(Trap.Kind.MEMORY_OUT_OF_BOUNDS);
    }

    public static void memoryInit(int target, int source, int length, InstanceState state, int segment, int memory) {
        state.support.memoryInit(segment, memory, target, source, length);
        Bulk.moved(state, length);
    }

    /**
     * An address in a shared memory, whose array may be longer than the memory is.
     *
     * @param end how far behind the address the access ends, an unsigned number
     */
    public static int within(int address, int end, InstanceState state, int memory) {
        Memory accessed = state.memories[memory];
        if (Integer.toUnsignedLong(address) + Integer.toUnsignedLong(end) > accessed.size()) {
            throw outOfBounds(address, end, accessed.bytes());
        }
        return address;
    }

    /** The bytes of a memory other than the first. */
    public static byte[] memory(InstanceState state, int memory) {
        return state.memories[memory].bytes();
    }

    public static int memorySize(InstanceState state, int memory) {
        return state.memories[memory].pages();
    }

    public static int memoryGrow(int delta, InstanceState state, int memory) {
        int before = state.memories[memory].grow(delta);
        if (before >= 0 && delta != 0) {
            Bulk.moved(state, state.memories[memory].size());
        }
        return before;
    }

    public static void memoryFill(int target, int value, int length, InstanceState state, int memory) {
        Memory filled = state.memories[memory];
        filled.check(target, length);
        Bulk.fill(filled.bytes(), target, (byte) value, length, state);
    }

    public static void memoryCopy(int target, int source, int length, InstanceState state, int to, int from) {
        state.memories[from].check(source, length);
        state.memories[to].check(target, length);
        Bulk.copy(state.memories[from].bytes(), source, state.memories[to].bytes(), target, length, state);
    }

    /** An address or length of 64 bits as one of 32; what is past any memory or table becomes the largest number. */
    public static int narrow(long address) {
        return address >>> 31 == 0 ? (int) address : -1;
    }

    /**
     * An address or length of 64 bits in a memory as one of 32.
     *
     * @throws Trap if no memory of this engine reaches as far
     */
    public static int address(long address) {
        if (address >>> 31 != 0) {
            throw pastAnyMemory(address);
        }
        return (int) address;
    }

    private static Trap pastAnyMemory(long address) {
        return new Trap(
                Trap.Kind.MEMORY_OUT_OF_BOUNDS,
                Trap.Kind.MEMORY_OUT_OF_BOUNDS.text() + ": " + Long.toUnsignedString(address) + " is past any memory");
    }

    public static void dataDrop(InstanceState state, int segment) {
        state.support.dataDrop(segment);
    }

    // Tables

    public static @Nullable Object tableGet(int index, InstanceState state, int table) {
        return state.tables[table].get(index);
    }

    public static void tableSet(int index, @Nullable Object value, InstanceState state, int table) {
        state.tables[table].set(index, value);
    }

    public static int tableSize(InstanceState state, int table) {
        return state.tables[table].size();
    }

    public static int tableGrow(@Nullable Object value, int delta, InstanceState state, int table) {
        int before = state.tables[table].grow(value, delta);
        if (before >= 0 && delta != 0) {
            elements(state.tables[table].size(), state);
        }
        return before;
    }

    public static void tableFill(int index, @Nullable Object value, int length, InstanceState state, int table) {
        state.tables[table].fill(index, value, length);
        elements(length, state);
    }

    public static void tableCopy(int target, int source, int length, InstanceState state, int to, int from) {
        state.tables[to].copy(target, state.tables[from], source, length);
        elements(length, state);
    }

    public static void tableInit(int target, int source, int length, InstanceState state, int segment, int table) {
        state.support.tableInit(table, segment, target, source, length);
        elements(length, state);
    }

    public static void elementDrop(InstanceState state, int segment) {
        state.support.elementDrop(segment);
    }

    // Integer arithmetic

    public static int i32Eqz(int a) {
        return a == 0 ? 1 : 0;
    }

    public static int i64Eqz(long a) {
        return a == 0 ? 1 : 0;
    }

    public static int i32DivS(int a, int b) {
        if (b == -1 && a == Integer.MIN_VALUE) {
            throw new Trap(Trap.Kind.INTEGER_OVERFLOW);
        }
        return a / b;
    }

    public static long i64DivS(long a, long b) {
        if (b == -1 && a == Long.MIN_VALUE) {
            throw new Trap(Trap.Kind.INTEGER_OVERFLOW);
        }
        return a / b;
    }

    // Floating-point arithmetic: where Java's operation would let a signalling NaN through, x + x makes it quiet.

    public static float f32Ceil(float a) {
        return (float) Math.ceil(a);
    }

    public static float f32Floor(float a) {
        return (float) Math.floor(a);
    }

    public static float f32Trunc(float a) {
        return (float) f64Trunc(a);
    }

    public static float f32Nearest(float a) {
        return (float) f64Nearest(a);
    }

    public static float f32Sqrt(float a) {
        return (float) Math.sqrt(a);
    }

    public static double f64Sqrt(double a) {
        return Math.sqrt(a);
    }

    public static double f64Ceil(double a) {
        return a != a ? a + a : Math.ceil(a);
    }

    public static double f64Floor(double a) {
        return a != a ? a + a : Math.floor(a);
    }

    public static double f64Trunc(double a) {
        if (a != a) {
            return a + a;
        }
        return a < 0 ? Math.ceil(a) : Math.floor(a);
    }

    public static double f64Nearest(double a) {
        return a != a ? a + a : Math.rint(a);
    }

    public static float f32Min(float a, float b) {
        return a != a || b != b ? a + b : Math.min(a, b);
    }

    public static float f32Max(float a, float b) {
        return a != a || b != b ? a + b : Math.max(a, b);
    }

    public static double f64Min(double a, double b) {
        return a != a || b != b ? a + b : Math.min(a, b);
    }

    public static double f64Max(double a, double b) {
        return a != a || b != b ? a + b : Math.max(a, b);
    }

    public static float f32Abs(float a) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(a) & 0x7fff_ffff);
    }

    public static double f64Abs(double a) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(a) & Long.MAX_VALUE);
    }

    public static float f32Neg(float a) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(a) ^ 0x8000_0000);
    }

    public static double f64Neg(double a) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(a) ^ Long.MIN_VALUE);
    }

    public static float f32Copysign(float a, float b) {
        return Float.intBitsToFloat(
                (Float.floatToRawIntBits(a) & 0x7fff_ffff) | (Float.floatToRawIntBits(b) & 0x8000_0000));
    }

    public static double f64Copysign(double a, double b) {
        return Double.longBitsToDouble(
                (Double.doubleToRawLongBits(a) & Long.MAX_VALUE) | (Double.doubleToRawLongBits(b) & Long.MIN_VALUE));
    }

    // Conversions (core spec §4.3.4)

    public static long i64ExtendI32U(int a) {
        return a & 0xffff_ffffL;
    }

    public static int i32Extend8S(int a) {
        return (byte) a;
    }

    public static int i32Extend16S(int a) {
        return (short) a;
    }

    public static long i64Extend8S(long a) {
        return (byte) a;
    }

    public static long i64Extend16S(long a) {
        return (short) a;
    }

    public static long i64Extend32S(long a) {
        return (int) a;
    }

    public static int i32TruncF32S(float a) {
        return i32TruncF64S(a);
    }

    public static int i32TruncF32U(float a) {
        return i32TruncF64U(a);
    }

    public static int i32TruncF64S(double a) {
        if (!(a > -2147483649.0 && a < 2147483648.0)) {
            throw truncation(a);
        }
        return (int) a;
    }

    public static int i32TruncF64U(double a) {
        if (!(a > -1.0 && a < 4294967296.0)) {
            throw truncation(a);
        }
        return (int) (long) a;
    }

    public static long i64TruncF32S(float a) {
        return i64TruncF64S(a);
    }

    public static long i64TruncF32U(float a) {
        return i64TruncF64U(a);
    }

    public static long i64TruncF64S(double a) {
        if (!(a >= -0x1p63 && a < 0x1p63)) {
            throw truncation(a);
        }
        return (long) a;
    }

    public static long i64TruncF64U(double a) {
        if (!(a > -1.0 && a < 0x1p64)) {
            throw truncation(a);
        }
        return unsigned(a);
    }

    private static Trap truncation(double a) {
        return new Trap(a != a ? Trap.Kind.INVALID_CONVERSION_TO_INTEGER : Trap.Kind.INTEGER_OVERFLOW);
    }

    /** A number from 0 to below 2^64 as unsigned bits. */
    private static long unsigned(double a) {
        return a < 0x1p63 ? (long) a : (long) (a - 0x1p63) ^ Long.MIN_VALUE;
    }

    public static int i32TruncSatF32U(float a) {
        return i32TruncSatF64U(a);
    }

    public static int i32TruncSatF64U(double a) {
        return a > 0 ? (a < 4294967296.0 ? (int) (long) a : -1) : 0;
    }

    public static long i64TruncSatF32U(float a) {
        return i64TruncSatF64U(a);
    }

    public static long i64TruncSatF64U(double a) {
        return a > 0 ? (a < 0x1p64 ? unsigned(a) : -1) : 0;
    }

    public static float f32ConvertI32U(int a) {
        return a & 0xffff_ffffL;
    }

    public static double f64ConvertI32U(int a) {
        return a & 0xffff_ffffL;
    }

    public static float f32ConvertI64U(long a) {
        // Half of the number with its lowest bit kept sticky, so that it is rounded once and rightly.
        return a >= 0 ? (float) a : (float) ((a >>> 1) | (a & 1)) * 2;
    }

    public static double f64ConvertI64U(long a) {
        return a >= 0 ? (double) a : (double) ((a >>> 1) | (a & 1)) * 2;
    }

    // Loads, stores and comparisons

    public static int i32Load(int address, byte[] memory) {
        return Bytes.getInt(memory, address);
    }

    public static int i32Load(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return Bytes.getInt(memory, address + offset);
    }

    public static long i64Load(int address, byte[] memory) {
        return Bytes.getLong(memory, address);
    }

    public static long i64Load(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return Bytes.getLong(memory, address + offset);
    }

    public static float f32Load(int address, byte[] memory) {
        return Float.intBitsToFloat(Bytes.getInt(memory, address));
    }

    public static float f32Load(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return Float.intBitsToFloat(Bytes.getInt(memory, address + offset));
    }

    public static double f64Load(int address, byte[] memory) {
        return Double.longBitsToDouble(Bytes.getLong(memory, address));
    }

    public static double f64Load(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return Double.longBitsToDouble(Bytes.getLong(memory, address + offset));
    }

    public static int i32Load8S(int address, byte[] memory) {
        return memory[address];
    }

    public static int i32Load8S(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return memory[address + offset];
    }

    public static int i32Load8U(int address, byte[] memory) {
        return memory[address] & 0xff;
    }

    public static int i32Load8U(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return memory[address + offset] & 0xff;
    }

    public static int i32Load16S(int address, byte[] memory) {
        return Bytes.getShort(memory, address);
    }

    public static int i32Load16S(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return Bytes.getShort(memory, address + offset);
    }

    public static int i32Load16U(int address, byte[] memory) {
        return Bytes.getShort(memory, address) & 0xffff;
    }

    public static int i32Load16U(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return Bytes.getShort(memory, address + offset) & 0xffff;
    }

    public static long i64Load8S(int address, byte[] memory) {
        return memory[address];
    }

    public static long i64Load8S(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return memory[address + offset];
    }

    public static long i64Load8U(int address, byte[] memory) {
        return memory[address] & 0xffL;
    }

    public static long i64Load8U(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return memory[address + offset] & 0xffL;
    }

    public static long i64Load16S(int address, byte[] memory) {
        return Bytes.getShort(memory, address);
    }

    public static long i64Load16S(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return Bytes.getShort(memory, address + offset);
    }

    public static long i64Load16U(int address, byte[] memory) {
        return Bytes.getShort(memory, address) & 0xffffL;
    }

    public static long i64Load16U(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return Bytes.getShort(memory, address + offset) & 0xffffL;
    }

    public static long i64Load32S(int address, byte[] memory) {
        return Bytes.getInt(memory, address);
    }

    public static long i64Load32S(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return Bytes.getInt(memory, address + offset);
    }

    public static long i64Load32U(int address, byte[] memory) {
        return Bytes.getInt(memory, address) & 0xffff_ffffL;
    }

    public static long i64Load32U(int address, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        return Bytes.getInt(memory, address + offset) & 0xffff_ffffL;
    }

    public static void i32Store(int address, int value, byte[] memory) {
        Bytes.putInt(memory, address, value);
    }

    public static void i32Store(int address, int value, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        Bytes.putInt(memory, address + offset, value);
    }

    public static void i64Store(int address, long value, byte[] memory) {
        Bytes.putLong(memory, address, value);
    }

    public static void i64Store(int address, long value, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        Bytes.putLong(memory, address + offset, value);
    }

    public static void f32Store(int address, float value, byte[] memory) {
        Bytes.putInt(memory, address, Float.floatToRawIntBits(value));
    }

    public static void f32Store(int address, float value, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        Bytes.putInt(memory, address + offset, Float.floatToRawIntBits(value));
    }

    public static void f64Store(int address, double value, byte[] memory) {
        Bytes.putLong(memory, address, Double.doubleToRawLongBits(value));
    }

    public static void f64Store(int address, double value, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        Bytes.putLong(memory, address + offset, Double.doubleToRawLongBits(value));
    }

    public static void i32Store8(int address, int value, byte[] memory) {
        memory[address] = (byte) value;
    }

    public static void i32Store8(int address, int value, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        memory[address + offset] = (byte) value;
    }

    public static void i32Store16(int address, int value, byte[] memory) {
        Bytes.putShort(memory, address, (short) value);
    }

    public static void i32Store16(int address, int value, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        Bytes.putShort(memory, address + offset, (short) value);
    }

    public static void i64Store8(int address, long value, byte[] memory) {
        memory[address] = (byte) value;
    }

    public static void i64Store8(int address, long value, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        memory[address + offset] = (byte) value;
    }

    public static void i64Store16(int address, long value, byte[] memory) {
        Bytes.putShort(memory, address, (short) value);
    }

    public static void i64Store16(int address, long value, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        Bytes.putShort(memory, address + offset, (short) value);
    }

    public static void i64Store32(int address, long value, byte[] memory) {
        Bytes.putInt(memory, address, (int) value);
    }

    public static void i64Store32(int address, long value, int offset, byte[] memory) {
        if (address < 0) {
            throw outOfBounds(address, offset, memory);
        }
        Bytes.putInt(memory, address + offset, (int) value);
    }

    public static int i32Eq(int a, int b) {
        return a == b ? 1 : 0;
    }

    public static int i32Ne(int a, int b) {
        return a != b ? 1 : 0;
    }

    public static int i32LtS(int a, int b) {
        return a < b ? 1 : 0;
    }

    public static int i32LtU(int a, int b) {
        return Integer.compareUnsigned(a, b) < 0 ? 1 : 0;
    }

    public static int i32GtS(int a, int b) {
        return a > b ? 1 : 0;
    }

    public static int i32GtU(int a, int b) {
        return Integer.compareUnsigned(a, b) > 0 ? 1 : 0;
    }

    public static int i32LeS(int a, int b) {
        return a <= b ? 1 : 0;
    }

    public static int i32LeU(int a, int b) {
        return Integer.compareUnsigned(a, b) <= 0 ? 1 : 0;
    }

    public static int i32GeS(int a, int b) {
        return a >= b ? 1 : 0;
    }

    public static int i32GeU(int a, int b) {
        return Integer.compareUnsigned(a, b) >= 0 ? 1 : 0;
    }

    public static int i64Eq(long a, long b) {
        return a == b ? 1 : 0;
    }

    public static int i64Ne(long a, long b) {
        return a != b ? 1 : 0;
    }

    public static int i64LtS(long a, long b) {
        return a < b ? 1 : 0;
    }

    public static int i64LtU(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? 1 : 0;
    }

    public static int i64GtS(long a, long b) {
        return a > b ? 1 : 0;
    }

    public static int i64GtU(long a, long b) {
        return Long.compareUnsigned(a, b) > 0 ? 1 : 0;
    }

    public static int i64LeS(long a, long b) {
        return a <= b ? 1 : 0;
    }

    public static int i64LeU(long a, long b) {
        return Long.compareUnsigned(a, b) <= 0 ? 1 : 0;
    }

    public static int i64GeS(long a, long b) {
        return a >= b ? 1 : 0;
    }

    public static int i64GeU(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? 1 : 0;
    }

    public static int f32Eq(float a, float b) {
        return a == b ? 1 : 0;
    }

    public static int f32Ne(float a, float b) {
        return a != b ? 1 : 0;
    }

    public static int f32Lt(float a, float b) {
        return a < b ? 1 : 0;
    }

    public static int f32Gt(float a, float b) {
        return a > b ? 1 : 0;
    }

    public static int f32Le(float a, float b) {
        return a <= b ? 1 : 0;
    }

    public static int f32Ge(float a, float b) {
        return a >= b ? 1 : 0;
    }

    public static int f64Eq(double a, double b) {
        return a == b ? 1 : 0;
    }

    public static int f64Ne(double a, double b) {
        return a != b ? 1 : 0;
    }

    public static int f64Lt(double a, double b) {
        return a < b ? 1 : 0;
    }

    public static int f64Gt(double a, double b) {
        return a > b ? 1 : 0;
    }

    public static int f64Le(double a, double b) {
        return a <= b ? 1 : 0;
    }

    public static int f64Ge(double a, double b) {
        return a >= b ? 1 : 0;
    }
}
