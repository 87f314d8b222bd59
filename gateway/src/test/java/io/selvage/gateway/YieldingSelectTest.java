package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.SelectStrategy;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YieldingSelectTest {
    @Test
    void aLoopWithTasksNeitherWaitsNorYields() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        YieldingSelect select = new YieldingSelect(() -> asked.incrementAndGet() > 0);
        assertEquals(7, select.calculateStrategy(() -> 7, true));
        assertEquals(0, asked.get());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLoopWithoutTasksWaits(boolean isComputing) throws Exception {
        YieldingSelect select = new YieldingSelect(() -> isComputing);
        assertEquals(
                SelectStrategy.SELECT,
                select.calculateStrategy(
                        () -> {
                            throw new AssertionError("it looks twice");
                        },
                        false));
    }
}
