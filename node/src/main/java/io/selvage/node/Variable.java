package io.selvage.node;

/**
 * A value that an app's manifest gives its functions by name ({@code [variables]}); a function sees those it has a grant
 * for. It stays the same for the life of a release.
 *
 * @param name as in the manifest: letters, digits and {@code _}, not beginning with a digit
 */
public record Variable(String name, String value) {}
