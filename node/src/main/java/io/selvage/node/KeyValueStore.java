package io.selvage.node;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A named store of bytes by key. A write that has returned survives the process and the machine's power. Thread-safe;
 * every method may block.
 *
 * <p>Every method throws {@link IllegalArgumentException} for a key that is empty or longer than {@link #MAX_KEY} bytes
 * of UTF-8, or a value larger than {@link #MAX_VALUE}, and {@link IOException} if the state cannot be read or written;
 * then nothing has changed.
 */
public interface KeyValueStore {
    /** The longest key, in bytes of UTF-8. */
    int MAX_KEY = 512;

    /** The largest value, in bytes. */
    int MAX_VALUE = 25 << 20;

    /**
     * A value and what is known of it.
     *
     * @param version changes with every write of the key; for {@link #compareAndSet}
     * @param expiresIn how long until it is gone, if it has an end
     */
    record Entry(byte[] value, long version, Optional<Duration> expiresIn) {}

    /**
     * A part of the keys of a store, in the order of their UTF-8 bytes.
     *
     * @param cursor where the next part begins, if there is one
     */
    record Page(List<String> keys, Optional<String> cursor) {}

    /** The value under a key. */
    Optional<Entry> get(String key) throws IOException;

    /** Whether there is a value under a key. */
    boolean exists(String key) throws IOException;

    /** The size in bytes of the value under a key. */
    Optional<Long> size(String key) throws IOException;

    /** Sets a value, without an end. */
    default void set(String key, byte[] value) throws IOException {
        set(key, value, Optional.empty());
    }

    /** Sets a value that is gone after {@code expiresIn}. */
    void set(String key, byte[] value, Optional<Duration> expiresIn) throws IOException;

    /** Sets a value only if there is none; whether it did. */
    boolean create(String key, byte[] value) throws IOException;

    /** Adds bytes to the end of a value, atomically; begins one if there is none. */
    void append(String key, byte[] value) throws IOException;

    /** Removes a value; whether there was one. */
    boolean delete(String key) throws IOException;

    /**
     * Adds to a decimal number in ASCII, atomically; a missing value counts as 0.
     *
     * @return the sum
     * @throws IllegalStateException if the value is not a decimal number of 64 bits, or the sum would not be
     */
    long increment(String key, long delta) throws IOException;

    /**
     * Sets a value only if the key is still as the caller knows it.
     *
     * @param expectedVersion the {@link Entry#version} that was read, or null if there was no value
     * @param value the new value, or null to remove it
     * @return whether it did
     */
    boolean compareAndSet(String key, @Nullable Long expectedVersion, byte @Nullable [] value) throws IOException;

    /**
     * Lists keys.
     *
     * @param prefix what the keys begin with; may be empty
     * @param cursor {@link Page#cursor} of the part before, or empty for the first
     * @param limit the most keys to answer, 1 to 1,000
     */
    Page list(String prefix, Optional<String> cursor, int limit) throws IOException;
}
