package io.selvage.node;

/** What a route leads to: a function of the app, an origin behind the gateway, or nothing where rules answer. */
public sealed interface Destination permits DeployedFunction, Proxied, Nowhere {}
