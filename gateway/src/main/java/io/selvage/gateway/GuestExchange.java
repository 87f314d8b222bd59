package io.selvage.gateway;

import io.netty.channel.EventLoop;
import io.selvage.node.Call;
import io.selvage.node.DeployedFunction;
import io.selvage.node.GuestException;
import io.selvage.node.Inbound;
import io.selvage.node.Node;
import io.selvage.node.RequestHead;
import io.selvage.node.ResponseHead;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A function's side of a request, whoever asked: the guest's thread calls what {@link Inbound} has; everything else belongs
 * to the event loop.
 */
abstract class GuestExchange extends LoopMember implements Inbound, BodySink {
    private final Node node;
    private final EventLoop eventLoop;
    private final DeployedFunction function;
    private final RequestHead head;
    private final long arrival;
    private final AtomicReference<@Nullable ResponseBody> responseBody = new AtomicReference<>();
    private volatile @Nullable ResponseHead responseHead;
    private @Nullable Call call;

    /**
     * A request for a function.
     *
     * @param arrival when it came, by {@link System#nanoTime}
     */
    GuestExchange(Node node, EventLoop eventLoop, DeployedFunction function, RequestHead head, long arrival) {
        this.node = node;
        this.eventLoop = eventLoop;
        this.function = function;
        this.head = head;
        this.arrival = arrival;
    }

    final Node node() {
        return node;
    }

    final DeployedFunction function() {
        return function;
    }

    /** When the request came, by {@link System#nanoTime}. */
    final long arrival() {
        return arrival;
    }

    /** The call that this exchange has become, or null while there is none or it is over. */
    final @Nullable Call call() {
        return call;
    }

    /** Sets the call that this exchange has become. */
    final void call(@Nullable Call running) {
        call = running;
    }

    /** The head of the response, or null if the function has not begun one. */
    final @Nullable ResponseHead responseHead() {
        return responseHead;
    }

    /** The body of the response, or null if the function has not begun one. */
    final @Nullable ResponseBody responseBody() {
        return responseBody.get();
    }

    @Override
    public final RequestHead request() {
        return head;
    }

    @Override
    public final OutputStream respond(ResponseHead began) {
        long declared = ResponseFields.check(began);
        int status = began.status();
        boolean discards = head.method().equals("HEAD") || status == 204 || status == 304;
        ResponseBody body = new ResponseBody(this, declared, discards);
        if (!responseBody.compareAndSet(null, body)) {
            throw new IllegalStateException("the response has begun");
        }
        responseHead = began;
        return body;
    }

    @Override
    public final boolean responded() {
        return responseBody.get() != null;
    }

    @Override
    public final void log(String line) {
        node.log().info("guest", line, "function", function.definition().name(), "request", head.id());
    }

    @Override
    public final void used(long cpuNanos, long memoryBytes) {
        node.metrics().used(function, cpuNanos, memoryBytes);
    }

    @Override
    public final void complete() {
        ResponseBody body = responseBody.get();
        if (body == null) {
            throw new GuestException("The function ended without a response");
        }
        body.close();
    }

    /** Whether the function has had all the time it may have, in which case its call is ended. */
    final boolean endsLate(long now) {
        Call running = call;
        if (running == null
                || now - arrival <= function.definition().limits().wall().toNanos()) {
            return false;
        }
        running.cancel(Call.Reason.WALL);
        return true;
    }

    @Override
    final void shutdown() {
        Call running = call;
        if (running != null) {
            running.cancel(Call.Reason.SHUTDOWN);
        }
    }

    /** Does something on the event loop: now, if this is it. */
    final void onLoop(Runnable task) {
        if (eventLoop.inEventLoop()) {
            task.run();
        } else {
            eventLoop.execute(task);
        }
    }
}
