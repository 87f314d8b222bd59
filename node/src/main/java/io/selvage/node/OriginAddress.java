package io.selvage.node;

import java.net.URI;

/**
 * One address of an origin.
 *
 * @param url {@code http} or {@code https}, a host, perhaps a port, and no path
 * @param weight its share of the requests in relation to the other addresses, 1 to 100
 */
public record OriginAddress(URI url, int weight) {}
