package io.selvage.cache;

import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import java.util.List;

/** Requests and responses for tests, at a time of their own. */
final class Given {
    /** 2026-01-01T00:00:00Z, milliseconds. */
    static final long NOW = 1_767_225_600_000L;

    static final CacheKey KEY = CacheKey.of("http", "example.com", "/a", "");

    private Given() {}

    static Headers fields(String... lines) {
        Headers fields = new Headers();
        for (String line : lines) {
            fields.add(
                    line.substring(0, line.indexOf(':')),
                    line.substring(line.indexOf(':') + 1).strip());
        }
        return fields;
    }

    static CacheRequest get(String... lines) {
        return CacheRequest.of("GET", KEY, fields(lines));
    }

    static CachedResponse response(String... lines) {
        return response(new Headers(), lines);
    }

    static CachedResponse response(Headers request, String... lines) {
        Headers fields = fields(lines);
        return CachedResponse.of(
                200,
                fields,
                Variant.of(fields, request),
                List.of("0123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
                CachedResponse.Arrival.of(fields, NOW, NOW, NOW / 1000),
                CacheRules.DEFAULT);
    }

    static boolean mayStore(CacheRequest request, int status, String... lines) {
        Headers fields = fields(lines);
        ResponsePolicy policy = ResponsePolicy.of(status, fields, NOW / 1000, CacheRules.DEFAULT);
        return policy.allowsStoring(request, status, fields) && policy.isWorthStoring(fields);
    }

    static long lifetime(int status, String... lines) {
        return ResponsePolicy.of(status, fields(lines), NOW / 1000, CacheRules.DEFAULT)
                .lifetime();
    }

    /** The content of a response in memory. */
    static String text(CachedResponse response) {
        if (response.content() instanceof Content.InMemory memory) {
            StringBuilder text = new StringBuilder();
            memory.parts().forEach(part -> text.append(new String(part, java.nio.charset.StandardCharsets.UTF_8)));
            return text.toString();
        }
        throw new AssertionError("its content is on disk");
    }
}
