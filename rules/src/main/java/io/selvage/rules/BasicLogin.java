package io.selvage.rules;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.Rule;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Asks for a name and a password (RFC 7617). Hashes are compared off the event loop, a few at a time; who has logged in is
 * remembered for a moment, under a digest with a secret that never leaves the process. Thread-safe.
 */
final class BasicLogin implements Step {
    /** A hash costs as much for names that are not there. */
    private static final Duration REMEMBERED = Duration.ofMinutes(5);

    private static final int MOST_REMEMBERED = 10_000;
    private static final Background HASHING =
            new Background(64, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

    private record Credentials(String user, String password) {}

    private final Rule.Basic rule;
    private final String stranger;
    private final String secret;
    private final Cache<String, String> known = Caffeine.newBuilder()
            .maximumSize(MOST_REMEMBERED)
            .expireAfterWrite(REMEMBERED)
            .executor(Runnable::run)
            .build();

    BasicLogin(Rule.Basic rule) {
        this.rule = rule;
        this.stranger = rule.users().values().iterator().next();
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        this.secret = Base64.getEncoder().encodeToString(random);
    }

    @Override
    public String key() {
        return "basic";
    }

    @Override
    public Outcome apply(Passage passage) {
        Optional<Credentials> given = credentials(passage.head().headers());
        if (given.isEmpty()) {
            passage.say(key(), "asks for a name and a password: the request has none");
            return refusal();
        }
        Credentials credentials = given.get();
        String digest = Base64.getEncoder()
                .encodeToString(PartitionKey.sha256(secret + credentials.user() + ":" + credentials.password()));
        String user = known.getIfPresent(digest);
        if (user != null) {
            return welcome(passage, user);
        }
        return HASHING.run(() -> {
                    String hash = rule.users().getOrDefault(credentials.user(), stranger);
                    boolean matches = PasswordHash.matches(credentials.password(), hash)
                            && rule.users().containsKey(credentials.user());
                    if (matches) {
                        known.put(digest, credentials.user());
                        return welcome(passage, credentials.user());
                    }
                    passage.say(key(), "the name or the password is wrong");
                    return refusal();
                })
                .<Outcome>map(Outcome.Wait::new)
                .orElseGet(() -> Outcome.refuse(new Problem(
                        503,
                        "busy",
                        "The service is busy",
                        "Too many log in at the same time. Try again.",
                        "",
                        1,
                        List.of())));
    }

    private Outcome welcome(Passage passage, String user) {
        passage.say(key(), "logs in \"" + user + "\"");
        passage.values().put("user", user);
        if (!rule.header().isEmpty()) {
            passage.set(rule.header(), user);
        }
        if (!rule.forward()) {
            passage.set("Authorization", "");
        }
        return Outcome.PASS;
    }

    private Outcome refusal() {
        Headers fields =
                new Headers().add("WWW-Authenticate", "Basic realm=\"" + rule.realm() + "\", charset=\"UTF-8\"");
        return Outcome.refuse(
                Problem.of(401, "unauthorized", "Who are you?", "This asks for a name and a password."), fields);
    }

    private static Optional<Credentials> credentials(Headers headers) {
        List<String> lines = headers.all("authorization");
        if (lines.size() != 1 || !lines.getFirst().regionMatches(true, 0, "basic ", 0, 6)) {
            return Optional.empty();
        }
        try {
            byte[] decoded =
                    Base64.getDecoder().decode(lines.getFirst().substring(6).strip());
            String text = new String(decoded, StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            return colon < 0
                    ? Optional.empty()
                    : Optional.of(new Credentials(text.substring(0, colon), text.substring(colon + 1)));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
