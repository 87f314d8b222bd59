package io.selvage.node;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a route's responses are stored and reused, as the manifest says. Immutable.
 *
 * @param key what tells one stored response from another
 * @param lifetimes for how long responses are kept; the first that fits holds
 * @param targeted fields such as {@code CDN-Cache-Control} that are meant for this cache, in small letters, the most
 *     important first (RFC 9213 §2.2)
 * @param languages the languages that the site has; a client's {@code Accept-Language} becomes the one of them that it
 *     likes best. Empty if the field passes as it is
 */
public record CacheRules(Key key, List<Lifetime> lifetimes, List<String> targeted, List<String> languages) {
    /** What {@code cache = true} means. */
    public static final CacheRules DEFAULT = new CacheRules(
            new Key(Optional.empty(), List.of(), false, List.of(), Optional.empty()),
            List.of(),
            List.of("selvage-cache-control", "cdn-cache-control"),
            List.of());

    /**
     * What of a request is in the key beside its host and path. What is left out does not reach the origin either: nobody
     * can store what another does not ask for.
     *
     * @param query the parameters that count; nothing if all do. A {@code *} at the end stands for anything
     * @param queryExcept the parameters that do not count
     * @param sortsQuery whether their order means nothing
     * @param headers further fields that count, in small letters
     * @param cookies the cookies that count; nothing if none does, but all reach the origin
     */
    public record Key(
            Optional<List<String>> query,
            List<String> queryExcept,
            boolean sortsQuery,
            List<String> headers,
            Optional<List<String>> cookies) {
        /** Whether the query is in the key as it came. */
        public boolean keepsQuery() {
            return query.isEmpty() && queryExcept.isEmpty() && !sortsQuery;
        }

        /** Whether a parameter of this name counts. */
        public boolean counts(String parameter) {
            return query.map(names -> names.stream().anyMatch(name -> fits(name, parameter)))
                    .orElseGet(() -> queryExcept.stream().noneMatch(name -> fits(name, parameter)));
        }

        private static boolean fits(String pattern, String name) {
            return pattern.endsWith("*")
                    ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                    : pattern.equals(name);
        }
    }

    /**
     * How long some responses are kept; all times in seconds.
     *
     * @param statuses which statuses, each a first and a last one; empty for any
     * @param types which media types, in small letters, {@code image/*} for all of a kind; empty for any
     * @param edge for how long this cache may use it, whatever the origin says
     * @param otherwise for how long this cache may use it if the origin does not say
     * @param browser for how long its client may use it
     * @param staleWhileRevalidate for how long it may be used stale while it is refreshed
     * @param staleIfError for how long it may be used stale when the origin fails
     */
    public record Lifetime(
            List<Statuses> statuses,
            List<String> types,
            OptionalLong edge,
            OptionalLong otherwise,
            OptionalLong browser,
            OptionalLong staleWhileRevalidate,
            OptionalLong staleIfError) {
        /** What holds where no lifetime fits: what the origin says. */
        public static final Lifetime NONE = new Lifetime(
                List.of(),
                List.of(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty());

        /** What holds for a response that sets a cookie: nothing that would share it. */
        public Lifetime forOneUser() {
            return new Lifetime(
                    statuses,
                    types,
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    browser,
                    OptionalLong.empty(),
                    OptionalLong.empty());
        }

        private boolean fits(int status, String type) {
            return (statuses.isEmpty() || statuses.stream().anyMatch(s -> s.from <= status && status <= s.to))
                    && (types.isEmpty()
                            || types.stream()
                                    .anyMatch(t -> t.endsWith("/*")
                                            ? type.startsWith(t.substring(0, t.length() - 1))
                                            : t.equals(type)));
        }
    }

    /** Statuses from one to another, both included. */
    public record Statuses(int from, int to) {}

    /** The lifetime of a response with this status and {@code Content-Type}. */
    public Lifetime lifetime(int status, Headers fields) {
        if (lifetimes.isEmpty()) {
            return Lifetime.NONE;
        }
        String type = fields.first("content-type")
                .map(t -> t.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                .orElse("");
        return lifetimes.stream().filter(l -> l.fits(status, type)).findFirst().orElse(Lifetime.NONE);
    }
}
