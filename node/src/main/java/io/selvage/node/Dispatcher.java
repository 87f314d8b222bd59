package io.selvage.node;

import io.selvage.wasm.Engine;
import io.selvage.wasm.Trap;
import io.selvage.wasm.WasmException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Brings requests into functions: lets each in, make it wait or turns it away, runs it on a virtual thread of its own, and
 * turns every failure into a problem document, a log line and a count. Thread-safe; never blocks its caller.
 */
public final class Dispatcher {
    private final EventLog log;
    private final NodeMetrics metrics;
    private final ThreadFactory threads = Thread.ofVirtual().name("request").factory();

    Dispatcher(EventLog log, NodeMetrics metrics) {
        this.log = log;
        this.metrics = metrics;
    }

    /**
     * Sends a request into a function.
     *
     * @param arrival {@link System#nanoTime} when the request's head was complete: the wall clock runs from there
     * @return the call, to cancel it; or null if the function has been replaced since it was looked up: look again
     */
    public @Nullable Call dispatch(DeployedFunction function, Inbound exchange, long arrival) {
        Call call = new Call(this, function, exchange, arrival);
        long body = function.definition().limits().body();
        if (exchange.declaredLength() > body) {
            limited(
                    call,
                    LimitExceededException.Limit.BODY,
                    "the request body has " + Quantity.sizeText(exchange.declaredLength()) + ", more than "
                            + Quantity.sizeText(body));
            return call;
        }
        switch (function.enter(call)) {
            case RUN -> threads.newThread(() -> run(call)).start();
            case WAIT -> startWaiting(function);
            case REFUSED -> refuse(call);
            case RETIRED -> {
                return null;
            }
        }
        return call;
    }

    /** Starts as many of the calls that wait as there is room for. */
    private void startWaiting(DeployedFunction function) {
        for (Call next = function.next(); next != null; next = function.next()) {
            Call call = next;
            threads.newThread(() -> run(call)).start();
        }
    }

    /** Whether a guest computes that has done so for 2 ms or longer; costs next to nothing. Thread-safe. */
    public static boolean isComputing() {
        return Engine.isComputing();
    }

    private void run(Call call) {
        try {
            if (call.begin()) {
                handle(call);
            }
        } finally {
            call.end();
            call.function.leave();
            startWaiting(call.function);
        }
    }

    private void handle(Call call) {
        try {
            World.Guest guest = call.function.guest();
            guest.handle(call.exchange);
            call.exchange.complete();
        } catch (Trap trap) {
            trapped(call, trap);
        } catch (io.selvage.wasm.GuestException e) {
            ended(call, "uncaught exception", "ended", e.getMessage(), e.frames());
        } catch (LimitExceededException e) {
            limited(call, e.limit(), e.getMessage());
        } catch (GuestException e) {
            fail(
                    call,
                    "response",
                    new Problem(
                            502,
                            "no-response",
                            "The function gave no usable response",
                            sentence(e.getMessage() == null ? "it ended early" : e.getMessage()),
                            name(call),
                            0,
                            List.of()));
        } catch (ConfigurationException | WasmException e) {
            fail(
                    call,
                    "load",
                    new Problem(
                            500,
                            "not-loadable",
                            "The function cannot be loaded",
                            "The function's module or its grants are wrong; the log says what.",
                            name(call),
                            0,
                            List.of()),
                    e.getMessage());
        } catch (IOException e) {
            failedIo(call, e);
        } catch (OutOfMemoryError e) {
            fail(
                    call,
                    "heap",
                    new Problem(
                            503,
                            "heap-full",
                            "The node has no memory left",
                            "Its heap has no room for the request now. Try again.",
                            name(call),
                            1,
                            List.of()),
                    "the heap is full: give it more (SELVAGE_JAVA_OPTS=-Xmx4g), or functions lower limits.memory");
        } catch (RuntimeException | StackOverflowError e) {
            unexpected(call, e);
        }
    }

    /** Called once when a call is cancelled, before its thread is interrupted. */
    void cancelled(Call call, Call.Reason reason) {
        call.function.remove(call);
        Duration wall = call.function.definition().limits().wall();
        switch (reason) {
            case WALL ->
                limited(
                        call,
                        LimitExceededException.Limit.WALL,
                        "the request took longer than " + Quantity.durationText(wall));
            case SHUTDOWN ->
                fail(
                        call,
                        "shutdown",
                        new Problem(
                                503,
                                "shutting-down",
                                "The node is stopping",
                                "The node stopped before the function had answered. Try again.",
                                name(call),
                                1,
                                List.of()));
            case CLIENT_SLOW ->
                fail(
                        call,
                        "slow",
                        new Problem(
                                408,
                                "too-slow",
                                "The request came too slowly",
                                "The body did not arrive at the rate that the node expects.",
                                name(call),
                                0,
                                List.of()));
            case CLIENT_GONE -> {
                if (call.fail()) {
                    log.debug(
                            "client",
                            "the client went away",
                            "function",
                            name(call),
                            "request",
                            call.exchange.request().id());
                }
            }
        }
    }

    private void refuse(Call call) {
        FunctionLimits limits = call.function.definition().limits();
        limited(
                call,
                LimitExceededException.Limit.CONCURRENCY,
                limits.concurrency() + " requests run and " + limits.queue() + " wait; there is room for no more");
    }

    private void limited(Call call, LimitExceededException.Limit limit, @Nullable String message) {
        if (!call.fail()) {
            return;
        }
        String said = message == null ? "" : message;
        String name = limit.name().toLowerCase(java.util.Locale.ROOT);
        metrics.limitExceeded(name(call), name);
        log.warn(
                "limit",
                name(call) + ": " + said,
                "function",
                name(call),
                "limit",
                name,
                "allowed",
                allowed(call.function.definition().limits(), limit),
                "after_ms",
                (System.nanoTime() - call.arrival) / 1_000_000,
                "request",
                call.exchange.request().id());
        int retry = limit == LimitExceededException.Limit.CONCURRENCY ? 1 : 0;
        call.exchange.fail(new Problem(
                limit.status(),
                name + "-limit",
                "The function's " + name + " limit was reached",
                sentence(said),
                name(call),
                retry,
                List.of("limit", name)));
    }

    private void trapped(Call call, Trap trap) {
        FunctionLimits limits = call.function.definition().limits();
        switch (trap.kind()) {
            case DEADLINE_EXCEEDED ->
                limited(
                        call,
                        LimitExceededException.Limit.WALL,
                        "the request took longer than " + Quantity.durationText(limits.wall()));
            case CPU_TIME_EXCEEDED ->
                limited(
                        call,
                        LimitExceededException.Limit.CPU,
                        "the function used more than " + Quantity.durationText(limits.cpu()) + " of a processor");
            case OUT_OF_MEMORY -> {
                metrics.trap(name(call), trap.kind().text());
                limited(
                        call,
                        LimitExceededException.Limit.MEMORY,
                        trap.getMessage() + " (limit " + Quantity.sizeText(limits.memory()) + ")");
            }
            case COMPILE_LIMIT -> {
                metrics.trap(name(call), trap.kind().text());
                limited(call, LimitExceededException.Limit.COMPILE, trap.getMessage());
            }
            default -> ended(call, trap.kind().text(), "trapped", String.valueOf(trap.getMessage()), trap.frames());
        }
    }

    private void ended(Call call, String kind, String how, String message, List<Trap.Frame> frames) {
        if (!call.fail()) {
            return;
        }
        metrics.trap(name(call), kind);
        Optional<String> stack = frames.isEmpty()
                ? Optional.empty()
                : Optional.of(frames.stream()
                        .limit(20)
                        .map(Trap.Frame::name)
                        .collect(java.util.stream.Collectors.joining(" < ")));
        log.warn(
                "trap",
                name(call) + " " + how + ": " + message,
                "function",
                name(call),
                "trap",
                kind,
                "stack",
                stack.orElse("unknown"),
                "request",
                call.exchange.request().id());
        call.exchange.fail(new Problem(
                500,
                "trap",
                "The function trapped",
                "The function was ended: " + kind + ".",
                name(call),
                0,
                List.of("trap", kind)));
    }

    private void failedIo(Call call, IOException e) {
        fail(
                call,
                "io",
                new Problem(
                        500,
                        "io",
                        "Reading or writing failed",
                        "The function could not read or write what it needed.",
                        name(call),
                        0,
                        List.of()),
                e.toString());
    }

    private void unexpected(Call call, Throwable e) {
        StackTraceElement[] stack = e.getStackTrace();
        fail(
                call,
                "internal",
                new Problem(
                        500,
                        "internal",
                        "The node failed",
                        "This is a fault of the node, not of the request.",
                        name(call),
                        0,
                        List.of()),
                e + (stack.length == 0 ? "" : " at " + stack[0]));
    }

    private void fail(Call call, String event, Problem problem) {
        fail(call, event, problem, problem.detail());
    }

    private void fail(Call call, String event, Problem problem, @Nullable String why) {
        if (!call.fail()) {
            return;
        }
        log.warn(
                event,
                name(call) + ": " + why,
                "function",
                name(call),
                "status",
                problem.status(),
                "request",
                call.exchange.request().id());
        call.exchange.fail(problem);
    }

    private static String allowed(FunctionLimits limits, LimitExceededException.Limit limit) {
        return switch (limit) {
            case MEMORY -> Quantity.sizeText(limits.memory());
            case CPU -> Quantity.durationText(limits.cpu());
            case WALL -> Quantity.durationText(limits.wall());
            case COMPILE ->
                Quantity.sizeText(limits.compile().codeBytes()) + ", "
                        + Quantity.durationText(limits.compile().time());
            case BODY -> Quantity.sizeText(limits.body());
            case CONCURRENCY -> limits.concurrency() + " + " + limits.queue();
        };
    }

    private static String sentence(String text) {
        return text.isEmpty() ? "" : Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
    }

    private static String name(Call call) {
        return call.function.definition().name();
    }
}
