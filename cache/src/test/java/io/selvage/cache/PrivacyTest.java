package io.selvage.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever users ask for and origins answer, in whatever order: what is one user's own never reaches another. */
class PrivacyTest {
    private static final List<String> USERS = List.of("ann", "bob", "");
    private static final List<String> CONTROLS = List.of(
            "private, max-age=60",
            "max-age=60, private",
            "no-store, max-age=60",
            "max-age=60",
            "s-maxage=60",
            "public, max-age=60",
            "must-revalidate, max-age=60",
            "max-age=0, stale-while-revalidate=60",
            "max-age=0, stale-if-error=60");
    private static final List<String> VARIES = List.of("", "Cookie", "Authorization", "Cookie, Authorization", "*");
    private static final List<String> GENERAL_PERMITS = List.of("public", "s-maxage", "must-revalidate");

    /** An answer, and what makes it one user's own. */
    private record Answer(Headers fields, boolean own) {}

    private static Headers request(Random random, String user) {
        Headers fields = new Headers();
        if (!user.isEmpty()) {
            fields.add(random.nextBoolean() ? "Authorization" : "Cookie", user);
        }
        return fields;
    }

    private static Answer answer(Random random, Headers request) {
        String control = CONTROLS.get(random.nextInt(CONTROLS.size()));
        String vary = VARIES.get(random.nextInt(VARIES.size()));
        Headers fields = new Headers().add("Cache-Control", control);
        if (!vary.isEmpty()) {
            fields.add("Vary", vary);
        }
        boolean authorized = request.contains("authorization");
        boolean permitted = GENERAL_PERMITS.stream().anyMatch(control::contains);
        boolean varies = vary.equals("*")
                || (vary.contains("Cookie") && request.contains("cookie"))
                || (vary.contains("Authorization") && authorized);
        boolean own =
                control.contains("private") || control.contains("no-store") || (authorized && !permitted) || varies;
        return new Answer(fields, own);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatIsOneUsersOwnNeverReachesAnother(long seed) {
        Random random = new Random(seed);
        HttpCache cache = new HttpCache(1 << 20);
        int reused = 0;
        for (int step = 0; step < 5000; step++) {
            String user = USERS.get(random.nextInt(USERS.size()));
            CacheKey key = CacheKey.of("http", "example.com", "/" + random.nextInt(8), "");
            CacheRequest request = CacheRequest.of("GET", key, request(random, user));
            Optional<CachedResponse> selected = cache.select(request);
            Reuse reuse = Reuse.decide(request, selected, Given.NOW);
            boolean answers = reuse instanceof Reuse.Fresh
                    || reuse instanceof Reuse.StaleWhileRevalidate
                    || (selected.isPresent() && Reuse.mayReplaceFailure(request, selected.get(), true, Given.NOW));
            if (answers) {
                reused++;
                String owner = Given.text(selected.orElseThrow());
                assertTrue(owner.isEmpty() || owner.equals(user), () -> "what is " + owner + "'s reached " + user);
            }
            if (random.nextInt(3) == 0 || !answers) {
                Answer answer = answer(random, request.fields());
                ResponsePolicy policy = ResponsePolicy.of(200, answer.fields, Given.NOW / 1000, CacheRules.DEFAULT);
                if (policy.allowsStoring(request, 200, answer.fields)) {
                    byte[] content = (answer.own ? user : "").getBytes(StandardCharsets.UTF_8);
                    cache.store(
                            key,
                            CachedResponse.of(
                                    200,
                                    answer.fields,
                                    Variant.of(answer.fields, request.fields()),
                                    List.of(content),
                                    CachedResponse.Arrival.of(answer.fields, Given.NOW, Given.NOW, Given.NOW / 1000),
                                    CacheRules.DEFAULT));
                }
            }
        }
        assertTrue(reused > 500, "the test reuses something");
        assertEquals(8, cache.size(), 1);
    }
}
