package io.selvage.rules;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Tells users apart by what the manifest names. A client that does not send what is named is told apart by its address, so
 * that leaving a field out gains nothing. Immutable.
 */
final class PartitionKey {
    /** Longer values are digested, so that no client decides how much memory a key takes. */
    private static final int MOST = 64;

    private final List<Function<Passage, String>> parts = new ArrayList<>();
    private final boolean needsUser;

    /** A key of these parts: {@code address}, {@code route}, {@code user}, {@code header:NAME} and so on. */
    PartitionKey(List<String> by) {
        by.forEach(text -> parts.add(part(text)));
        needsUser = by.stream().anyMatch(text -> text.equals("user") || text.startsWith("claim:"));
    }

    /** Whether it can be told only when it is known who asks. */
    boolean needsUser() {
        return needsUser;
    }

    /** The key of a request. */
    String of(Passage passage) {
        if (parts.size() == 1) {
            return parts.getFirst().apply(passage);
        }
        StringBuilder key = new StringBuilder();
        parts.forEach(part -> key.append(part.apply(passage)).append('\n'));
        return key.toString();
    }

    private static Function<Passage, String> part(String text) {
        int colon = text.indexOf(':');
        String name = text.substring(colon + 1);
        return switch (colon < 0 ? text : text.substring(0, colon)) {
            case "route" -> _ -> "";
            case "address" -> PartitionKey::address;
            case "user" -> p -> orAddress(p, Optional.ofNullable(p.values().get("user")));
            case "header" -> p -> orAddress(p, p.head().headers().first(name));
            case "cookie" -> p -> orAddress(p, Cookies.value(p.head().headers(), name));
            default -> p -> orAddress(p, Optional.ofNullable(p.values().get("claim." + name)));
        };
    }

    private static String orAddress(Passage passage, Optional<String> value) {
        return value.filter(v -> !v.isEmpty()).map(v -> "=" + shortened(v)).orElseGet(() -> address(passage));
    }

    /** A network of IPv6 that belongs to one customer counts as one address (64 bits). */
    static String address(Passage passage) {
        InetAddress address = passage.head().remote().getAddress();
        if (address == null) {
            return "unknown";
        }
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return address.getHostAddress();
        }
        StringBuilder network = new StringBuilder();
        for (int i = 0; i < 8; i += 2) {
            network.append(Integer.toHexString((bytes[i] & 0xff) << 8 | bytes[i + 1] & 0xff))
                    .append(':');
        }
        return network.append(":/64").toString();
    }

    private static String shortened(String value) {
        if (value.length() <= MOST) {
            return value;
        }
        return Base64.getEncoder().withoutPadding().encodeToString(sha256(value));
    }

    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
