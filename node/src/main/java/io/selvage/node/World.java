package io.selvage.node;

import io.selvage.wasm.Module;

/**
 * The contract between a guest and the node: how an event becomes a call into the guest, and which imports it gets.
 * Thread-safe.
 */
public interface World {
    /** The name in manifests, for example {@code cgi}. */
    String name();

    /** Whether a module looks made for this world, judged by its imports and exports. */
    boolean recognizes(Module module);

    /**
     * Does once what need not be done for every request.
     *
     * @param services gives the services' resources that {@code function} has a grant for
     * @throws io.selvage.wasm.LinkException if the module needs something that this world does not have
     * @throws ConfigurationException if a grant names something that does not exist
     */
    Guest prepare(FunctionDefinition function, Module module, Services services);

    /** A function ready for requests. Thread-safe. */
    interface Guest extends AutoCloseable {
        /**
         * Handles one request, on a virtual thread. If it throws before the response has begun, the caller answers; if
         * it throws afterwards, the caller breaks the response off so that the client can tell it from a whole one.
         *
         * @throws io.selvage.wasm.Trap if the guest traps
         * @throws LimitExceededException if it goes past a limit that the engine does not know
         * @throws GuestException if the guest ended without a usable response
         * @throws java.io.IOException if the client went away
         */
        void handle(Exchange exchange) throws java.io.IOException;

        /** No request is being handled and none will come. */
        @Override
        void close();
    }
}
