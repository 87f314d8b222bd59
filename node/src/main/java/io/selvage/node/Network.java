package io.selvage.node;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * Addresses with a common beginning, for example {@code 10.0.0.0/8} or {@code 2001:db8::/32} (RFC 4632, RFC 4291 §2.3).
 * Immutable.
 *
 * @param address the first address, 4 or 16 bytes
 * @param prefix how many of its bits count
 */
public record Network(java.util.List<Byte> address, int prefix) {
    private static final Pattern NUMERIC =
            Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    /**
     * Reads a network, or an address as a network of one.
     *
     * @throws IllegalArgumentException with a message for people
     */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = bytes(slash < 0 ? text : text.substring(0, slash), text);
        int most = 8 * address.length;
        int prefix = most;
        if (slash >= 0) {
            try {
                prefix = Integer.parseInt(text.substring(slash + 1));
            } catch (NumberFormatException _) {
                prefix = -1;
            }
        }
        if (prefix < 0 || prefix > most) {
            throw new IllegalArgumentException("\"" + text + "\": the number behind \"/\" must be 0 to " + most);
        }
        for (int bit = prefix; bit < most; bit++) {
            if ((address[bit / 8] & (0x80 >> bit % 8)) != 0) {
                throw new IllegalArgumentException("\"" + text + "\" is an address within a network; write "
                        + "the network's first address, or the address without \"/" + prefix + "\"");
            }
        }
        java.util.List<Byte> list = new java.util.ArrayList<>();
        for (byte b : address) {
            list.add(b);
        }
        return new Network(java.util.List.copyOf(list), prefix);
    }

    /**
     * Reads an address without asking any name server.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static InetAddress address(String text) {
        try {
            return InetAddress.getByAddress(bytes(text, text));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static byte[] bytes(String text, String whole) {
        if (NUMERIC.matcher(text).matches()) {
            try {
                return InetAddress.getByName(text).getAddress();
            } catch (UnknownHostException _) {
                // said below
            }
        }
        throw new IllegalArgumentException(
                "\"" + whole + "\" is no address or network; write for example 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32");
    }

    /** Whether an address belongs to it; an IPv4 address within IPv6 counts as the IPv4 address it is. */
    public boolean contains(InetAddress candidate) {
        byte[] bytes = candidate.getAddress();
        if (bytes.length != address.size()) {
            return false;
        }
        for (int i = 0; i < prefix; i += 8) {
            int mask = prefix - i >= 8 ? 0xff : 0xff << (8 - (prefix - i));
            if (((bytes[i / 8] ^ address.get(i / 8)) & mask & 0xff) != 0) {
                return false;
            }
        }
        return true;
    }
}
