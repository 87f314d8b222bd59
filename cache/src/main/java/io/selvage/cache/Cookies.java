package io.selvage.cache;

import io.selvage.node.Headers;
import java.util.ArrayList;
import java.util.List;

/** The cookies of a request (RFC 6265 §4.2). */
public final class Cookies {
    private Cookies() {}

    /** The {@code Cookie} field with only the cookies of these names, in the order of the names; empty if there is none. */
    public static String only(List<String> names, Headers fields) {
        List<String> kept = new ArrayList<>();
        List<String> all = fields.all("cookie");
        for (String name : names) {
            for (String line : all) {
                for (String pair : line.split(";")) {
                    String cookie = pair.strip();
                    int equals = cookie.indexOf('=');
                    if (equals >= 0
                            && cookie.substring(0, equals).stripTrailing().equals(name)) {
                        kept.add(cookie);
                    }
                }
            }
        }
        return String.join("; ", kept);
    }
}
