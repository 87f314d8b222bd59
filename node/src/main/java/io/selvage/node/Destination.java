package io.selvage.node;

/** What a route leads to: a function of the app, or an origin behind the gateway. */
public sealed interface Destination permits DeployedFunction, OriginRoute {}
