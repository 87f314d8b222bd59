package io.selvage.node;

/** Which HTTP is spoken with an origin. */
public enum OriginProtocol {
    /** HTTP/1.1. */
    HTTP1,
    /** HTTP/2: over TLS if the origin agrees (ALPN), else HTTP/1.1; without TLS at once, by prior knowledge. */
    HTTP2
}
