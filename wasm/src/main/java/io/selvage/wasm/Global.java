package io.selvage.wasm;

import org.jspecify.annotations.Nullable;

/** A global variable (core spec §4.2.9). Not thread-safe: it belongs to the thread that runs its instances. */
public final class Global implements Extern {
    private final GlobalType type;
    private long bits;
    private @Nullable Object reference;

    /**
     * A global with its first value.
     *
     * @param value an {@link Integer}, {@link Long}, {@link Float} or {@link Double} for a number, a {@link V128} for a vector, a {@link Function} or
     *     null for a {@code funcref}, anything or null for an {@code externref}
     * @throws IllegalArgumentException if the value is not of the type
     */
    public Global(GlobalType type, @Nullable Object value) {
        this.type = type;
        assign(value);
    }

    @Override
    public GlobalType type() {
        return type;
    }

    /** The value, boxed as in the constructor. */
    public @Nullable Object get() {
        return !type.type().isNumeric() ? reference : Values.fromBits(type.type(), bits);
    }

    /**
     * Sets the value, boxed as in the constructor.
     *
     * @throws IllegalStateException if the global is not mutable
     * @throws IllegalArgumentException if the value is not of the type
     */
    public void set(@Nullable Object value) {
        if (!type.mutable()) {
            throw new IllegalStateException("the global is not mutable");
        }
        assign(value);
    }

    /** The number's bits: an i32 or f32 in the low half; 0 for a reference. */
    public long bits() {
        return bits;
    }

    /** The reference or vector; null for a number. */
    public @Nullable Object reference() {
        return reference;
    }

    /** Sets a number by its bits, unchecked: for compiled code, whose module has been validated. */
    public void bits(long value) {
        bits = value;
    }

    /** Sets a reference or vector, unchecked: for compiled code, whose module has been validated. */
    public void reference(@Nullable Object value) {
        reference = value;
    }

    private void assign(@Nullable Object value) {
        Values.check(type.type(), value);
        if (!type.type().isNumeric()) {
            reference = value;
        } else {
            bits = Values.bits(value);
        }
    }
}
