package io.selvage.cache;

import io.selvage.node.CacheRules;
import io.selvage.node.Headers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A stored response: its fields, where its whole content is, and what is needed to tell its age. Immutable; thread-safe. */
public final class CachedResponse {
    /** Fields that hold for one connection, or for one proxy and its client (RFC 9111 §3.1). */
    private static final Set<String> NEVER_STORED = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "proxy-authenticate",
            "proxy-authentication-info",
            "proxy-authorization",
            "http2-settings");

    /** Fields that describe the stored content, which a 304 cannot change (RFC 9111 §3.2). */
    private static final Set<String> OF_CONTENT =
            Set.of("content-length", "content-encoding", "content-range", "content-type", "age");

    /** What an entry costs beside its bytes, as far as that can be said. */
    private static final long OVERHEAD = 512;

    private static final int PART = 128 << 10;

    /** For how many seconds a content has not changed whose time of change is a strong validator. */
    private static final long SURELY_PAST = 60;

    private final int status;
    private final Headers fields;
    private final Variant variant;
    private final ResponsePolicy policy;
    private final Content content;
    private final long id;
    private final Arrival arrival;
    private final boolean outdated;
    private final CacheRules rules;
    private final long date;
    private volatile @Nullable Object prepared;
    private final Map<ContentCoding, byte[]> coded;

    /**
     * When a response came.
     *
     * @param millis by {@link CacheClock}
     * @param second by the clock on the wall, seconds since 1970, to compare its {@code Date} with
     * @param age how old it was then, seconds (RFC 9111 §4.2.3)
     */
    public record Arrival(long millis, long second, long age) {
        /** The arrival of a response with these fields, whose request left at {@code requestMillis} by the same clock. */
        public static Arrival of(Headers fields, long requestMillis, long responseMillis, long second) {
            long apparent = Math.max(0, second - ResponsePolicy.date(fields, second));
            long delay = Math.max(0, responseMillis - requestMillis) / 1000;
            return new Arrival(responseMillis, second, Math.max(apparent, ageValue(fields) + delay));
        }
    }

    private CachedResponse(
            int status,
            Headers fields,
            Variant variant,
            Content content,
            long id,
            Arrival arrival,
            CacheRules rules,
            boolean outdated,
            Map<ContentCoding, byte[]> coded) {
        this.status = status;
        this.fields = fields;
        this.variant = variant;
        this.policy = ResponsePolicy.of(status, fields, arrival.second, rules);
        this.content = content;
        this.id = id;
        this.arrival = arrival;
        this.rules = rules;
        this.outdated = outdated;
        this.date = ResponsePolicy.date(fields, arrival.second);
        this.coded = coded;
    }

    /**
     * What is stored of a response.
     *
     * @param fields every field that came
     * @param content the whole content in parts, which nobody changes any more
     * @param rules the route's
     */
    public static CachedResponse of(
            int status, Headers fields, Variant variant, List<byte[]> content, Arrival arrival, CacheRules rules) {
        return of(status, fields, variant, Content.InMemory.of(joined(content)), arrival, rules);
    }

    /** The same of a content that is perhaps elsewhere. */
    public static CachedResponse of(
            int status, Headers fields, Variant variant, Content content, Arrival arrival, CacheRules rules) {
        long id = ThreadLocalRandom.current().nextLong();
        return new CachedResponse(status, storable(fields), variant, content, id, arrival, rules, false, Map.of());
    }

    /**
     * What is stored of a response of which only a part has come: a 206, or one that broke off. It counts as the 200 that it
     * is a part of.
     *
     * @param fields every field that came
     * @param content the bytes that came, at least one
     */
    public static CachedResponse ofPart(
            Headers fields,
            Variant variant,
            ContentRange range,
            List<byte[]> content,
            Arrival arrival,
            CacheRules rules) {
        Headers whole = new Headers();
        fields.forEach(whole::add);
        whole.remove("content-range").remove("content-length");
        return of(200, whole, variant, Partial.of(range, joined(content)), arrival, rules);
    }

    /** A response as it was stored before, under the number that it had. */
    static CachedResponse restored(
            int status,
            Headers fields,
            Variant variant,
            Content content,
            long id,
            Arrival arrival,
            CacheRules rules,
            boolean outdated) {
        return new CachedResponse(status, fields, variant, content, id, arrival, rules, outdated, Map.of());
    }

    /** The content in few parts, since each of them is sent for itself: all of {@link #PART} bytes but the last. */
    private static List<byte[]> joined(List<byte[]> content) {
        if (content.size() == 1 && content.getFirst().length <= PART) {
            return List.copyOf(content);
        }
        long left = content.stream().mapToLong(part -> part.length).sum();
        List<byte[]> joined = new ArrayList<>();
        byte[] current = new byte[0];
        int filled = 0;
        for (byte[] part : content) {
            for (int from = 0; from < part.length; ) {
                if (filled == current.length) {
                    current = new byte[(int) Math.min(PART, left)];
                    joined.add(current);
                    filled = 0;
                }
                int count = Math.min(part.length - from, current.length - filled);
                System.arraycopy(part, from, current, filled, count);
                from += count;
                filled += count;
                left -= count;
            }
        }
        return List.copyOf(joined);
    }

    /** This response with the fields of the 304 that has validated it (RFC 9111 §4.3.4). */
    public CachedResponse freshenedBy(Headers notModified, Arrival validated) {
        Headers merged = updatedBy(notModified);
        return new CachedResponse(status, merged, variant, content, id, validated, rules, false, coded);
    }

    /** Its fields with those of a newer response in their place, as far as they are not those of its content (§3.2). */
    Headers updatedBy(Headers newer) {
        Headers update = storable(newer);
        Set<String> replaced = new HashSet<>();
        update.forEach((name, _) -> replaced.add(name.toLowerCase(Locale.ROOT)));
        replaced.removeAll(OF_CONTENT);
        Headers merged = new Headers();
        fields.forEach((name, value) -> {
            if (!replaced.contains(name.toLowerCase(Locale.ROOT))) {
                merged.add(name, value);
            }
        });
        update.forEach((name, value) -> {
            if (replaced.contains(name.toLowerCase(Locale.ROOT))) {
                merged.add(name, value);
            }
        });
        return merged;
    }

    /**
     * The response that this part and a newer one are parts of (RFC 9111 §3.4); nothing if they do not share a strong
     * validator, or one of them is whole already.
     */
    Optional<CachedResponse> combinedWith(CachedResponse newer) {
        boolean same = strongValidator().isPresent()
                && strongValidator().equals(newer.strongValidator())
                && length() == newer.length();
        if (!same || !(content instanceof Partial old) || !(newer.content instanceof Partial more)) {
            return Optional.empty();
        }
        Partial both = old.and(more);
        Content combined = both.isWhole()
                ? Content.InMemory.of(joined(both.pieces().getFirst().parts()))
                : both;
        return Optional.of(of(status, updatedBy(newer.fields), newer.variant, combined, newer.arrival, newer.rules));
    }

    /** This response as one that must be validated before its next use, but may still serve when the origin fails. */
    public CachedResponse asOutdated() {
        return new CachedResponse(status, fields, variant, content, id, arrival, rules, true, coded);
    }

    /** The first member of the first {@code Age} line, 0 if that is no number of seconds (RFC 9111 §5.1). */
    private static long ageValue(Headers fields) {
        String first = fields.first("age").orElse("").split(",", 2)[0].strip();
        return CacheControl.deltaSeconds(first);
    }

    private static Headers storable(Headers fields) {
        CacheControl control = CacheControl.parse(fields.all("cache-control"));
        Set<String> left = new HashSet<>(control.names("private"));
        left.addAll(control.names("no-cache"));
        for (String connection : fields.all("connection")) {
            CacheControl.split(connection, ',').forEach(name -> left.add(name.toLowerCase(Locale.ROOT)));
        }
        Headers stored = new Headers();
        fields.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!NEVER_STORED.contains(lower) && !left.contains(lower)) {
                stored.add(name, value);
            }
        });
        return stored;
    }

    /** The status code. */
    public int status() {
        return status;
    }

    /** The stored fields, to be read only; {@code Age} is as it came, not as it is. */
    public Headers fields() {
        return fields;
    }

    /** Which requests select it. */
    public Variant variant() {
        return variant;
    }

    /** What its fields say about its reuse. */
    public ResponsePolicy policy() {
        return policy;
    }

    /** The content, to be read only. */
    public Content content() {
        return content;
    }

    /** What tells this response from every other one; it stays when it is validated, coded or moved. */
    long id() {
        return id;
    }

    /** Whether something of its content is missing, so that it answers only requests for what is there (RFC 9111 §3.3). */
    public boolean isPartial() {
        return content instanceof Partial;
    }

    /** What tells its content from every other one of the same URL, byte by byte, as {@code If-Range} has it. */
    public Optional<String> strongValidator() {
        return strongValidator(fields);
    }

    /**
     * The entity tag if it is strong; without one, the time of the last change if that lay a minute back when the response
     * was made, so that nothing can have changed within the same second (RFC 9110 §8.8.2.2).
     */
    public static Optional<String> strongValidator(Headers fields) {
        Optional<String> tag = fields.first("etag").map(String::strip);
        if (tag.isPresent()) {
            return tag.filter(text -> text.startsWith("\""));
        }
        OptionalLong date = fields.first("date").map(HttpDate::parse).orElse(OptionalLong.empty());
        return fields.first("last-modified")
                .map(String::strip)
                .filter(text -> date.isPresent()
                        && HttpDate.parse(text).orElse(Long.MAX_VALUE) <= date.getAsLong() - SURELY_PAST);
    }

    Arrival arrival() {
        return arrival;
    }

    CacheRules rules() {
        return rules;
    }

    boolean isOutdated() {
        return outdated;
    }

    /** This response with its content elsewhere. */
    CachedResponse with(Content other) {
        return new CachedResponse(status, fields, variant, other, id, arrival, rules, outdated, Map.of());
    }

    /** This response with its content in a further coding. */
    public CachedResponse withCoded(ContentCoding coding, byte[] bytes) {
        Map<ContentCoding, byte[]> more = new EnumMap<>(ContentCoding.class);
        more.putAll(coded);
        more.put(coding, bytes);
        return new CachedResponse(
                status, fields, variant, content, id, arrival, rules, outdated, Collections.unmodifiableMap(more));
    }

    /** The content in a coding, to be read only; null if it has not been coded yet. */
    public byte @Nullable [] coded(ContentCoding coding) {
        return coded.get(coding);
    }

    /** The codings that the content is stored in beside its own. */
    public Set<ContentCoding> codings() {
        return coded.keySet();
    }

    /** How many bytes the content has, with what is not stored of it. */
    public long length() {
        return content.length();
    }

    /** How much memory it takes, bytes. */
    public long weight() {
        long[] weight = {
            OVERHEAD
                    + switch (content) {
                        case Content.InMemory memory -> memory.length();
                        case Content.OnDisk _ -> 0;
                        case Partial partial ->
                            partial.held() + 64L * partial.pieces().size();
                    }
        };
        fields.forEach((name, value) -> weight[0] += 64 + name.length() + value.length());
        coded.values().forEach(bytes -> weight[0] += bytes.length);
        return weight[0];
    }

    /** The current age, seconds (RFC 9111 §4.2.3). */
    public long age(long nowMillis) {
        return arrival.age + Math.max(0, nowMillis - arrival.millis) / 1000;
    }

    /** How many seconds are left until it is stale; 0 or less if it is. */
    public long timeToLive(long nowMillis) {
        return outdated ? 0 : policy.lifetime() - age(nowMillis);
    }

    /** Whether it is fresh (RFC 9111 §4.2). */
    public boolean isFresh(long nowMillis) {
        return timeToLive(nowMillis) > 0;
    }

    /** When it was generated, seconds since 1970: its {@code Date}, or when it came. */
    public long date() {
        return date;
    }

    /**
     * What whoever serves it makes of it once, to serve it faster from then on; it is kept as long as this response is.
     *
     * @param maker always makes the same, and never more than one type for all responses
     */
    public <T> T prepared(Class<T> type, Function<CachedResponse, T> maker) {
        Object known = prepared;
        if (known == null) {
            known = maker.apply(this);
            prepared = known;
        }
        return type.cast(known);
    }

    /** The tags that its origin has given it, in {@code Surrogate-Key} or {@code Cache-Tag}. */
    public Set<String> tags() {
        Set<String> tags = new HashSet<>();
        fields.all("surrogate-key")
                .forEach(line -> Collections.addAll(tags, line.strip().split("\\s+")));
        fields.all("cache-tag").forEach(line -> tags.addAll(CacheControl.split(line, ',')));
        return tags;
    }

    /** Its entity tag as it was written. */
    public Optional<String> entityTag() {
        return fields.first("etag").map(String::strip);
    }

    /** When its content last changed, seconds since 1970, if that is known. */
    public OptionalLong lastModified() {
        return fields.first("last-modified").map(HttpDate::parse).orElse(OptionalLong.empty());
    }
}
