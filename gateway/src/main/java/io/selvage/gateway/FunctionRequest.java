package io.selvage.gateway;

import io.netty.channel.EventLoop;
import io.selvage.node.Call;
import io.selvage.node.DeployedFunction;
import io.selvage.node.Headers;
import io.selvage.node.Node;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.node.ResponseHead;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** One request to a function whose answer is stored, or changed on its way: it is answered as an origin would. */
final class FunctionRequest extends GuestExchange implements Upstream {
    private final RequestContent content;
    private final @Nullable RequestBody streamed;
    private final BodyPace pace;
    private final LoopState loop;
    private final OriginRequest.Answer answer;
    private boolean headGiven;
    private boolean paused;
    private boolean over;
    private int held;

    /**
     * A request that is not sent yet.
     *
     * @param head with the fields that the function gets
     * @param content the request's content
     * @param bodyLimit the most bytes that the content may have, if the function may have more
     * @param pace tells whether the client sends its content too slowly
     */
    FunctionRequest(
            Node node,
            DeployedFunction function,
            RequestHead head,
            RequestContent content,
            long bodyLimit,
            BodyPace pace,
            EventLoop eventLoop,
            OriginRequest.Answer answer) {
        super(node, eventLoop, function, head, System.nanoTime());
        this.content = content;
        this.streamed = content.canRepeat()
                ? null
                : new RequestBody(
                        this::fetch, Math.min(function.definition().limits().body(), bodyLimit));
        this.pace = pace;
        this.loop = LoopState.of(eventLoop);
        this.answer = answer;
    }

    @Override
    public void start() {
        loop.add(this);
        RequestBody body = streamed;
        if (body != null && content instanceof RequestContent.Streamed(ClientStream request, Buffer begun)) {
            body.begin(begun);
            request.read(body::put, body::end);
        }
        Call running = node().dispatcher().dispatch(current(), this, arrival());
        call(running);
        if (running == null) {
            fail(Problem.of(503, "replaced", "The function is being replaced", "Try again."));
        }
    }

    /** The function, or what has replaced it since the request was routed. */
    private DeployedFunction current() {
        return function().isRetired()
                ? node().release().functions().stream()
                        .filter(f -> f.definition()
                                .name()
                                .equals(function().definition().name()))
                        .findFirst()
                        .orElse(function())
                : function();
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
        ResponseBody body = responseBody();
        if (held > 0 && body != null) {
            body.sent(held);
            held = 0;
        }
    }

    @Override
    public void cancel() {
        Call running = call();
        if (!over) {
            finish("nobody waits for the answer");
            if (running != null) {
                running.cancel(Call.Reason.CLIENT_GONE);
            }
        }
    }

    /** Lets further parts of the content come; from the guest's thread. */
    private void fetch(int more) {
        onLoop(() -> {
            if (!over && content instanceof RequestContent.Streamed coming) {
                coming.request().fetch(more);
            }
        });
    }

    @Override
    void check(long now) {
        Call running = call();
        RequestBody body = streamed;
        if (!endsLate(now)
                && running != null
                && body != null
                && pace.isTooSlow(now, body.received(), body.isWaiting())) {
            running.cancel(Call.Reason.CLIENT_SLOW);
        }
    }

    @Override
    public long declaredLength() {
        return switch (content) {
            case RequestContent.None _ -> 0;
            case RequestContent.Held held -> held.bytes().length();
            case RequestContent.Streamed coming -> coming.request().length();
        };
    }

    @Override
    public InputStream requestBody() {
        if (streamed != null) {
            return streamed;
        }
        return content instanceof RequestContent.Held held
                ? new ByteArrayInputStream(held.bytes().getBytes())
                : InputStream.nullInputStream();
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
            ResponseBody body = responseBody();
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
                answer.end(new Headers());
            }
        });
    }

    /** Tells of the head once; {@code length} is the content's, if all of it is known. */
    private void giveHead(long length) {
        ResponseHead guest = responseHead();
        if (headGiven || guest == null) {
            return;
        }
        headGiven = true;
        Headers fields = ResponseFields.passed(guest.headers());
        if (length >= 0 && guest.status() != 204 && guest.status() != 304 && !fields.contains("content-length")) {
            fields.add("Content-Length", Long.toString(length));
        }
        answer.head(guest.status(), fields);
    }

    private void finish(String why) {
        over = true;
        call(null);
        loop.remove(this);
        RequestBody in = streamed;
        if (in != null) {
            in.fail(why);
        }
        ResponseBody body = responseBody();
        if (body != null) {
            body.fail(why);
        }
    }
}
