package io.selvage.wasm;

import java.util.HexFormat;

/**
 * A vector of 128 bits at the border between hosts and guests; what is in its lanes is the guest's affair. Inside compiled
 * code vectors are not objects of this class.
 *
 * @param low the lanes with the lower numbers: byte 0 of the vector is the lowest byte
 * @param high the others
 */
public record V128(long low, long high) {
    /** All bits zero. */
    public static final V128 ZERO = new V128(0, 0);

    /** The bits as one hexadecimal number, lane 0 last, for example {@code 0x0000…0001}. */
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return "0x" + hex.toHexDigits(high) + hex.toHexDigits(low);
    }
}
