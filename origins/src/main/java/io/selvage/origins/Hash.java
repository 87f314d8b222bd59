package io.selvage.origins;

import java.nio.charset.StandardCharsets;

/** A hash of 64 bits that is the same in every process: FNV-1a, and MurmurHash3's last mix. */
public final class Hash {
    private static final long BASIS = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private Hash() {}

    /** The hash of a text. */
    public static long of(String text) {
        long hash = BASIS;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * PRIME;
        }
        return mix(hash);
    }

    static long mix(long value) {
        long hash = value;
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }
}
