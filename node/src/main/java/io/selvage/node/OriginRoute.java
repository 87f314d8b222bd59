package io.selvage.node;

/**
 * A route that leads to an origin.
 *
 * @param route which requests it gets
 * @param origin where they go
 * @param caches whether its responses are stored and reused
 */
public record OriginRoute(Route route, OriginDefinition origin, boolean caches) implements Destination {}
