package io.selvage.gateway;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import java.util.function.BooleanSupplier;

/**
 * Lets other threads have the processor before an event loop waits for its sockets. Those that would wake it up are often on the same
 * machine, and what they send meanwhile is there when it looks: nobody has to wake it, and it finds more at once.
 */
final class YieldingHandler implements IoHandler {
    private final IoHandler sockets;
    private final BooleanSupplier mayYield;

    /**
     * The handler of one event loop.
     *
     * @param sockets waits, reads and writes
     * @param mayYield whether it may do so now
     */
    YieldingHandler(IoHandler sockets, BooleanSupplier mayYield) {
        this.sockets = sockets;
        this.mayYield = mayYield;
    }

    @Override
    public int run(IoHandlerContext context) {
        if (context.canBlock() && mayYield.getAsBoolean()) {
            Thread.yield();
        }
        return sockets.run(context);
    }

    @Override
    public void initialize() {
        sockets.initialize();
    }

    @Override
    public void prepareToDestroy() {
        sockets.prepareToDestroy();
    }

    @Override
    public void destroy() {
        sockets.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return sockets.register(handle);
    }

    @Override
    public void wakeup() {
        sockets.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return sockets.isCompatible(type);
    }
}
