package io.selvage.node;

/** No destination: a route whose rules answer. */
public record Nowhere() implements Destination {}
