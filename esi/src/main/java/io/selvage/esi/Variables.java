package io.selvage.esi;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What pages may know of the request that they are put together for. Immutable. Values come from clients, so they are never
 * put anywhere as they are.
 *
 * @param host {@code HTTP_HOST}: host and port
 * @param query {@code QUERY_STRING}, still percent-encoded
 * @param cookies {@code HTTP_COOKIE}: those that pages may know, by name
 * @param languages {@code HTTP_ACCEPT_LANGUAGE}: the languages that the client takes, in small letters
 * @param referer {@code HTTP_REFERER}
 * @param agent {@code HTTP_USER_AGENT}
 */
public record Variables(
        String host, String query, Map<String, String> cookies, List<String> languages, String referer, String agent) {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /** A variable's value; empty if it has none or there is no such variable. */
    public String value(Reference reference) {
        String key = reference.key();
        return switch (reference.name()) {
            case "HTTP_HOST" -> key.isEmpty() ? host : "";
            case "QUERY_STRING" -> key.isEmpty() ? query : parameter(key);
            case "HTTP_COOKIE" -> cookies.getOrDefault(key, "");
            case "HTTP_ACCEPT_LANGUAGE" ->
                key.isEmpty()
                        ? String.join(", ", languages)
                        : languages.contains(key.toLowerCase(Locale.ROOT)) ? "true" : "";
            case "HTTP_REFERER" -> key.isEmpty() ? referer : "";
            case "HTTP_USER_AGENT" -> key.isEmpty() ? agent : "";
            default -> "";
        };
    }

    private String parameter(String name) {
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            if (decoded(equals < 0 ? pair : pair.substring(0, equals)).equals(name)) {
                return equals < 0 ? "" : decoded(pair.substring(equals + 1));
            }
        }
        return "";
    }

    private static String decoded(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        byte[] bytes = new byte[text.length()];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean encoded = c == '%'
                    && i + 2 < text.length()
                    && HexFormat.isHexDigit(text.charAt(i + 1))
                    && HexFormat.isHexDigit(text.charAt(i + 2));
            if (encoded) {
                bytes[length++] = (byte) HexFormat.fromHexDigits(text, i + 1, i + 3);
                i += 2;
            } else {
                bytes[length++] = (byte) (c == '+' ? ' ' : c);
            }
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /**
     * A value for a page: whatever is no letter, digit, or one of {@code -._~} and the space becomes a numeric character
     * reference, so that it ends no text, no attribute and no comment, in any charset that contains ASCII.
     */
    public String html(Reference reference) {
        String value = value(reference);
        if (value.isEmpty()) {
            return reference.otherwise();
        }
        StringBuilder html = new StringBuilder(value.length() + 16);
        value.codePoints().forEach(c -> {
            if (isUnreserved(c) || c == ' ') {
                html.append((char) c);
            } else if (c >= ' ' && c != 0x7f && !(c >= 0xd800 && c <= 0xdfff)) {
                html.append("&#").append(c).append(';');
            }
        });
        return html.toString();
    }

    /**
     * A value for a URL: percent-encoded as UTF-8, so that it is a part of one segment or parameter. The query as a whole
     * and the host keep what belongs to their syntax.
     */
    public String url(Reference reference) {
        String value = value(reference);
        if (value.isEmpty()) {
            return reference.otherwise();
        }
        String kept = switch (reference.name()) {
            case "QUERY_STRING" -> reference.key().isEmpty() ? "&=+%!*,;:@/?$()" : "";
            case "HTTP_HOST" -> ":[]";
            default -> "";
        };
        StringBuilder url = new StringBuilder(value.length() + 16);
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if (isUnreserved(b) || (b > 0 && kept.indexOf(b) >= 0)) {
                url.append((char) b);
            } else {
                url.append('%').append(HEX.toHexDigits(b));
            }
        }
        return url.toString();
    }

    private static boolean isUnreserved(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }
}
