package io.selvage.node;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The rules of a route while they are applied to one request. Belongs to the event loop of the request. */
public interface RuleRun {
    /** Changes nothing. */
    RuleRun NONE = head -> new Proceed(head);

    /** What the rules say of a request. */
    sealed interface Verdict {}

    /**
     * The destination gets it.
     *
     * @param head the request, perhaps changed
     */
    record Proceed(RequestHead head) implements Verdict {}

    /**
     * It is answered at once.
     *
     * @param fields the fields of the response, without its length
     */
    record Answered(int status, Headers fields, byte[] content) implements Verdict {}

    /**
     * It is refused.
     *
     * @param fields what the response has beside the problem document
     */
    record Refused(Problem problem, Headers fields) implements Verdict {}

    /** It has to wait, for example for a password to be hashed; the stage completes on any thread. */
    record Later(CompletionStage<Verdict> verdict) implements Verdict {}

    /** Decides what happens to the request; once. */
    Verdict before(RequestHead head);

    /**
     * Whether the destination may get the request now. It is asked when nothing that is stored answers, and before the
     * destination is; once it has said yes, it says so again.
     *
     * @return why not; nothing if it may
     */
    default Optional<Problem> admit() {
        return Optional.empty();
    }

    /**
     * The fields of the response, before they are sent to the client; the given ones are not changed.
     *
     * @param fields what the destination, the cache or the node answered with
     */
    default Headers response(int status, Headers fields) {
        return fields;
    }

    /** The most bytes that the request's body may have. */
    default long bodyLimit() {
        return Long.MAX_VALUE;
    }

    /** The request is over, however it has ended; 499 if its client went away. */
    default void ended(int status) {}
}
