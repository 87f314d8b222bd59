package io.selvage.node;

import java.time.Instant;
import java.util.List;

/**
 * Why the newest version of an app does not serve.
 *
 * @param at when it was refused
 * @param mistakes everything that is wrong with it, each with its place
 */
public record ReloadFailure(Instant at, List<String> mistakes) {}
