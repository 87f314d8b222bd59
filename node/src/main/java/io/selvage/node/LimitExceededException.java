package io.selvage.node;

/** A function, or a request to it, went past a limit. */
public final class LimitExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is limited; each has a status of its own. */
    public enum Limit {
        /** Bytes of linear memory. */
        MEMORY(500),
        /** Time on a processor. */
        CPU(504),
        /** Time on the wall clock. */
        WALL(504),
        /** What compiling the module may cost. */
        COMPILE(500),
        /** Bytes of the request body. */
        BODY(413),
        /** Requests at once, with those that wait. */
        CONCURRENCY(503);

        private final int status;

        Limit(int status) {
            this.status = status;
        }

        /** The HTTP status that tells of it. */
        public int status() {
            return status;
        }
    }

    private final Limit limit;

    /** Says which limit and how much, for example {@code the body is larger than 1 MiB}. */
    public LimitExceededException(Limit limit, String message) {
        super(message, null, false, false);
        this.limit = limit;
    }

    /** Which limit. */
    public Limit limit() {
        return limit;
    }
}
