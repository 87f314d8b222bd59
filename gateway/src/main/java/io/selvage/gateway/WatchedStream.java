package io.selvage.gateway;

import io.netty.channel.Channel;
import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Lets a recorder see what is answered to a request, whoever answers it, and perhaps its content be copied. Belongs to the event
 * loop of its connection.
 */
final class WatchedStream implements ClientStream {
    private final ClientStream stream;
    private final Optional<ShadowContent> content;
    private final ReplyRecorder recorder;
    private boolean compressed;
    private boolean ending;

    /** The same request, whose response {@code recorder} sees, and whose content, if it is of interest, {@code content}. */
    WatchedStream(ClientStream stream, Optional<ShadowContent> content, ReplyRecorder recorder) {
        this.stream = stream;
        this.content = content;
        this.recorder = recorder;
    }

    @Override
    public void head(int status, Headers fields) {
        stream.head(status, fields);
        recorder.head(status, fields);
    }

    @Override
    public void uncoded(Buffer part) {
        compressed = true;
        record(part);
    }

    @Override
    public void write(Buffer part) {
        recordPlain(part);
        stream.write(part);
    }

    @Override
    public void end(Buffer last, Headers trailers) {
        recordPlain(last);
        ending = true;
        stream.end(last, trailers);
        recorder.end(true);
    }

    private void recordPlain(Buffer part) {
        if (!compressed) {
            record(part);
        }
    }

    private void record(Buffer part) {
        byte[] bytes = part.getBytes();
        recorder.content(bytes, 0, bytes.length);
    }

    @Override
    public void reset(StreamError why) {
        stream.reset(why);
        recorder.end(false);
    }

    @Override
    public Channel channel() {
        return stream.channel();
    }

    @Override
    public String protocol() {
        return stream.protocol();
    }

    @Override
    public String method() {
        return stream.method();
    }

    @Override
    public String target() {
        return stream.target();
    }

    @Override
    public String authority() {
        return stream.authority();
    }

    @Override
    public Headers fields() {
        return stream.fields();
    }

    @Override
    public boolean isSecure() {
        return stream.isSecure();
    }

    @Override
    public long length() {
        return stream.length();
    }

    @Override
    public void read(Consumer<Buffer> part, Runnable end) {
        if (content.isPresent()) {
            ShadowContent copy = content.get();
            stream.read(copy.parts(part), copy.end(end));
        } else {
            stream.read(part, end);
        }
    }

    @Override
    public void fetch(int parts) {
        stream.fetch(parts);
    }

    @Override
    public void resume() {
        stream.resume();
    }

    @Override
    public void pause() {
        stream.pause();
    }

    @Override
    public boolean isEnded() {
        return stream.isEnded();
    }

    @Override
    public Headers trailers() {
        return stream.trailers();
    }

    @Override
    public long received() {
        return stream.received();
    }

    @Override
    public void whenGone(Consumer<String> action) {
        stream.whenGone(why -> {
            if (!ending) {
                content.ifPresent(ShadowContent::release);
            }
            action.accept(why);
        });
    }

    @Override
    public boolean isClosed() {
        return stream.isClosed();
    }

    @Override
    public void always(String name, String value) {
        stream.always(name, value);
    }

    @Override
    public void interim(int status, Headers fields) {
        stream.interim(status, fields);
    }

    @Override
    public void endsConnection() {
        stream.endsConnection();
    }

    @Override
    public boolean retract() {
        return stream.retract();
    }

    @Override
    public void sendHead() {
        stream.sendHead();
    }

    @Override
    public boolean isFull() {
        return stream.isFull();
    }

    @Override
    public void whenDrained(Runnable action) {
        stream.whenDrained(action);
    }

    @Override
    public Pipe switchProtocols(Headers fields) {
        return stream.switchProtocols(fields);
    }
}
