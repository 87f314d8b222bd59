/**
 * The rules of routes: what is done to a request before its function or origin gets it, and to the response. Knows no
 * socket and no event loop.
 */
@NullMarked
package io.selvage.rules;

import org.jspecify.annotations.NullMarked;
