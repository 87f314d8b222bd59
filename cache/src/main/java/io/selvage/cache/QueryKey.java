package io.selvage.cache;

import io.selvage.node.CacheRules;
import io.selvage.node.RequestPath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What of a query counts for the cache. */
public final class QueryKey {
    private QueryKey() {}

    /** The parameters of {@code query} that count by a route's rules, still percent-encoded. */
    public static String of(CacheRules.Key rules, String query) {
        if (query.isEmpty() || rules.keepsQuery()) {
            return query;
        }
        List<String> kept = new ArrayList<>();
        for (String parameter : query.split("&", -1)) {
            if (!parameter.isEmpty() && rules.counts(name(parameter))) {
                kept.add(parameter);
            }
        }
        if (rules.sortsQuery()) {
            kept.sort(Comparator.comparing(QueryKey::name));
        }
        return String.join("&", kept);
    }

    /** A parameter's name as an application reads it, so that no other way to write it passes for another name. */
    private static String name(String parameter) {
        int equals = parameter.indexOf('=');
        String raw = (equals < 0 ? parameter : parameter.substring(0, equals)).replace('+', ' ');
        try {
            return RequestPath.decode(raw);
        } catch (IllegalArgumentException _) {
            return raw;
        }
    }
}
