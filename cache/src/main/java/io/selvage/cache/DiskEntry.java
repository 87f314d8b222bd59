package io.selvage.cache;

import java.util.Optional;
import java.util.Set;

/** What is known in memory of one response on disk. Its fields belong to {@link DiskIndex}, its monitor to its file's head. */
final class DiskEntry {
    /** How far it is. */
    enum State {
        /** Its file is being written; nobody finds it. */
        WRITING,
        WHOLE,
        /** It is not to be used any more, and its file goes. */
        GONE
    }

    private final CacheKey key;
    private final Variant variant;
    private final Set<String> tags;
    private final long id;
    private final long date;

    /** How much of the disk its file takes, bytes. */
    long taken;

    /** Its content's bytes. */
    volatile long length;

    volatile State state = State.WRITING;

    /** Whether it must be validated before its next use. */
    volatile boolean outdated;

    /** The response with newer fields than the file has. */
    volatile Optional<CachedResponse> refreshed = Optional.empty();

    DiskEntry(CacheKey key, CachedResponse response) {
        this.key = key;
        this.variant = response.variant();
        this.tags = Set.copyOf(response.tags());
        this.id = response.id();
        this.date = response.date();
        this.length = response.length();
        this.outdated = response.isOutdated();
    }

    CacheKey key() {
        return key;
    }

    Variant variant() {
        return variant;
    }

    Set<String> tags() {
        return tags;
    }

    /** The response's own number, which is its file's name too. */
    long id() {
        return id;
    }

    /** When the response was generated, seconds since 1970. */
    long date() {
        return date;
    }

    boolean isWhole() {
        return state == State.WHOLE;
    }

    /** The response as it is by now: outdated if it has become so since it was read or written. */
    CachedResponse now(CachedResponse response) {
        return outdated && !response.isOutdated() ? response.asOutdated() : response;
    }
}
