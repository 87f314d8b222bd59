package io.selvage.cache;

import java.util.List;

/** A stored response's content, wherever it is. Immutable. */
public sealed interface Content permits Content.InMemory, Content.OnDisk, Partial {
    /** How many bytes the whole of it has. */
    long length();

    /** How many bytes of it are stored. */
    default long held() {
        return length();
    }

    /**
     * A content in memory.
     *
     * @param parts the content in parts, which nobody changes
     */
    record InMemory(List<byte[]> parts, long length) implements Content {
        /** A content of parts that nobody changes any more. */
        static InMemory of(List<byte[]> parts) {
            return new InMemory(
                    List.copyOf(parts),
                    parts.stream().mapToLong(part -> part.length).sum());
        }
    }

    /** A content that is read from a file each time, by {@link TieredCache#open}. */
    record OnDisk(long length) implements Content {}
}
