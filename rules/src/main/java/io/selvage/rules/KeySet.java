package io.selvage.rules;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import io.selvage.node.ConfigurationException;
import io.selvage.node.EventLog;
import io.selvage.node.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The public keys of those who issue tokens (RFC 7517): from a file, or from an URL that is asked again now and then, and
 * when a token names a key that is not there. Whoever asks may have to wait for it. Thread-safe.
 */
final class KeySet implements JWKSource<SecurityContext> {
    /** However many tokens name unknown keys, the URL is asked no more often. */
    private static final Duration COOLDOWN = Duration.ofSeconds(10);

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MOST_BYTES = 1 << 20;

    private final Rule.Jwt rule;
    private final EventLog log;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile @Nullable JWKSet keys;
    private volatile long askedAt;
    private volatile boolean asked;

    /**
     * The keys of a rule.
     *
     * @throws ConfigurationException if the file holds none
     */
    KeySet(Rule.Jwt rule, EventLog log) {
        this.rule = rule;
        this.log = log;
        if (rule.url().isEmpty()) {
            try {
                keys = JWKSet.parse(rule.keys());
            } catch (ParseException e) {
                throw new ConfigurationException("keys: this is no JWK set (RFC 7517): " + e.getMessage());
            }
        }
    }

    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws KeySourceException {
        if (!rule.url().isEmpty() && isOlderThan(rule.refresh())) {
            fetch(rule.refresh());
        }
        List<JWK> found = select(selector);
        if (found.isEmpty() && !rule.url().isEmpty() && isOlderThan(COOLDOWN)) {
            fetch(COOLDOWN);
            found = select(selector);
        }
        return found;
    }

    private List<JWK> select(JWKSelector selector) throws KeySourceException {
        JWKSet now = keys;
        if (now == null) {
            throw new KeySourceException("the keys could not be fetched");
        }
        return selector.select(now);
    }

    private boolean isOlderThan(Duration age) {
        Duration most = keys == null && age.compareTo(COOLDOWN) > 0 ? Duration.ofSeconds(1) : age;
        return !asked || System.nanoTime() - askedAt > most.toNanos();
    }

    private void fetch(Duration age) {
        fetching.lock();
        try {
            if (!isOlderThan(age)) {
                return;
            }
            keys = ask();
        } catch (IOException | ParseException | IllegalArgumentException e) {
            log.warn(
                    "jwt",
                    "the keys at " + rule.url() + " cannot be had, "
                            + (keys == null ? "there are none" : "the old ones stay") + ": " + e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            asked = true;
            askedAt = System.nanoTime();
            fetching.unlock();
        }
    }

    private JWKSet ask() throws IOException, InterruptedException, ParseException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(rule.url()))
                .timeout(PATIENCE)
                .header("Accept", "application/jwk-set+json, application/json")
                .build();
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                byte[] bytes = body.readNBytes(MOST_BYTES + 1);
                if (response.statusCode() != 200 || bytes.length > MOST_BYTES) {
                    throw new IOException(
                            response.statusCode() == 200
                                    ? "more than 1 MiB"
                                    : "the status is " + response.statusCode());
                }
                return JWKSet.parse(new String(bytes, StandardCharsets.UTF_8));
            }
        }
    }
}
