package io.selvage.wasm;

import java.util.Arrays;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A table of references (core spec §4.2.7). Not thread-safe: it belongs to the thread that runs its instances. */
public final class Table implements Extern {
    /** The most elements a table of this engine can have. */
    public static final int MAXIMUM_SIZE = 10_000_000;

    private final ValueType address;
    private final ValueType element;
    private final OptionalLong maximum;
    private final long limit;
    /** The elements, and null behind them where there is room for more. */
    private @Nullable Object[] elements;

    private int size;

    /** Makes the functions of elements that are still null but have an index in {@link #pending}. */
    private @Nullable IntFunction<Function> maker;

    /** For each element the index of a function that is made when it is first read, plus one; 0 for none. */
    private int[] pending = {};

    /** A table of the minimum size of {@code type}, all {@code initial}. */
    public Table(TableType type, @Nullable Object initial) {
        this(type, initial, MAXIMUM_SIZE);
    }

    Table(TableType type, @Nullable Object initial, int limitElements) {
        address = type.address();
        element = type.element();
        maximum = type.limits().maximum();
        limit = Math.min(limitElements, maximum.orElse(MAXIMUM_SIZE) & Long.MAX_VALUE);
        long minimum = type.limits().minimum();
        if (Long.compareUnsigned(minimum, Math.min(limitElements, MAXIMUM_SIZE)) > 0) {
            throw new Trap(
                    Trap.Kind.OUT_OF_MEMORY,
                    "the module asks for a table of " + Long.toUnsignedString(minimum) + " elements; the limit is "
                            + Math.min(limitElements, MAXIMUM_SIZE));
        }
        Values.check(element, initial);
        size = (int) minimum;
        elements = new Object[size];
        if (initial != null) {
            Arrays.fill(elements, initial);
        }
    }

    @Override
    public TableType type() {
        return new TableType(address, element, new Limits(size, maximum));
    }

    /** How many elements it has. */
    public int size() {
        return size;
    }

    /**
     * The element at {@code index}, an unsigned number.
     *
     * @throws Trap {@link Trap.Kind#TABLE_OUT_OF_BOUNDS} if there is none
     */
    public @Nullable Object get(int index) {
        Object value = present(index);
        if (value == null && Integer.compareUnsigned(index, size) >= 0) {
            throw outOfBounds(index);
        }
        return value;
    }

    /** The element at {@code index}, an unsigned number; null as well if there is none. */
    public @Nullable Object present(int index) {
        if (Integer.compareUnsigned(index, elements.length) >= 0) {
            return null;
        }
        Object value = elements[index];
        return value == null && maker != null ? made(index) : value;
    }

    private @Nullable Object made(int index) {
        if (maker != null && index < pending.length && pending[index] != 0) {
            elements[index] = maker.apply(pending[index] - 1);
        }
        return elements[index];
    }

    /**
     * Lets elements be made when they are first read, since most of a large table's functions are never called through
     * it. Only for a table that holds nothing yet.
     *
     * @param functions for each element a function index plus one, or 0; it is shared and not changed
     */
    void fillLater(int[] functions, IntFunction<Function> functionMaker) {
        pending = functions;
        maker = functionMaker;
    }

    /** Makes what is still to be made, before an element is overwritten. */
    private void makeAll() {
        if (maker != null) {
            for (int i = 0; i < pending.length; i++) {
                if (elements[i] == null) {
                    made(i);
                }
            }
            maker = null;
        }
    }

    /** Sets the element at {@code index}, an unsigned number; see {@link #get} for what it throws. */
    public void set(int index, @Nullable Object value) {
        if (Integer.compareUnsigned(index, size) >= 0) {
            throw outOfBounds(index);
        }
        Values.check(element, value);
        makeAll();
        elements[index] = value;
    }

    /**
     * Adds {@code delta} elements of {@code value}.
     *
     * @return the size before, or -1 if the table may not grow so far
     */
    public int grow(@Nullable Object value, int delta) {
        Values.check(element, value);
        int before = size;
        long after = before + Integer.toUnsignedLong(delta);
        if (after > limit) {
            return -1;
        }
        if (after > elements.length) {
            // Who adds one after the other does not have all of them copied each time.
            long roomy = before > 0 ? after + after / 2 : after;
            elements = Arrays.copyOf(elements, (int) Math.min(roomy, limit));
        }
        size = (int) after;
        if (value != null) {
            Arrays.fill(elements, before, size, value);
        }
        return before;
    }

    /** Sets {@code length} elements from {@code index} to {@code value}; all unsigned (core spec §4.4.6). */
    public void fill(int index, @Nullable Object value, int length) {
        check(index, length);
        Values.check(element, value);
        makeAll();
        Arrays.fill(elements, index, index + length, value);
    }

    /** Copies {@code length} elements of a segment; all unsigned (core spec §4.4.6). */
    void init(int target, @Nullable Object[] source, int from, int length) {
        check(target, length);
        makeAll();
        System.arraycopy(source, from, elements, target, length);
    }

    /** Copies {@code length} elements of {@code source}, which may be this table; all unsigned (core spec §4.4.6). */
    public void copy(int target, Table source, int from, int length) {
        source.check(from, length);
        check(target, length);
        makeAll();
        source.makeAll();
        System.arraycopy(source.elements, from, elements, target, length);
    }

    private void check(int index, int length) {
        if ((index | length) < 0 || index > size - length) {
            throw new Trap(
                    Trap.Kind.TABLE_OUT_OF_BOUNDS,
                    Trap.Kind.TABLE_OUT_OF_BOUNDS.text() + ": " + Integer.toUnsignedString(length) + " elements at "
                            + Integer.toUnsignedString(index) + " of " + size);
        }
    }

    private Trap outOfBounds(int index) {
        return new Trap(
                Trap.Kind.TABLE_OUT_OF_BOUNDS,
                Trap.Kind.TABLE_OUT_OF_BOUNDS.text() + ": element " + Integer.toUnsignedString(index) + " of " + size);
    }
}
