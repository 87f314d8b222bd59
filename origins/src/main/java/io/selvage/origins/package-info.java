/**
 * What decides how origins are used, without sockets: which address gets a request, which are passed over, when a request is
 * repeated, and when an origin is left alone. Time is given in the terms of {@link System#nanoTime}.
 */
@NullMarked
package io.selvage.origins;

import org.jspecify.annotations.NullMarked;
