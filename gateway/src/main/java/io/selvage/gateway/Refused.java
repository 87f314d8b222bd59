package io.selvage.gateway;

import io.selvage.node.Problem;

/** A request that is refused before its destination is asked. */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial")
    private final Problem problem;

    Refused(int status, String kind, String title, String detail) {
        super(detail, null, false, false);
        problem = Problem.of(status, kind, title, detail);
    }

    /** A request that is not what its protocol says. */
    static Refused malformed(String detail) {
        return new Refused(400, "malformed", "The request is malformed", detail + ".");
    }

    /** What the client is told. */
    Problem problem() {
        return problem;
    }
}
