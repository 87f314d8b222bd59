package io.selvage.gateway;

import io.vertx.core.buffer.Buffer;

/** Where what a guest writes as its response goes; called on the guest's thread. */
interface BodySink {
    /** Takes a part; {@link ResponseBody#sent} says when the next may come. */
    void send(Buffer chunk);

    /**
     * Takes the last part.
     *
     * @param written how many bytes the guest has written in all
     */
    void finish(Buffer rest, long written);
}
