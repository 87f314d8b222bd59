package io.selvage.node;

/** The rules of one route, ready to be applied. Thread-safe; nothing of it waits. */
public interface RuleChain extends AutoCloseable {
    /** No rule: requests go on as they came, at no cost. */
    RuleChain NONE = (_, _) -> RuleRun.NONE;

    /**
     * Begins with a request.
     *
     * @param head the request
     * @param declaredLength the length of its body in bytes; 0 without one, -1 if it is not known
     */
    RuleRun begin(RequestHead head, long declaredLength);

    /** Whether it answers preflight requests of CORS for its route. */
    default boolean answersPreflight() {
        return false;
    }

    /** Whether it lets only some clients through, so that no other spelling of a path may go around it. */
    default boolean guards() {
        return false;
    }

    /** Lets go of what it holds, when no request will come any more. */
    @Override
    default void close() {}
}
