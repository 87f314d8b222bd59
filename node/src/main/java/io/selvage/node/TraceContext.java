package io.selvage.node;

/**
 * A W3C trace context (https://www.w3.org/TR/trace-context/).
 *
 * @param traceId 32 lower-case hexadecimal digits, not all zero
 * @param spanId 16 lower-case hexadecimal digits, not all zero: the node's own span of this request
 * @param sampled whether the caller records this trace
 * @param state the {@code tracestate} field as it came; empty if it did not
 */
public record TraceContext(String traceId, String spanId, boolean sampled, String state) {
    /** As a {@code traceparent} field value. */
    public String traceparent() {
        return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
    }
}
