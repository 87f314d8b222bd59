package io.selvage.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Rule;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConcurrencyLimitTest {
    private static ConcurrencyLimit limit(String algorithm, int initial) {
        return new ConcurrencyLimit(new Rule.Concurrency(algorithm, initial, 2, 100, Duration.ofMillis(500)));
    }

    /** Fills the limit and empties it again, a number of times. */
    private static void load(ConcurrencyLimit limit, int rounds, double millis, boolean overloaded) {
        for (int i = 0; i < rounds; i++) {
            int taken = 0;
            while (limit.tryAcquire()) {
                taken++;
            }
            for (int j = 0; j < taken; j++) {
                limit.release((long) (millis * 1e6), overloaded);
            }
        }
    }

    @Test
    void whatIsPastTheLimitIsRefused() {
        ConcurrencyLimit limit = limit("fixed", 3);
        assertTrue(limit.tryAcquire() && limit.tryAcquire() && limit.tryAcquire());
        assertFalse(limit.tryAcquire());
        limit.release();
        assertTrue(limit.tryAcquire());
    }

    @Test
    void additiveIncreaseAndMultiplicativeDecrease() {
        ConcurrencyLimit limit = limit("aimd", 10);
        load(limit, 40, 1, false);
        int grown = limit.limit();
        assertTrue(grown > 20, () -> "" + grown);
        assertTrue(limit.tryAcquire());
        limit.release(1, true);
        assertEquals((int) (grown * 0.9), limit.limit(), 1);
        load(limit, 20, 600, false);
        assertEquals(2, limit.limit());
        assertEquals(0, limit.running());
    }

    @Test
    void theGradientGrowsWhileLatencyStaysAndFallsWhenItRises() {
        ConcurrencyLimit limit = limit("gradient", 10);
        load(limit, 30, 10, false);
        int grown = limit.limit();
        assertTrue(grown > 50, () -> "" + grown);
        load(limit, 3, 100, false);
        assertTrue(limit.limit() < grown / 2, () -> grown + " to " + limit.limit());
    }

    @Test
    void anIdleTimeDoesNotRaiseTheLimit() {
        ConcurrencyLimit limit = limit("gradient", 10);
        for (int i = 0; i < 1000; i++) {
            assertTrue(limit.tryAcquire());
            limit.release(1_000_000, false);
        }
        assertTrue(limit.limit() <= 10);
    }

    @Test
    void aQueueThatGrowsWithTheLoadIsFound() {
        ConcurrencyLimit limit = limit("gradient", 50);
        for (int round = 0; round < 200; round++) {
            int taken = 0;
            while (limit.tryAcquire()) {
                taken++;
            }
            double millis = 10 * Math.max(1, taken / 16.0);
            for (int j = 0; j < taken; j++) {
                limit.release((long) (millis * 1e6), false);
            }
        }
        int found = limit.limit();
        assertTrue(found >= 8 && found <= 80, () -> "" + found);
    }
}
