package io.selvage.wasm;

import java.time.Duration;

/**
 * What an instance may use. Immutable; each {@code with…} answers a changed copy.
 *
 * <pre>{@code
 * RunLimits limits = RunLimits.none().withMemory(64 << 20).withCpu(Duration.ofMillis(50)).withWall(Duration.ofSeconds(5));
 * }</pre>
 *
 * @param memoryBytes the most that the linear memories of an instance may have together, rounded down to whole pages, and
 *     with its structs, arrays and exceptions that are alive, about, in bytes; as of {@link #none} for no limit of objects
 * @param tableElements the most that each table may have, in elements
 * @param cpu the time that the guest may run, without what it {@linkplain Instance#beginWait waits} in host calls
 * @param wall the time from instantiation to the end of the last call, waiting included
 */
public record RunLimits(long memoryBytes, int tableElements, Duration cpu, Duration wall) {
    private static final RunLimits NONE = new RunLimits(
            (long) Memory.MAXIMUM_PAGES * Memory.PAGE_SIZE,
            Table.MAXIMUM_SIZE,
            Duration.ofNanos(Long.MAX_VALUE),
            Duration.ofNanos(Long.MAX_VALUE));

    /** As much as the engine can do: a memory just under 2 GiB, no end in time. */
    public static RunLimits none() {
        return NONE;
    }

    /** With another limit for memories and objects, in bytes. */
    public RunLimits withMemory(long bytes) {
        return new RunLimits(bytes, tableElements, cpu, wall);
    }

    /** With another limit for each table, in elements. */
    public RunLimits withTableElements(int elements) {
        return new RunLimits(memoryBytes, elements, cpu, wall);
    }

    /** With another limit for the time on a processor. */
    public RunLimits withCpu(Duration cpu) {
        return new RunLimits(memoryBytes, tableElements, cpu, wall);
    }

    /** With another limit for the time on the wall clock. */
    public RunLimits withWall(Duration wall) {
        return new RunLimits(memoryBytes, tableElements, cpu, wall);
    }
}
