package io.selvage.wasm;

import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A table of references (core spec §4.2.7). Not thread-safe: it belongs to the thread that runs its instances. */
public final class Table implements Extern {
    /** The most elements a table of this engine can have. */
    public static final int MAXIMUM_SIZE = 10_000_000;

    private final ValueType element;
    private final OptionalLong maximum;
    private final long limit;
    private @Nullable Object[] elements;

    /** A table of the minimum size of {@code type}, all {@code initial}. */
    public Table(TableType type, @Nullable Object initial) {
        this(type, initial, MAXIMUM_SIZE);
    }

    Table(TableType type, @Nullable Object initial, int limitElements) {
        element = type.element();
        maximum = type.limits().maximum();
        limit = Math.min(limitElements, maximum.orElse(MAXIMUM_SIZE));
        long size = type.limits().minimum();
        if (size > Math.min(limitElements, MAXIMUM_SIZE)) {
            throw new Trap(
                    Trap.Kind.OUT_OF_MEMORY,
                    "the module asks for a table of " + size + " elements; the limit is "
                            + Math.min(limitElements, MAXIMUM_SIZE));
        }
        Values.check(element, initial);
        elements = new Object[(int) size];
        if (initial != null) {
            Arrays.fill(elements, initial);
        }
    }

    @Override
    public TableType type() {
        return new TableType(element, new Limits(elements.length, maximum));
    }

    /** How many elements it has. */
    public int size() {
        return elements.length;
    }

    /**
     * The element at {@code index}, an unsigned number.
     *
     * @throws Trap {@link Trap.Kind#TABLE_OUT_OF_BOUNDS} if there is none
     */
    public @Nullable Object get(int index) {
        if (Integer.compareUnsigned(index, elements.length) >= 0) {
            throw outOfBounds(index);
        }
        return elements[index];
    }

    /** Sets the element at {@code index}, an unsigned number; see {@link #get} for what it throws. */
    public void set(int index, @Nullable Object value) {
        if (Integer.compareUnsigned(index, elements.length) >= 0) {
            throw outOfBounds(index);
        }
        Values.check(element, value);
        elements[index] = value;
    }

    /**
     * Adds {@code delta} elements of {@code value}.
     *
     * @return the size before, or -1 if the table may not grow so far
     */
    public int grow(@Nullable Object value, int delta) {
        Values.check(element, value);
        int before = elements.length;
        long after = before + Integer.toUnsignedLong(delta);
        if (after > limit) {
            return -1;
        }
        elements = Arrays.copyOf(elements, (int) after);
        if (value != null) {
            Arrays.fill(elements, before, elements.length, value);
        }
        return before;
    }

    private Trap outOfBounds(int index) {
        return new Trap(
                Trap.Kind.TABLE_OUT_OF_BOUNDS,
                Trap.Kind.TABLE_OUT_OF_BOUNDS.text() + ": element " + Integer.toUnsignedString(index) + " of "
                        + elements.length);
    }
}
