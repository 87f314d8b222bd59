package io.selvage.gateway;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Gives each request an id: unique among all nodes for all practical purposes, and in the order of arrival on one. */
final class RequestIds {
    private static final char[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
    private static final String NODE = digits(new SecureRandom().nextLong(), 8);
    private static final AtomicLong NEXT = new AtomicLong();

    private RequestIds() {}

    /** A new id: 8 characters for the process, 8 for the request. */
    static String next() {
        return NODE + digits(NEXT.incrementAndGet(), 8);
    }

    private static String digits(long value, int count) {
        char[] text = new char[count];
        for (int i = count - 1; i >= 0; i--) {
            text[i] = DIGITS[(int) (value & 31)];
            value >>>= 5;
        }
        return new String(text);
    }
}
