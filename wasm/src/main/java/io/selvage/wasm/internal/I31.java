package io.selvage.wasm.internal;

/** A reference that is an integer of 31 bits (core spec §4.2.1). */
public final class I31 {
    private static final int LOWEST = -128;
    private static final I31[] KNOWN = new I31[1_152];

    static {
        for (int i = 0; i < KNOWN.length; i++) {
            KNOWN[i] = new I31(LOWEST + i);
        }
    }

    /** The number, extended by its sign. */
    private final int value;

    private I31(int value) {
        this.value = value;
    }

    /** The low 31 bits of {@code value}. */
    public static I31 of(int value) {
        int extended = value << 1 >> 1;
        int index = extended - LOWEST;
        return index >= 0 && index < KNOWN.length ? KNOWN[index] : new I31(extended);
    }

    /** The number, -2<sup>30</sup> to 2<sup>30</sup> - 1. */
    public int value() {
        return value;
    }

    @Override
    public String toString() {
        return "i31 " + value;
    }
}
