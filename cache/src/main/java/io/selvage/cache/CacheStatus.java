package io.selvage.cache;

/** What became of a request in this cache, as a member of the {@code Cache-Status} field says it (RFC 9211). */
public final class CacheStatus {
    /** This cache's name in the field. */
    private static final String NAME = "Selvage";

    private CacheStatus() {}

    /** A stored response answered, with so many seconds until it is stale. */
    public static String hit(long timeToLive) {
        return NAME + "; hit; ttl=" + timeToLive;
    }

    /**
     * The origin was asked.
     *
     * @param why one of §2.2: {@code bypass}, {@code method}, {@code uri-miss}, {@code vary-miss}, {@code miss}, {@code
     *     request}, {@code stale}, {@code partial}
     * @param status what the origin answered; 0 if it did not
     * @param stored whether the response is stored
     * @param collapsed whether another request's fetch answers this one
     */
    public static String forwarded(String why, int status, boolean stored, boolean collapsed) {
        return NAME + "; fwd=" + why + (status == 0 ? "" : "; fwd-status=" + status) + (stored ? "; stored" : "")
                + (collapsed ? "; collapsed" : "");
    }

    /** Nothing that is stored could answer, and nobody was asked. */
    public static String refused(String detail) {
        return NAME + "; detail=" + detail;
    }

    /** The origin failed, and a stale response answered in its place. */
    public static String staleOnError(long timeToLive, int status) {
        return NAME + "; fwd=stale" + (status == 0 ? "" : "; fwd-status=" + status) + "; ttl=" + timeToLive
                + "; detail=stale-if-error";
    }
}
