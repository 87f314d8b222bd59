package io.selvage.node;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A range of IP addresses in CIDR notation (RFC 4632). Immutable.
 *
 * @param address its first address
 * @param prefix how many bits its addresses have in common
 */
public record AddressRange(InetAddress address, int prefix) {
    /**
     * Reads {@code 10.0.0.0/8}, {@code fd00::/8} or one address.
     *
     * @throws IllegalArgumentException with a message for people
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        try {
            InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
            int bits = address.getAddress().length * 8;
            int prefix = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
            if (prefix >= 0 && prefix <= bits) {
                return new AddressRange(address, prefix);
            }
        } catch (IllegalArgumentException _) {
            // said below
        }
        throw new IllegalArgumentException(
                "\"" + text + "\" is no IP address or range; for example \"10.0.0.0/8\" or \"fd00::/8\"");
    }

    /** Whether an address is one of them. */
    public boolean contains(InetAddress other) {
        byte[] own = address.getAddress();
        byte[] its = other.getAddress();
        int whole = prefix / 8;
        int rest = prefix % 8;
        return own.length == its.length
                && Arrays.equals(own, 0, whole, its, 0, whole)
                && (rest == 0 || (own[whole] & 0xff) >> 8 - rest == (its[whole] & 0xff) >> 8 - rest);
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefix;
    }
}
