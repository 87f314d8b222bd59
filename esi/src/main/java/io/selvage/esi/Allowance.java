package io.selvage.esi;

/** What is left of what one page, with all that it includes, may take. Not thread-safe. */
public final class Allowance {
    private final int mostIncludes;
    private final long mostBytes;
    private int includes;
    private long bytes;
    private boolean timeIsUp;

    /**
     * The whole of it.
     *
     * @param includes how many URLs may be included in all
     * @param bytes how many bytes the page and its includes may have in all
     */
    public Allowance(int includes, long bytes) {
        this.mostIncludes = includes;
        this.mostBytes = bytes;
    }

    /** Takes one include; whether there was one left. */
    boolean takeInclude() {
        return includes++ < mostIncludes;
    }

    /** Takes bytes; whether there were as many left. */
    public boolean takeBytes(long count) {
        bytes += count;
        return bytes <= mostBytes;
    }

    /** Whether there are as many bytes left. */
    public boolean hasBytes(long count) {
        return count <= mostBytes - bytes;
    }

    /** The includes have taken too long: none begins any more. */
    public void endTime() {
        timeIsUp = true;
    }

    boolean isTimeUp() {
        return timeIsUp;
    }

    PageFailure tooMany() {
        return new PageFailure(PageFailure.Kind.INCLUDES, "It includes more than " + mostIncludes + " URLs");
    }

    /** The failure when there are not as many bytes left. */
    public PageFailure tooLarge() {
        return new PageFailure(
                PageFailure.Kind.SIZE, "The page and what it includes have more than " + mostBytes + " bytes");
    }

    /** The failure of what is waited for when the time is up. */
    public PageFailure tooLate() {
        return new PageFailure(PageFailure.Kind.TIME, "What it includes took too long");
    }
}
