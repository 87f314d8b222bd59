package io.selvage.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the rules that let only some clients through. */
final class GuardReader {
    private static final List<String> ALGORITHMS = List.of(
            "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256", "HS384", "HS512",
            "EdDSA", "Ed25519");

    private GuardReader() {}

    static Optional<Rule> read(TableReader route, String key) {
        return switch (key) {
            case "addresses" -> route.with(key, GuardReader::addresses);
            case "geo" -> route.with(key, GuardReader::geo);
            case "basic" -> route.with(key, GuardReader::basic);
            case "jwt" -> route.with(key, GuardReader::jwt);
            default -> throw new IllegalArgumentException(key);
        };
    }

    private static Rule addresses(TableReader table) {
        table.keys("allow", "deny");
        return new Rule.Addresses(table.networks("allow"), table.networks("deny"));
    }

    private static Rule geo(TableReader table) {
        table.keys("database", "asn", "allow", "deny");
        if (!table.has("database") && !table.has("asn")) {
            table.needed("database", "name a file in MaxMind's format: database = \"country.mmdb\"");
        }
        Optional<Path> database = table.file("database");
        Optional<Path> asn = table.file("asn");
        for (String key : List.of("allow", "deny")) {
            if (table.has(key) && !table.has("database")) {
                table.mistake(key, "only a database of countries knows them; name one");
            }
            table.texts(key).stream()
                    .filter(c -> !c.matches("[A-Z]{2}"))
                    .forEach(c -> table.mistake(key, "\"" + c + "\" is not a country; write two capitals, as \"DE\""));
        }
        String stamp =
                FileStamps.of(Stream.of(database, asn).flatMap(Optional::stream).toList());
        return new Rule.Geo(database, asn, table.texts("allow"), table.texts("deny"), stamp);
    }

    private static Rule basic(TableReader table) {
        table.keys("realm", "users", "file", "forward", "header");
        Map<String, String> users = new LinkedHashMap<>();
        table.table("users")
                .ifPresent(inner -> inner.all()
                        .forEach(user -> inner.text(user).ifPresent(hash -> user(inner, user, user, hash, users))));
        Optional<Path> file = table.file("file");
        file.ifPresent(path -> table.content("file", path)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .forEach(line -> {
                    int colon = line.indexOf(':');
                    user(
                            table,
                            "file",
                            colon < 0 ? line : line.substring(0, colon),
                            colon < 0 ? "" : line.substring(colon + 1).strip(),
                            users);
                }));
        if (users.isEmpty()) {
            table.mistake(
                    "users", "there is no user; give one with the hash of a password: users = { ada = \"$2y$...\" }");
        }
        String header = table.text("header", "");
        checkField(table, "header", header);
        return new Rule.Basic(
                quotable(table, "realm", "Selvage"),
                java.util.Collections.unmodifiableMap(users),
                table.flag("forward", !header.isEmpty()),
                header,
                file);
    }

    /** What is wrong is said without the hash; who has a mistake is a user all the same. */
    private static void user(TableReader table, String key, String user, String hash, Map<String, String> users) {
        boolean known = hash.matches("\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}")
                || hash.matches(
                        "\\$argon2(id|i|d)\\$v=19\\$m=[0-9]+,t=[0-9]+,p=[0-9]+\\$[A-Za-z0-9+/]+\\$[A-Za-z0-9+/]+")
                || hash.matches("\\$[56]\\$(rounds=[0-9]+\\$)?[./A-Za-z0-9]{1,16}\\$[./A-Za-z0-9]+")
                || hash.matches("\\{SHA}[A-Za-z0-9+/]{27}=");
        if (!known) {
            table.mistake(
                    key,
                    "what stands for the password of \"" + user
                            + "\" is none of the hashes that are known: bcrypt ($2y$), "
                            + "argon2 ($argon2id$), SHA-crypt ($5$, $6$), {SHA}; make one with htpasswd -nB " + user);
            users.put(user, "");
        } else if (user.isEmpty() || user.contains(":")) {
            table.mistake(key, "\"" + user + "\" cannot be a user's name");
        } else {
            users.put(user, hash);
        }
    }

    private static String quotable(TableReader table, String key, String otherwise) {
        String text = table.text(key, otherwise);
        if (!text.matches("[ !#-\\[\\]-~]*")) {
            table.mistake(key, "must be printable ASCII without quotes and backslashes");
        }
        return text;
    }

    private static Rule jwt(TableReader table) {
        table.keys(
                "keys",
                "refresh",
                "algorithms",
                "issuer",
                "audience",
                "leeway",
                "header",
                "cookie",
                "required",
                "scopes",
                "claims",
                "forward");
        String keys = table.needed("keys", "name a file with a JWK set, or its URL");
        boolean remote = keys.startsWith("https://") || keys.startsWith("http://");
        if (keys.startsWith("http://") && !keys.matches("http://(localhost|127\\.0\\.0\\.1|\\[::1])[:/].*")) {
            table.mistake("keys", "keys that come without TLS can be anyone's; use https");
        }
        Optional<Path> file = remote ? Optional.empty() : table.file("keys");
        List<String> algorithms = table.texts("algorithms");
        if (algorithms.isEmpty()) {
            table.mistake("algorithms", "name those that are accepted: algorithms = [\"RS256\"]");
        }
        algorithms.stream()
                .filter(a -> !ALGORITHMS.contains(a))
                .forEach(a -> table.mistake(
                        "algorithms", "\"" + a + "\" is none that is known; " + Nearest.advice(a, ALGORITHMS)));
        if (remote && algorithms.stream().anyMatch(a -> a.startsWith("HS"))) {
            table.mistake(
                    "algorithms", "keys of HS256, HS384 and HS512 are secret, and no URL serves secrets; name a file");
        }
        String header = table.text("header", "Authorization");
        checkField(table, "header", header);
        Map<String, String> claims = new LinkedHashMap<>();
        table.table("claims")
                .ifPresent(inner -> inner.all()
                        .forEach(claim -> inner.text(claim).ifPresent(field -> {
                            inner.checkField(claim, field, "");
                            claims.put(claim, field);
                        })));
        return new Rule.Jwt(
                file.map(path -> table.content("keys", path)).orElse(""),
                remote ? keys : "",
                table.duration("refresh", Duration.ofMinutes(10)),
                algorithms,
                table.text("issuer", ""),
                table.texts("audience"),
                table.duration("leeway", Duration.ofSeconds(60)),
                header,
                table.text("cookie", ""),
                table.texts("required"),
                table.texts("scopes"),
                java.util.Collections.unmodifiableMap(claims),
                table.flag("forward", true),
                file);
    }

    private static void checkField(TableReader table, String key, String field) {
        if (!field.isEmpty()) {
            table.checkField(key, field, "");
        }
    }
}
