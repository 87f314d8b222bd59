package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YieldingHandlerTest {
    /** Has handled as many handles as the loop may wait nanoseconds. */
    private static final class Sockets implements IoHandler {
        @Override
        public int run(IoHandlerContext context) {
            return (int) context.delayNanos(0);
        }

        @Override
        public IoRegistration register(IoHandle handle) {
            throw new UnsupportedOperationException("nothing is registered here");
        }

        @Override
        public void wakeup() {}

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return false;
        }
    }

    private record Context(boolean canBlock) implements IoHandlerContext {
        @Override
        public long delayNanos(long currentTimeNanos) {
            return 7;
        }

        @Override
        public long deadlineNanos() {
            return -1;
        }
    }

    @Test
    void aLoopWithTasksDoesNotAskWhetherItMayYield() {
        AtomicInteger asked = new AtomicInteger();
        YieldingHandler handler = new YieldingHandler(new Sockets(), () -> asked.incrementAndGet() > 0);
        assertEquals(7, handler.run(new Context(false)));
        assertEquals(0, asked.get());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLoopWithoutTasksLooksAtItsSocketsOnce(boolean mayYield) {
        assertEquals(7, new YieldingHandler(new Sockets(), () -> mayYield).run(new Context(true)));
    }
}
