package io.selvage.node;

/** An exchange as a listener hands it to the {@link Dispatcher}. Its own methods may be called from any thread. */
public interface Inbound extends Exchange {
    /** How many bytes the request's body has, as far as its head says; -1 if that is not known. */
    long declaredLength();

    /**
     * Answers with a problem document if the response has not begun, else breaks the response off so that the client
     * can tell (HTTP/1: closes the connection, HTTP/2: RST_STREAM). Only the first call counts.
     */
    void fail(Problem problem);

    /**
     * The guest has returned: completes what it began to answer.
     *
     * @throws GuestException if it has not begun
     */
    void complete();
}
