package io.selvage.node;

/**
 * What a request finds behind a route.
 *
 * @param destination who answers
 * @param rules what is done before and after
 */
public record Endpoint(Destination destination, RuleChain rules) {}
