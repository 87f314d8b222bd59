package io.selvage.node;

import io.selvage.wasm.CompileLimits;
import java.time.Duration;

/**
 * What one function may use; the {@code limits} table of the manifest.
 *
 * @param memory linear memory and objects of an instance, bytes
 * @param cpu time on a processor, a request
 * @param wall time on the wall clock, a request
 * @param body the request body, bytes
 * @param concurrency requests at once
 * @param queue requests that may wait for their turn when {@code concurrency} is reached; past it the answer is 503
 * @param compile what compiling its module may cost, over all requests
 */
public record FunctionLimits(
        long memory, Duration cpu, Duration wall, long body, int concurrency, int queue, CompileLimits compile) {
    /** What holds where a manifest is silent. */
    public static final FunctionLimits DEFAULT = new FunctionLimits(
            128L << 20, Duration.ofSeconds(10), Duration.ofSeconds(30), 100L << 20, 256, 1024, CompileLimits.DEFAULT);
}
