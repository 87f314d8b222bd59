/** Benchmarks: Selvage against a peer, in the same run, by a command that anyone can repeat. */
@NullMarked
package io.selvage.bench;

import org.jspecify.annotations.NullMarked;
