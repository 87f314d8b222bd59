package io.selvage.gateway;

import io.selvage.node.EventLog;
import io.selvage.node.Inbound;
import io.selvage.node.Problem;
import io.selvage.node.RequestHead;
import io.selvage.node.ResponseHead;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/** A request to a function whose answer nobody gets: it is only recorded. */
final class ShadowExchange implements Inbound {
    private final RequestHead head;
    private final byte[] content;
    private final ReplyRecorder recorder;
    private final EventLog log;
    private final AtomicBoolean responded = new AtomicBoolean();

    ShadowExchange(RequestHead head, byte[] content, ReplyRecorder recorder, EventLog log) {
        this.head = head;
        this.content = content;
        this.recorder = recorder;
        this.log = log;
    }

    @Override
    public RequestHead request() {
        return head;
    }

    @Override
    public InputStream requestBody() {
        return new ByteArrayInputStream(content);
    }

    @Override
    public OutputStream respond(ResponseHead response) {
        ResponseFields.check(response);
        if (!responded.compareAndSet(false, true)) {
            throw new IllegalStateException("the response has begun");
        }
        recorder.head(response.status(), response.headers());
        boolean discards = head.method().equals("HEAD") || response.status() == 204 || response.status() == 304;
        return new OutputStream() {
            @Override
            public void write(int value) {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int count) {
                if (!discards) {
                    recorder.content(bytes, offset, count);
                }
            }
        };
    }

    @Override
    public boolean responded() {
        return responded.get();
    }

    @Override
    public void log(String line) {
        log.debug("shadow", line, "request", head.id());
    }

    @Override
    public long declaredLength() {
        return content.length;
    }

    @Override
    public void fail(Problem problem) {
        if (responded.compareAndSet(false, true)) {
            recorder.head(problem.status(), new io.selvage.node.Headers());
        }
        recorder.end(false);
    }

    @Override
    public void complete() {
        recorder.end(responded.get());
    }
}
