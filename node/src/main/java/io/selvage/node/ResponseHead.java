package io.selvage.node;

/**
 * A response without its body.
 *
 * @param status the status code, 200 to 599
 * @param headers the fields; hop-by-hop fields are the gateway's to add
 */
public record ResponseHead(int status, Headers headers) {}
