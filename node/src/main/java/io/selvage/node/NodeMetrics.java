package io.selvage.node;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What a node counts, under OpenTelemetry's names where it has some. Thread-safe; made for the hot path. */
public final class NodeMetrics {
    /** The bounds of the buckets of how long requests take: OpenTelemetry's advice for {@code http.*.request.duration}. */
    private static final Duration[] BUCKETS = java.util.stream.LongStream.of(
                    1, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY");

    private record Key(String method, int status, String route) {}

    private record Usage(Counter cpu, DistributionSummary memory) {}

    private final MeterRegistry registry;
    private final java.util.Map<Object, Object> unrouted = new java.util.concurrent.ConcurrentHashMap<>();
    private final LongAdder active = new LongAdder();
    private final AtomicInteger reloadFailed = new AtomicInteger();

    /** When a change was last refused; seconds since 1970, 0 if none was. */
    private final AtomicLong refusedAt = new AtomicLong();

    NodeMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("http.server.active_requests", active, LongAdder::sum)
                .description("Requests that have begun and not ended")
                .register(registry);
        Gauge.builder("selvage.release.stale", reloadFailed, AtomicInteger::get)
                .description("1 while the newest manifest or module could not be loaded and an older release serves")
                .register(registry);
        Gauge.builder("selvage.reload.failed.timestamp", refusedAt, AtomicLong::get)
                .description("When a change of the app was last refused, in seconds since 1970; 0 if none was")
                .baseUnit("seconds")
                .register(registry);
    }

    /** Where it counts. */
    public MeterRegistry registry() {
        return registry;
    }

    /**
     * A timer of how long requests take, which is not registered yet.
     *
     * @param name its name
     * @param description what it tells
     */
    public static Timer.Builder requestTimer(String name, String description) {
        return Timer.builder(name).description(description).serviceLevelObjectives(BUCKETS);
    }

    /** A request has begun. */
    public void requestBegan() {
        active.increment();
    }

    /**
     * A request has ended.
     *
     * @param function the function that it reached, or null
     * @param route the route's path; empty without one
     */
    public void requestEnded(
            @org.jspecify.annotations.Nullable DeployedFunction function,
            String method,
            String route,
            int status,
            long nanos) {
        active.decrement();
        Key key = new Key(METHODS.contains(method) ? method : "_OTHER", status, route);
        java.util.Map<Object, Object> meters = function == null ? unrouted : function.meters();
        Timer timer = (Timer) meters.get(key);
        if (timer == null) {
            timer = timer(function, key);
            meters.put(key, timer);
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(@org.jspecify.annotations.Nullable DeployedFunction function, Key key) {
        if (function != null && function.meters().putIfAbsent(Gauge.class, Gauge.class) == null) {
            gauges(function);
        }
        return requestTimer(
                        "http.server.request.duration",
                        "How long requests took, from the end of their head to the end of the response")
                .tag("http.request.method", key.method)
                .tag("http.response.status_code", Integer.toString(key.status))
                .tag("http.route", key.route)
                .tag("error.type", key.status >= 500 ? Integer.toString(key.status) : "")
                .tag(
                        "selvage.function",
                        function == null ? "" : function.definition().name())
                .register(registry);
    }

    /** A function's gauges appear with its first request, so that idle functions cost nothing. */
    private void gauges(DeployedFunction function) {
        String name = function.definition().name();
        registry.find("selvage.instances.active")
                .tag("selvage.function", name)
                .gauges()
                .forEach(registry::remove);
        registry.find("selvage.queue.length")
                .tag("selvage.function", name)
                .gauges()
                .forEach(registry::remove);
        Gauge.builder("selvage.instances.active", function, DeployedFunction::running)
                .description("Requests that run in the function")
                .tag("selvage.function", name)
                .register(registry);
        Gauge.builder("selvage.queue.length", function, DeployedFunction::waiting)
                .description("Requests that wait for their turn in the function")
                .tag("selvage.function", name)
                .register(registry);
    }

    /** A guest has ended. */
    public void used(DeployedFunction function, long cpuNanos, long memoryBytes) {
        Usage usage = (Usage) function.meters().computeIfAbsent(Usage.class, _ -> usage(function));
        usage.cpu.increment(cpuNanos / 1e9);
        usage.memory.record((double) memoryBytes);
    }

    private Usage usage(DeployedFunction function) {
        String name = function.definition().name();
        return new Usage(
                Counter.builder("selvage.guest.cpu")
                        .description("Time that guests were on a processor")
                        .baseUnit("seconds")
                        .tag("selvage.function", name)
                        .register(registry),
                DistributionSummary.builder("selvage.guest.linear_memory")
                        .description("The linear memory of guests at their end")
                        .baseUnit("bytes")
                        .tag("selvage.function", name)
                        .register(registry));
    }

    void trap(String function, String kind) {
        Counter.builder("selvage.traps")
                .description("Guests that were ended by the engine")
                .tag("selvage.function", function)
                .tag("selvage.trap", kind)
                .register(registry)
                .increment();
    }

    void limitExceeded(String function, String limit) {
        Counter.builder("selvage.limits.exceeded")
                .description("Requests that went past a limit of their function")
                .tag("selvage.function", function)
                .tag("selvage.limit", limit)
                .register(registry)
                .increment();
    }

    /** The files are again what serves. */
    void unchanged() {
        reloadFailed.set(0);
    }

    void reloaded(boolean succeeded) {
        reloadFailed.set(succeeded ? 0 : 1);
        if (!succeeded) {
            refusedAt.set(System.currentTimeMillis() / 1000);
        }
        Counter.builder("selvage.reloads")
                .description("Changes of the app that the node tried to follow")
                .tag("selvage.result", succeeded ? "loaded" : "refused")
                .register(registry)
                .increment();
    }
}
