package io.selvage.gateway;

import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;

/** A connection that carries bytes of any protocol. Belongs to its event loop. */
interface Pipe {
    /** Takes what comes, and is told of its end. */
    void read(Consumer<Buffer> part, Runnable closed);

    void resume();

    void pause();

    void write(Buffer part);

    /** Whether the other side is slower than what is sent to it. */
    boolean isFull();

    /** What is done, once, when it is no longer {@linkplain #isFull full}. */
    void whenDrained(Runnable action);

    /** Closes it when what is written has left. */
    void close();

    /** Closes it at once. */
    void abandon();
}
