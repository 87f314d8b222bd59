package io.selvage.node;

/**
 * What answers a share of a route's requests a second time, for nobody.
 *
 * @param route the route's pattern
 * @param rule how much, and what is compared
 * @param destination who answers
 */
public record Shadow(String route, ShadowRule rule, Destination destination) {}
