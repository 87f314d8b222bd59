/**
 * The heart of Selvage: what an app is, the contracts that worlds and services fulfil, and the way from a request to a
 * function. It knows no concrete world, service or listener.
 */
@NullMarked
package io.selvage.node;

import org.jspecify.annotations.NullMarked;
