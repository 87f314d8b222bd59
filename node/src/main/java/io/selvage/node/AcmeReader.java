package io.selvage.node;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what a manifest says of a certificate that is issued by ACME. */
final class AcmeReader {
    private static final String LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";
    private static final Pattern HOST =
            Pattern.compile("(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Duration RETRY = Duration.ofMinutes(2);
    private static final Duration LEAST_RETRY = Duration.ofSeconds(1);

    private final TableReader table;

    private AcmeReader(TableReader table) {
        this.table = table;
    }

    static AcmeDefinition read(TableReader table) {
        return new AcmeReader(table).read();
    }

    private AcmeDefinition read() {
        table.keys(
                "names",
                "directory",
                "email",
                "agree_to_terms",
                "storage",
                "authorities",
                "renew_before",
                "retry",
                "challenges",
                "key_id",
                "key_file");
        if (!table.isTrue("agree_to_terms")) {
            table.mistake(
                    "agree_to_terms",
                    "must be true: read the authority's terms of service, which its directory names, and say so");
        }
        return new AcmeDefinition(
                names(),
                directory(),
                email(),
                table.folder("storage"),
                table.file("authorities"),
                table.has("renew_before") ? Optional.of(duration("renew_before", RETRY)) : Optional.empty(),
                duration("retry", RETRY),
                challenges(),
                external());
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        for (String text : table.texts("names")) {
            String name = text.toLowerCase(Locale.ROOT);
            if (name.startsWith("*.")) {
                table.mistake(
                        "names",
                        "\"" + text
                                + "\": wildcards are proved in the DNS, which the node does not do; name each host");
            } else if (!HOST.matcher(name).matches()) {
                table.mistake("names", "\"" + text + "\" is not a host name; for example \"www.example.com\"");
            } else if (!names.contains(name)) {
                names.add(name);
            }
        }
        if (!table.has("names") || table.texts("names").isEmpty()) {
            table.mistake("names", "is missing; say for which hosts the certificate is: names = [\"www.example.com\"]");
        }
        return List.copyOf(names);
    }

    private URI directory() {
        String text = table.text("directory", LETS_ENCRYPT);
        try {
            URI uri = URI.create(text);
            if (("https".equals(uri.getScheme()) || "http".equals(uri.getScheme())) && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException _) {
            // told below
        }
        table.mistake("directory", "\"" + text + "\" is not a URL; for example \"" + LETS_ENCRYPT + "\"");
        return URI.create(LETS_ENCRYPT);
    }

    private Optional<String> email() {
        Optional<String> email = table.text("email");
        email.filter(e -> !e.matches("[^\\s@,]+@[^\\s@,]+"))
                .ifPresent(e ->
                        table.mistake("email", "\"" + e + "\" is not an address; for example \"ops@example.com\""));
        return email;
    }

    private Duration duration(String key, Duration otherwise) {
        Duration duration = table.duration(key, otherwise);
        if (duration.compareTo(LEAST_RETRY) < 0) {
            table.mistake(key, "must be 1s or longer");
        }
        return duration;
    }

    private List<AcmeDefinition.Challenge> challenges() {
        List<AcmeDefinition.Challenge> all = List.of(AcmeDefinition.Challenge.values());
        List<String> valid = all.stream().map(AcmeDefinition.Challenge::text).toList();
        List<AcmeDefinition.Challenge> chosen = new ArrayList<>();
        for (String text : table.texts("challenges")) {
            int index = valid.indexOf(text);
            if (index < 0) {
                table.mistake("challenges", "\"" + text + "\" is none of them; " + Nearest.advice(text, valid));
            } else if (!chosen.contains(all.get(index))) {
                chosen.add(all.get(index));
            }
        }
        return chosen.isEmpty() ? Arrays.asList(AcmeDefinition.Challenge.values()) : List.copyOf(chosen);
    }

    private Optional<AcmeDefinition.ExternalAccount> external() {
        Optional<String> id = table.text("key_id");
        Optional<Path> file = table.file("key_file");
        if (table.has("key_id") != table.has("key_file")) {
            table.mistake(
                    table.has("key_id") ? "key_id" : "key_file",
                    "an account at the authority has both: key_id = \"...\", key_file = \"mac.txt\"");
        }
        return id.flatMap(i -> file.map(f -> new AcmeDefinition.ExternalAccount(i, f)));
    }
}
