package io.selvage.gateway;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.function.BooleanSupplier;

/**
 * Lets other threads have the processor before an event loop waits for its sockets. Those that would wake it up are often on the same
 * machine, and what they send meanwhile is there when it looks: nobody has to wake it, and it finds more at once.
 */
final class YieldingSelect implements SelectStrategy {
    private final BooleanSupplier isComputing;

    /**
     * A strategy of event loops.
     *
     * @param isComputing whether something has the processors for milliseconds, behind which no event loop should queue
     */
    YieldingSelect(BooleanSupplier isComputing) {
        this.isComputing = isComputing;
    }

    @Override
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        if (hasTasks) {
            return selectNow.get();
        }
        if (!isComputing.getAsBoolean()) {
            Thread.yield();
        }
        return SELECT;
    }
}
