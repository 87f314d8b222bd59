package io.selvage.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One thing that a route does to its requests or responses, as the manifest says ({@code docs/rules.md}). All are
 * immutable; two that are equal do the same.
 */
public sealed interface Rule {
    /** The key in the manifest. */
    String key();

    /** The files that it is made of. */
    default List<Path> files() {
        return List.of();
    }

    /** Sends the client elsewhere: {@code to} is a template; {@code insecure} if only requests without TLS are sent. */
    record Redirect(String to, int status, boolean insecure) implements Rule {
        @Override
        public String key() {
            return "redirect";
        }
    }

    /** Answers by itself, with this status, media type and content. */
    record Answer(int status, String type, String body) implements Rule {
        @Override
        public String key() {
            return "answer";
        }
    }

    /**
     * Changes fields: first removes, then rewrites, then sets, then adds.
     *
     * @param key {@code request_headers} or {@code response_headers}
     * @param set what replaces every line of its name; values are templates
     * @param add what is added; values are templates
     * @param remove the names that go
     * @param rewrite what is changed where it stands
     */
    record Fields(String key, Map<String, String> set, Map<String, String> add, List<String> remove, List<Edit> rewrite)
            implements Rule {}

    /**
     * Changes every value of a field that matches.
     *
     * @param name the field's name
     * @param match a regular expression for what is looked for in its value
     * @param with what replaces each occurrence, with {@code $1} for a group
     */
    record Edit(String name, String match, String with) {}

    /**
     * Asks the destination for another path than the client has.
     *
     * @param stripPrefix whole segments that go from the front; empty for none
     * @param match a regular expression for the whole path; empty if every path is taken
     * @param with what the path becomes, with {@code $1} for a group of {@code match}, or a template
     * @param addPrefix what is put in front; empty for nothing
     */
    record Rewrite(String stripPrefix, String match, String with, String addPrefix) implements Rule {
        @Override
        public String key() {
            return "rewrite";
        }
    }

    /**
     * Believes what some proxies say of their clients.
     *
     * @param networks where the proxies are
     * @param header the field in which they add the address of their client at the end
     */
    record TrustedProxies(List<String> networks, String header) implements Rule {
        @Override
        public String key() {
            return "trusted_proxies";
        }
    }

    /** Takes or refuses the client's own request id, and tells the client which one it is. */
    record RequestId(boolean accept) implements Rule {
        @Override
        public String key() {
            return "request_id";
        }
    }

    /** Lets only some addresses through: one of {@code allow}, if there are any, and none of {@code deny}. */
    record Addresses(List<String> allow, List<String> deny) implements Rule {
        @Override
        public String key() {
            return "addresses";
        }
    }

    /**
     * Finds out where a client is, in databases of MaxMind's format.
     *
     * @param database countries, or cities
     * @param asn autonomous systems
     * @param allow the countries that are let through, if there are any
     * @param deny the countries that are not
     * @param stamp changes when a database does
     */
    record Geo(Optional<Path> database, Optional<Path> asn, List<String> allow, List<String> deny, String stamp)
            implements Rule {
        @Override
        public String key() {
            return "geo";
        }

        @Override
        public List<Path> files() {
            return java.util.stream.Stream.of(database, asn)
                    .flatMap(Optional::stream)
                    .toList();
        }
    }

    /** Refuses requests while someone works on the app, except those from some addresses. */
    record Maintenance(Duration retryAfter, String type, String body, List<String> allow) implements Rule {
        @Override
        public String key() {
            return "maintenance";
        }
    }

    /**
     * Cross-origin resource sharing (Fetch §3.3).
     *
     * @param origins such as {@code https://shop.example}, {@code https://*.shop.example} or {@code *}
     * @param methods what scripts may use; empty for what they ask for
     * @param headers what scripts may send; empty for what they ask for
     * @param expose what scripts may read beside the safe ones
     */
    record Cors(
            List<String> origins,
            List<String> methods,
            List<String> headers,
            List<String> expose,
            boolean credentials,
            Duration maxAge)
            implements Rule {
        @Override
        public String key() {
            return "cors";
        }
    }

    /**
     * How many requests may come in a time.
     *
     * @param all at least one, all of which hold
     */
    record RateLimits(List<RateLimit> all) implements Rule {
        @Override
        public String key() {
            return "rate_limit";
        }
    }

    /**
     * One limit.
     *
     * @param name its name in {@code RateLimit}
     * @param requests how many
     * @param per in which time
     * @param burst how many at once (token bucket)
     * @param sliding whether it counts in a sliding window rather than with a token bucket
     * @param by whose requests are counted together: {@code address}, {@code route}, {@code user}, {@code header:NAME},
     *     {@code cookie:NAME}, {@code claim:NAME}
     * @param keys the most keys that are counted at the same time
     */
    record RateLimit(String name, int requests, Duration per, int burst, boolean sliding, List<String> by, int keys) {}

    /**
     * How many requests may be under way; the limit follows what the destination can take.
     *
     * @param algorithm {@code gradient}, {@code aimd} or {@code fixed}
     * @param initial the limit to begin with
     * @param timeout past which a response counts as a sign of overload (AIMD)
     */
    record Concurrency(String algorithm, int initial, int least, int most, Duration timeout) implements Rule {
        @Override
        public String key() {
            return "concurrency";
        }
    }

    /** The most bytes that a request's body may have. */
    record BodyLimit(long bytes) implements Rule {
        @Override
        public String key() {
            return "body_limit";
        }
    }

    /**
     * Asks for a name and a password (RFC 7617).
     *
     * @param users the hash of each user's password
     * @param forward whether the destination gets the credentials
     * @param header the field in which the destination gets the name; empty for none
     */
    record Basic(String realm, Map<String, String> users, boolean forward, String header, Optional<Path> file)
            implements Rule {
        @Override
        public String key() {
            return "basic";
        }

        @Override
        public List<Path> files() {
            return file.stream().toList();
        }

        @Override
        public String toString() {
            return "Basic[" + users.size() + " users]";
        }
    }

    /**
     * Asks for a signed token (RFC 7519, RFC 6750).
     *
     * @param keys the keys as a JWK set (RFC 7517); empty if they come from an URL
     * @param url where the keys come from; empty if they stand in a file
     * @param refresh how often the keys are fetched
     * @param algorithms those that are accepted, and no other
     * @param issuer what {@code iss} must be; empty for anything
     * @param audience one of these must be in {@code aud}; empty for anything
     * @param leeway by how much clocks may differ
     * @param header where the token stands, {@code Authorization} with {@code Bearer}, another field without
     * @param cookie the cookie in which it stands if the field is not there; empty for none
     * @param required claims that must be there
     * @param scopes all of these must be in {@code scope} or {@code scp}
     * @param claims the fields in which the destination gets claims, by claim
     * @param forward whether the destination gets the token
     */
    record Jwt(
            String keys,
            String url,
            Duration refresh,
            List<String> algorithms,
            String issuer,
            List<String> audience,
            Duration leeway,
            String header,
            String cookie,
            List<String> required,
            List<String> scopes,
            Map<String, String> claims,
            boolean forward,
            Optional<Path> file)
            implements Rule {
        @Override
        public String key() {
            return "jwt";
        }

        @Override
        public List<Path> files() {
            return file.stream().toList();
        }

        @Override
        public String toString() {
            return "Jwt[" + algorithms + "]";
        }
    }

    /** Tells the destination which kind of device asks. */
    record Device() implements Rule {
        @Override
        public String key() {
            return "device";
        }
    }

    /** Divides users for tests. */
    record Buckets(List<Split> all) implements Rule {
        @Override
        public String key() {
            return "buckets";
        }
    }

    /**
     * One division.
     *
     * @param name the test's name
     * @param by what tells users apart, as in {@link RateLimit}
     * @param header the field in which the destination gets the bucket
     * @param shares how large each bucket is in comparison with the others
     */
    record Split(String name, String by, String header, Map<String, Integer> shares) {}

    /** Lets browsers come only over TLS (RFC 6797). */
    record Hsts(Duration maxAge, boolean subdomains, boolean preload) implements Rule {
        @Override
        public String key() {
            return "hsts";
        }
    }

    /** Fields that make browsers careful, where the response does not say otherwise. */
    record SecurityHeaders(Map<String, String> fields) implements Rule {
        @Override
        public String key() {
            return "security_headers";
        }
    }

    /** Tells the client what took how long. */
    record ServerTiming() implements Rule {
        @Override
        public String key() {
            return "server_timing";
        }
    }
}
