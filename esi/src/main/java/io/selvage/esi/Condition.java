package io.selvage.esi;

import java.util.Optional;

/**
 * The {@code test} of an {@code esi:when}: {@code $(HTTP_COOKIE{group}) == 'a' & !($(QUERY_STRING{n}) >= 10)}. Values that are
 * both numbers are compared as such, others as texts; a value alone holds if it is not empty. Immutable.
 */
@FunctionalInterface
public interface Condition {
    /** Never holds. */
    Condition NEVER = _ -> false;

    /** Whether it holds for a request. */
    boolean holds(Variables variables);

    /** Reads a test; nothing if it is malformed. */
    static Optional<Condition> parse(String text) {
        return new ConditionReader(text).read();
    }
}
