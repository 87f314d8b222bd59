package io.selvage.rules;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.selvage.node.EventLog;
import io.selvage.node.Headers;
import io.selvage.node.Problem;
import io.selvage.node.Rule;
import java.text.ParseException;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Asks for a signed token (RFC 7519) and answers as RFC 6750 has it. Signatures are checked off the event loop; a token that
 * was good is remembered, by its digest, while it is valid. Thread-safe.
 */
final class TokenCheck implements Step {
    private static final int MOST_REMEMBERED = 10_000;
    private static final int LONGEST = 16 << 10;
    private static final Background CHECKING = new Background(512, 64);

    private final Rule.Jwt rule;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    private final Cache<String, JWTClaimsSet> known;

    /**
     * A check by a rule.
     *
     * @throws io.selvage.node.ConfigurationException if the keys cannot be read
     */
    TokenCheck(Rule.Jwt rule, EventLog log) {
        this.rule = rule;
        Set<JWSAlgorithm> algorithms =
                rule.algorithms().stream().map(JWSAlgorithm::parse).collect(Collectors.toSet());
        processor.setJWSKeySelector(new EdwardsSignatures.Keys(algorithms, new KeySet(rule, log)));
        processor.setJWSVerifierFactory(new EdwardsSignatures.Verifiers());
        processor.setJWSTypeVerifier(
                new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
        JWTClaimsSet.Builder exact = new JWTClaimsSet.Builder();
        if (!rule.issuer().isEmpty()) {
            exact.issuer(rule.issuer());
        }
        Set<String> required = new HashSet<>(rule.required());
        required.add("exp");
        Set<String> audience = rule.audience().isEmpty() ? Set.of() : Set.copyOf(rule.audience());
        DefaultJWTClaimsVerifier<SecurityContext> claims = audience.isEmpty()
                ? new DefaultJWTClaimsVerifier<>(exact.build(), required)
                : new DefaultJWTClaimsVerifier<>(audience, exact.build(), required, null);
        claims.setMaxClockSkew((int) rule.leeway().toSeconds());
        processor.setJWTClaimsSetVerifier(claims);
        known = Caffeine.newBuilder()
                .maximumSize(MOST_REMEMBERED)
                .expireAfterWrite(rule.refresh())
                .executor(Runnable::run)
                .build();
    }

    @Override
    public String key() {
        return "jwt";
    }

    @Override
    public Outcome apply(Passage passage) {
        Optional<String> token = token(passage.head().headers());
        if (token.isEmpty()) {
            passage.say(key(), "asks for a token: the request has none");
            return refusal(401, "", "The request has no token.");
        }
        if (token.get().length() > LONGEST) {
            passage.say(key(), "the token is longer than " + LONGEST + " characters");
            return refusal(401, "invalid_token", "The token is longer than " + LONGEST + " characters");
        }
        String digest = Base64.getEncoder().encodeToString(PartitionKey.sha256(token.get()));
        JWTClaimsSet claims = known.getIfPresent(digest);
        if (claims != null && isValid(claims)) {
            return welcome(passage, token.get(), claims);
        }
        return CHECKING.run(() -> check(passage, token.get(), digest))
                .<Outcome>map(Outcome.Wait::new)
                .orElseGet(() -> unavailable("Too many tokens are checked at the same time. Try again."));
    }

    private boolean isValid(JWTClaimsSet claims) {
        return claims.getExpirationTime().toInstant().toEpochMilli()
                        + rule.leeway().toMillis()
                > System.currentTimeMillis();
    }

    private Optional<String> token(Headers headers) {
        List<String> lines = headers.all(rule.header());
        if (lines.size() == 1 && !lines.getFirst().isBlank()) {
            String value = lines.getFirst().strip();
            if (!rule.header().equalsIgnoreCase("authorization")) {
                return Optional.of(value);
            }
            if (value.regionMatches(true, 0, "bearer ", 0, 7)) {
                return Optional.of(value.substring(7).strip());
            }
        }
        return rule.cookie().isEmpty() ? Optional.empty() : Cookies.value(headers, rule.cookie());
    }

    private Outcome check(Passage passage, String token, String digest) {
        try {
            JWTClaimsSet claims = processor.process(SignedJWT.parse(token), null);
            known.put(digest, claims);
            return welcome(passage, token, claims);
        } catch (KeySourceException e) {
            passage.say(key(), "the token cannot be checked: " + e.getMessage());
            return unavailable("The keys that tokens are checked with cannot be had now. Try again.");
        } catch (ParseException _) {
            passage.say(key(), "the token is malformed");
            return refusal(401, "invalid_token", "The token is malformed");
        } catch (BadJOSEException | JOSEException e) {
            passage.say(key(), "the token is refused: " + e.getMessage());
            return refusal(401, "invalid_token", String.valueOf(e.getMessage()));
        }
    }

    private Outcome welcome(Passage passage, String token, JWTClaimsSet claims) {
        if (!scopes(claims).containsAll(rule.scopes())) {
            passage.say(key(), "the token has not the scope " + String.join(" ", rule.scopes()));
            return refusal(403, "insufficient_scope", "The token has not the scope " + String.join(" ", rule.scopes()));
        }
        Map<String, Object> all = claims.getClaims();
        all.keySet()
                .forEach(name ->
                        text(all, name).ifPresent(text -> passage.values().put("claim." + name, text)));
        text(all, "sub").ifPresent(sub -> passage.values().put("user", sub));
        rule.claims()
                .forEach((claim, field) ->
                        passage.set(field, Template.exact(text(all, claim).orElse(""))));
        if (!rule.claims().isEmpty()) {
            passage.set("Authorization", "Bearer " + token);
        } else if (!rule.forward()) {
            passage.set(rule.header(), "");
        }
        passage.say(key(), "the token of " + passage.values().getOrDefault("user", "someone") + " is good");
        return Outcome.PASS;
    }

    private static Set<String> scopes(JWTClaimsSet claims) {
        Set<String> scopes = new HashSet<>();
        for (String name : List.of("scope", "scp")) {
            text(claims.getClaims(), name).ifPresent(text -> scopes.addAll(List.of(text.split(" "))));
        }
        return scopes;
    }

    private static Optional<String> text(Map<String, Object> claims, String name) {
        Object value = claims.get(name);
        if (value instanceof Collection<?> list) {
            return Optional.of(list.stream().map(String::valueOf).collect(Collectors.joining(" ")));
        }
        return value == null || value instanceof Map<?, ?> ? Optional.empty() : Optional.of(value.toString());
    }

    private Outcome refusal(int status, String error, String description) {
        String printable = description.replaceAll("[^ !#-\\[\\]-~]", "?");
        String challenge = "Bearer realm=\"Selvage\""
                + (error.isEmpty() ? "" : ", error=\"" + error + "\", error_description=\"" + printable + "\"");
        Headers fields = new Headers().add("WWW-Authenticate", challenge);
        return status == 401
                ? Outcome.refuse(Problem.of(401, "unauthorized", "The request needs a valid token", printable), fields)
                : Outcome.refuse(Problem.of(403, "forbidden", "The token allows less", printable), fields);
    }

    private static Outcome unavailable(String detail) {
        return Outcome.refuse(new Problem(503, "busy", "The service is busy", detail, "", 1, List.of()));
    }
}
