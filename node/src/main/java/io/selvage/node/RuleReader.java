package io.selvage.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tomlj.TomlTable;

/** Reads the rules of a route, and the defaults for all of them. */
final class RuleReader {
    /** Every key of a rule. */
    static final List<String> KEYS = List.of(
            "redirect",
            "answer",
            "request_headers",
            "response_headers",
            "rewrite",
            "trusted_proxies",
            "request_id",
            "addresses",
            "geo",
            "maintenance",
            "cors",
            "rate_limit",
            "concurrency",
            "body_limit",
            "basic",
            "jwt",
            "device",
            "buckets",
            "hsts",
            "security_headers",
            "server_timing");

    /** The table of the rules for every route. */
    private static final String DEFAULTS = "rules";

    private static final List<Long> REDIRECTS = List.of(301L, 302L, 303L, 307L, 308L);

    /** RFC 9110 §15.3.5, §15.3.6, §15.4.5. */
    private static final Set<Integer> WITHOUT_CONTENT = Set.of(204, 205, 304);

    private static final Map<String, String> SECURITY_HEADERS = securityHeaders();

    private final TomlReader reader;
    private final Mistakes mistakes;

    RuleReader(TomlReader reader, Mistakes mistakes) {
        this.reader = reader;
        this.mistakes = mistakes;
    }

    /** The rules in a table, whose other keys are of no concern, over the defaults of which it has none. */
    RouteRules read(TomlTable table, String parent, RouteRules defaults) {
        TableReader route = new TableReader(reader, mistakes, table, parent);
        List<Rule> rules = new ArrayList<>();
        for (String key : KEYS) {
            if (!route.has(key)) {
                defaults.all().stream().filter(r -> r.key().equals(key)).forEach(rules::add);
            } else if (!route.isFalse(key)) {
                rule(route, key).ifPresent(rules::add);
            }
        }
        RouteRules read = new RouteRules(rules);
        if (!parent.equals(DEFAULTS)) {
            checkUsers(route, read, defaults);
        }
        return read;
    }

    /** Nobody can be told apart by who they are where a route does not ask for that. */
    private static void checkUsers(TableReader route, RouteRules rules, RouteRules defaults) {
        boolean jwt = asks(route, "jwt", defaults);
        boolean login = jwt || asks(route, "basic", defaults);
        for (Rule rule : rules.all()) {
            List<String> keys = switch (rule) {
                case Rule.RateLimits limits ->
                    limits.all().stream().flatMap(l -> l.by().stream()).toList();
                case Rule.Buckets buckets ->
                    buckets.all().stream().map(Rule.Split::by).toList();
                default -> List.of();
            };
            for (String key : keys) {
                boolean known = key.startsWith("claim:") ? jwt : login || !key.equals("user");
                if (!known && route.has(rule.key())) {
                    route.mistake(
                            rule.key(),
                            "the route does not find out \"" + key + "\"; give it jwt"
                                    + (key.equals("user") ? " or basic" : ""));
                }
            }
        }
    }

    private static boolean asks(TableReader route, String key, RouteRules defaults) {
        return route.has(key)
                ? !route.isFalse(key)
                : defaults.all().stream().anyMatch(r -> r.key().equals(key));
    }

    /** The rules that hold for every route which does not have its own. */
    RouteRules defaults(TomlTable top) {
        return reader.table(top, DEFAULTS, DEFAULTS)
                .map(table -> {
                    reader.checkKeys(table, DEFAULTS, KEYS);
                    return read(table, DEFAULTS, RouteRules.NONE);
                })
                .orElse(RouteRules.NONE);
    }

    private Optional<Rule> rule(TableReader route, String key) {
        return switch (key) {
            case "redirect" -> redirect(route);
            case "answer" -> route.with(key, RuleReader::answer);
            case "request_headers", "response_headers" -> route.with(key, table -> fields(table, key));
            case "rewrite" -> rewrite(route);
            case "trusted_proxies" -> trustedProxies(route);
            case "request_id" ->
                Optional.of(new Rule.RequestId(
                        route.oneOf(key, List.of("replace", "accept")).equals("accept")));
            case "maintenance" -> maintenance(route);
            case "cors" -> route.with(key, RuleReader::cors);
            case "rate_limit" -> rateLimits(route);
            case "concurrency" -> concurrency(route);
            case "body_limit" -> {
                if (route.isText(key)) {
                    yield Optional.of(new Rule.BodyLimit(route.size(key)));
                }
                route.mistake(key, "must be a size in quotes: body_limit = \"1MiB\"");
                yield Optional.empty();
            }
            case "device" -> route.flag(key, false) ? Optional.of(new Rule.Device()) : Optional.empty();
            case "buckets" -> buckets(route);
            case "hsts" -> hsts(route);
            case "security_headers" -> securityHeaders(route);
            case "server_timing" -> route.flag(key, false) ? Optional.of(new Rule.ServerTiming()) : Optional.empty();
            default -> GuardReader.read(route, key);
        };
    }

    private static Optional<Rule> redirect(TableReader route) {
        if (route.isText("redirect")) {
            return route.text("redirect").map(to -> new Rule.Redirect(to, 308, false));
        }
        return route.with("redirect", table -> {
            table.keys("to", "status", "insecure");
            return new Rule.Redirect(
                    table.needed("to", "for example to = \"https://{host}{path}{query}\""),
                    table.status(308, REDIRECTS),
                    table.flag("insecure", false));
        });
    }

    private static Rule answer(TableReader table) {
        table.keys("status", "type", "body");
        int status = table.status(200, List.of());
        String body = table.text("body", "");
        if (!body.isEmpty() && WITHOUT_CONTENT.contains(status)) {
            table.mistake("body", "a response with the status " + status + " has no content; leave it out");
        }
        return new Rule.Answer(status, table.text("type", "text/plain; charset=utf-8"), body);
    }

    private static Rule fields(TableReader table, String key) {
        table.keys("set", "add", "remove", "rewrite");
        List<String> remove = table.texts("remove");
        remove.forEach(n -> table.checkField("remove", n, ""));
        List<Rule.Edit> edits = new ArrayList<>();
        for (TableReader edit : table.tables("rewrite")) {
            edit.keys("name", "match", "with");
            String field = edit.needed("name", "name the field");
            edit.checkField("name", field.isEmpty() ? "x" : field, "");
            String match = edit.pattern("match", true);
            String with = edit.text("with", "");
            edit.checkReplacement("with", with, match);
            edits.add(new Rule.Edit(field, match, with));
        }
        return new Rule.Fields(key, table.fields("set"), table.fields("add"), remove, List.copyOf(edits));
    }

    private static Optional<Rule> rewrite(TableReader route) {
        if (route.isText("rewrite")) {
            return Optional.of(new Rule.Rewrite("", "", route.path("rewrite"), ""));
        }
        return route.with("rewrite", table -> {
            table.keys("strip_prefix", "add_prefix", "match", "with");
            String with = table.path("with");
            String match = table.pattern("match", false);
            if (!match.isEmpty() && with.isEmpty()) {
                table.mistake("match", "there is no with; say what the path becomes");
            }
            if (!match.isEmpty()) {
                table.checkReplacement("with", with, match);
            }
            return new Rule.Rewrite(prefix(table.path("strip_prefix")), match, with, prefix(table.path("add_prefix")));
        });
    }

    private static String prefix(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    private static Optional<Rule> trustedProxies(TableReader route) {
        if (route.isArray("trusted_proxies") || route.isText("trusted_proxies")) {
            return Optional.of(new Rule.TrustedProxies(route.networks("trusted_proxies"), "X-Forwarded-For"));
        }
        return route.with("trusted_proxies", table -> {
            table.keys("addresses", "header");
            String header = table.text("header", "X-Forwarded-For");
            table.checkField("header", header, "");
            return new Rule.TrustedProxies(table.networks("addresses"), header);
        });
    }

    private static Optional<Rule> maintenance(TableReader route) {
        Duration soon = Duration.ofMinutes(5);
        if (route.isTrue("maintenance")) {
            return Optional.of(new Rule.Maintenance(soon, "", "", List.of()));
        }
        return route.table("maintenance").flatMap(table -> {
            table.keys("enabled", "retry_after", "type", "body", "allow");
            Rule rule = new Rule.Maintenance(
                    table.duration("retry_after", soon),
                    table.text("type", "text/plain; charset=utf-8"),
                    table.text("body", ""),
                    table.networks("allow"));
            return table.flag("enabled", true) ? Optional.of(rule) : Optional.empty();
        });
    }

    private static Rule cors(TableReader table) {
        table.keys("origins", "methods", "headers", "expose", "credentials", "max_age");
        List<String> origins = table.texts("origins");
        if (origins.isEmpty()) {
            table.mistake("origins", "name the origins that may ask: origins = [\"https://shop.example\"]");
        }
        for (String origin : origins) {
            if (!origin.matches("\\*|null|https?://(\\*\\.)?[a-z0-9.\\[\\]:-]+")) {
                table.mistake(
                        "origins",
                        "\"" + origin + "\" is not an origin; write a scheme, a host and perhaps a port in small "
                                + "letters, and nothing else: \"https://shop.example\", \"https://*.shop.example\" or \"*\"");
            }
        }
        boolean credentials = table.flag("credentials", false);
        if (credentials && origins.contains("*")) {
            table.mistake("credentials", "browsers send no credentials where every origin may ask; name the origins");
        }
        return new Rule.Cors(
                origins,
                table.texts("methods"),
                table.texts("headers"),
                table.texts("expose"),
                credentials,
                table.duration("max_age", Duration.ofHours(1)));
    }

    private Optional<Rule> rateLimits(TableReader route) {
        List<Rule.RateLimit> limits = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (TableReader table : route.tables("rate_limit")) {
            table.keys("name", "requests", "per", "burst", "algorithm", "key", "keys");
            if (!table.has("requests")) {
                table.needed("requests", "say how many may come: requests = 100");
            }
            int requests = table.number("requests", 100, 1);
            String name = table.text("name", names.isEmpty() ? "default" : "limit-" + (names.size() + 1));
            if (!name.matches("[ -!#-\\[\\]-~]+") || !names.add(name)) {
                table.mistake("name", "\"" + name + "\" must be printable ASCII without quotes, and unique");
            }
            boolean sliding = table.oneOf("algorithm", List.of("token-bucket", "sliding-window"))
                    .equals("sliding-window");
            if (sliding && table.has("burst")) {
                table.mistake("burst", "only a token bucket has one");
            }
            List<String> by = table.has("key") ? table.texts("key") : List.of("address");
            by.forEach(key -> checkKey(table, "key", key));
            limits.add(new Rule.RateLimit(
                    name,
                    requests,
                    table.duration("per", Duration.ofMinutes(1)),
                    table.number("burst", requests, 1),
                    sliding,
                    by,
                    table.number("keys", 100_000, 1)));
        }
        return limits.isEmpty() ? Optional.empty() : Optional.of(new Rule.RateLimits(List.copyOf(limits)));
    }

    private static void checkKey(TableReader table, String at, String key) {
        List<String> plain = List.of("address", "route", "user");
        if (!plain.contains(key) && !key.matches("(header|cookie|claim):[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
            List<String> known = new ArrayList<>(plain);
            known.addAll(List.of("header:NAME", "cookie:NAME", "claim:NAME"));
            table.mistake(at, "\"" + key + "\" tells nobody apart; " + Nearest.advice(key, known));
        }
    }

    private static Optional<Rule> concurrency(TableReader route) {
        Duration second = Duration.ofSeconds(1);
        if (route.isTrue("concurrency")) {
            return Optional.of(new Rule.Concurrency("gradient", 20, 1, 1000, second));
        }
        return route.with("concurrency", table -> {
            table.keys("algorithm", "initial", "min", "max", "timeout");
            Rule.Concurrency rule = new Rule.Concurrency(
                    table.oneOf("algorithm", List.of("gradient", "aimd", "fixed")),
                    table.number("initial", 20, 1),
                    table.number("min", 1, 1),
                    table.number("max", 1000, 1),
                    table.duration("timeout", second));
            if (rule.least() > rule.most()) {
                table.mistake("min", "is more than max (" + rule.most() + ")");
            }
            return rule;
        });
    }

    private static Optional<Rule> buckets(TableReader route) {
        List<Rule.Split> splits = new ArrayList<>();
        for (TableReader table : route.tables("buckets")) {
            table.keys("name", "key", "header", "shares");
            String name = table.needed("name", "name the test: name = \"checkout\"");
            if (!name.matches("[a-z0-9-]*")) {
                table.mistake("name", "\"" + name + "\" must be small letters, digits and \"-\"");
            }
            String by = table.text("key", "address");
            checkKey(table, "key", by);
            String header = table.text("header", "Selvage-Bucket-" + name);
            table.checkField("header", header, "");
            Map<String, Integer> shares = new LinkedHashMap<>();
            table.table("shares").ifPresent(inner -> inner.all().forEach(b -> shares.put(b, inner.number(b, 1, 0))));
            if (shares.values().stream().mapToInt(Integer::intValue).sum() == 0
                    || shares.keySet().stream().anyMatch(b -> !b.matches("[A-Za-z0-9_-]+"))) {
                table.mistake("shares", "say how large each bucket is: shares = { a = 50, b = 50 }");
                shares.put("a", 1);
            }
            splits.add(new Rule.Split(name, by, header, java.util.Collections.unmodifiableMap(shares)));
        }
        return splits.isEmpty() ? Optional.empty() : Optional.of(new Rule.Buckets(List.copyOf(splits)));
    }

    private static Optional<Rule> hsts(TableReader route) {
        Duration year = Duration.ofDays(365);
        if (route.isTrue("hsts")) {
            return Optional.of(new Rule.Hsts(year, false, false));
        }
        return route.with("hsts", table -> {
            table.keys("max_age", "subdomains", "preload");
            Rule.Hsts hsts = new Rule.Hsts(
                    table.duration("max_age", year), table.flag("subdomains", false), table.flag("preload", false));
            if (hsts.preload() && (!hsts.subdomains() || hsts.maxAge().compareTo(year) < 0)) {
                table.mistake("preload", "the lists of browsers want subdomains = true and a max_age of 365d or more");
            }
            return hsts;
        });
    }

    private static Optional<Rule> securityHeaders(TableReader route) {
        Map<String, String> fields = new LinkedHashMap<>(SECURITY_HEADERS);
        if (!route.isTrue("security_headers")) {
            route.fields("security_headers").forEach((name, value) -> {
                fields.keySet().removeIf(name::equalsIgnoreCase);
                if (!value.isEmpty()) {
                    fields.put(name, value);
                }
            });
        }
        return Optional.of(new Rule.SecurityHeaders(java.util.Collections.unmodifiableMap(fields)));
    }

    private static Map<String, String> securityHeaders() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("X-Content-Type-Options", "nosniff");
        fields.put("X-Frame-Options", "SAMEORIGIN");
        fields.put("Referrer-Policy", "strict-origin-when-cross-origin");
        fields.put("Cross-Origin-Opener-Policy", "same-origin");
        return java.util.Collections.unmodifiableMap(fields);
    }
}
