package io.selvage.gateway;

import io.netty.channel.EventLoop;
import io.selvage.node.Call;
import io.selvage.node.DeployedFunction;
import io.selvage.node.GuestException;
import io.selvage.node.Headers;
import io.selvage.node.Inbound;
import io.selvage.node.Node;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.node.ResponseHead;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One request of the cache to a function. The guest's thread calls what {@link Inbound} has; everything else belongs to the
 * event loop.
 */
final class FunctionRequest extends LoopMember implements Inbound, Upstream, BodySink {
    private final Node node;
    private final DeployedFunction function;
    private final RequestHead head;
    private final byte[] content;
    private final EventLoop eventLoop;
    private final LoopState loop;
    private final OriginRequest.Answer answer;
    private final long arrival = System.nanoTime();
    private final AtomicReference<@Nullable ResponseBody> responseBody = new AtomicReference<>();
    private volatile @Nullable ResponseHead responseHead;
    private @Nullable Call call;
    private boolean headGiven;
    private boolean paused;
    private boolean over;
    private int held;

    /**
     * A request that is not sent yet.
     *
     * @param head with the fields that the function gets
     * @param content the request's content
     */
    FunctionRequest(
            Node node,
            DeployedFunction function,
            RequestHead head,
            byte[] content,
            EventLoop eventLoop,
            OriginRequest.Answer answer) {
        this.node = node;
        this.function = function;
        this.head = head;
        this.content = content;
        this.eventLoop = eventLoop;
        this.loop = LoopState.of(eventLoop);
        this.answer = answer;
    }

    @Override
    public void start() {
        loop.add(this);
        call = node.dispatcher().dispatch(current(), this, arrival);
        if (call == null) {
            fail(Problem.of(503, "replaced", "The function is being replaced", "Try again."));
        }
    }

    /** The function, or what has replaced it since the request was routed. */
    private DeployedFunction current() {
        return function.isRetired()
                ? node.release().functions().stream()
                        .filter(f -> f.definition()
                                .name()
                                .equals(function.definition().name()))
                        .findFirst()
                        .orElse(function)
                : function;
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
        ResponseBody body = responseBody.get();
        if (held > 0 && body != null) {
            body.sent(held);
            held = 0;
        }
    }

    @Override
    public void cancel() {
        Call running = call;
        if (!over) {
            finish("nobody waits for the answer");
            if (running != null) {
                running.cancel(Call.Reason.CLIENT_GONE);
            }
        }
    }

    @Override
    void check(long now) {
        Call running = call;
        if (running != null
                && now - arrival > function.definition().limits().wall().toNanos()) {
            running.cancel(Call.Reason.WALL);
        }
    }

    @Override
    void shutdown() {
        Call running = call;
        if (running != null) {
            running.cancel(Call.Reason.SHUTDOWN);
        }
    }

    @Override
    public RequestHead request() {
        return head;
    }

    @Override
    public long declaredLength() {
        return content.length;
    }

    @Override
    public InputStream requestBody() {
        return new ByteArrayInputStream(content);
    }

    @Override
    public OutputStream respond(ResponseHead came) {
        long declared = ResponseFields.check(came);
        boolean discards = head.method().equals("HEAD") || came.status() == 204 || came.status() == 304;
        ResponseBody body = new ResponseBody(this, declared, discards);
        if (!responseBody.compareAndSet(null, body)) {
            throw new IllegalStateException("the response has begun");
        }
        responseHead = came;
        return body;
    }

    @Override
    public boolean responded() {
        return responseBody.get() != null;
    }

    @Override
    public void log(String line) {
        node.log().info("guest", line, "function", function.definition().name(), "request", head.id());
    }

    @Override
    public void used(long cpuNanos, long memoryBytes) {
        node.metrics().used(function, cpuNanos, memoryBytes);
    }

    @Override
    public void complete() {
        ResponseBody body = responseBody.get();
        if (body == null) {
            throw new GuestException("The function ended without a response");
        }
        body.close();
    }

    @Override
    public void fail(Problem problem) {
        onLoop(() -> {
            if (!over) {
                finish("the request is over");
                answer.failed(problem);
            }
        });
    }

    @Override
    public void send(Buffer chunk) {
        onLoop(() -> {
            ResponseBody body = responseBody.get();
            if (over || body == null) {
                return;
            }
            giveHead(-1);
            answer.content(chunk);
            if (paused) {
                held++;
            } else {
                body.sent(1);
            }
        });
    }

    @Override
    public void finish(Buffer rest, long written) {
        onLoop(() -> {
            if (over) {
                return;
            }
            giveHead(written);
            if (rest.length() > 0 && !over) {
                answer.content(rest);
            }
            if (!over) {
                finish("the request is over");
                answer.end();
            }
        });
    }

    /** Tells of the head once; {@code length} is the content's, if all of it is known. */
    private void giveHead(long length) {
        ResponseHead guest = responseHead;
        if (headGiven || guest == null) {
            return;
        }
        headGiven = true;
        MultiMap copied = MultiMap.caseInsensitiveMultiMap();
        ResponseFields.copy(guest.headers(), copied, false);
        Headers fields = HttpExchange.headers(copied);
        if (length >= 0 && guest.status() != 204 && guest.status() != 304 && !fields.contains("content-length")) {
            fields.add("Content-Length", Long.toString(length));
        }
        answer.head(guest.status(), fields);
    }

    private void finish(String why) {
        over = true;
        call = null;
        loop.remove(this);
        ResponseBody body = responseBody.get();
        if (body != null) {
            body.fail(why);
        }
    }

    private void onLoop(Runnable task) {
        if (eventLoop.inEventLoop()) {
            task.run();
        } else {
            eventLoop.execute(task);
        }
    }
}
