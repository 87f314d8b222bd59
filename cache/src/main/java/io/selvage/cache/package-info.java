/**
 * A shared HTTP cache without its sockets (RFC 9111): what may be stored, what may be reused, and for how long. Everything
 * but {@link io.selvage.cache.HttpCache} is a pure function of requests, responses and the time.
 */
@NullMarked
package io.selvage.cache;

import org.jspecify.annotations.NullMarked;
