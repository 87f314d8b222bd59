/**
 * The way from the network to a node's functions and back: listeners for HTTP/1.0, HTTP/1.1 and HTTP/2, what they refuse,
 * and the admin listener. Start with {@link io.selvage.gateway.Gateway}.
 */
@NullMarked
package io.selvage.gateway;

import org.jspecify.annotations.NullMarked;
