package io.selvage.node;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The chains of rules of a release in the making: a chain whose route and rules are what they were is taken over from the
 * release before, with all that it has counted.
 */
final class Chains {
    private final RuleBook book;
    private final Map<Release.Ruled, RuleChain> before;
    private final Map<Release.Ruled, RuleChain> chains = new HashMap<>();

    Chains(RuleBook book, @Nullable Release before) {
        this.book = book;
        this.before = before == null ? Map.of() : before.chains();
    }

    /**
     * The chain of a route with these rules.
     *
     * @throws ConfigurationException if its rules cannot be applied
     */
    RuleChain of(Route route, RouteRules rules, Place place) {
        if (rules.isEmpty()) {
            return RuleChain.NONE;
        }
        Release.Ruled ruled = new Release.Ruled(route, rules);
        RuleChain known = before.get(ruled);
        RuleChain chain = known == null ? book.chain(route, rules, place) : known;
        chains.put(ruled, chain);
        return chain;
    }

    Map<Release.Ruled, RuleChain> all() {
        return Map.copyOf(chains);
    }

    /** Lets go of the chains that were made for a release that is refused. */
    void closeNew() {
        closeOthers(chains, before);
    }

    /** Closes the chains of one release that another does not have. */
    static void closeOthers(Map<Release.Ruled, RuleChain> of, Map<Release.Ruled, RuleChain> kept) {
        of.forEach((ruled, chain) -> {
            if (kept.get(ruled) != chain) {
                chain.close();
            }
        });
    }
}
