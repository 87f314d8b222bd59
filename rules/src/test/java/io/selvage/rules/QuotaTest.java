package io.selvage.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Rule;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QuotaTest {
    private long now = 1;

    private Quota bucket(int requests, int burst) {
        return new Quota(
                new Rule.RateLimit("x", requests, Duration.ofSeconds(60), burst, false, List.of("address"), 1000),
                () -> now);
    }

    private Quota window(int requests) {
        return new Quota(
                new Rule.RateLimit("x", requests, Duration.ofSeconds(60), requests, true, List.of("address"), 1000),
                () -> now);
    }

    private void pass(double seconds) {
        now += (long) (seconds * 1e9);
    }

    private static int taken(Quota quota, String key, int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += quota.take(key).allowed() ? 1 : 0;
        }
        return taken;
    }

    @Test
    void aBucketHoldsItsBurstAndFillsEvenly() {
        Quota quota = bucket(60, 10);
        assertEquals(10, taken(quota, "a", 20));
        pass(3);
        assertEquals(3, taken(quota, "a", 20));
        pass(1000);
        assertEquals(10, taken(quota, "a", 20));
        assertEquals(10, taken(quota, "b", 20));
    }

    @Test
    void aBucketTellsWhatIsLeft() {
        Quota quota = bucket(60, 2);
        assertEquals(new Quota.Left(true, 1, 1), quota.take("a"));
        assertEquals(new Quota.Left(true, 0, 1), quota.take("a"));
        assertEquals(new Quota.Left(false, 0, 1), quota.take("a"));
        Quota slow = bucket(1, 1);
        slow.take("a");
        assertEquals(60, slow.take("a").reset());
        pass(20);
        assertEquals(40, slow.take("a").reset());
        pass(40);
        assertTrue(slow.take("a").allowed());
    }

    @Test
    void itTellsWhenOneMoreMayComeAndNotWhenAllMay() {
        Quota quota = bucket(60, 30);
        assertEquals(new Quota.Left(true, 29, 1), quota.take("a"));
        taken(quota, "a", 9);
        assertEquals(new Quota.Left(true, 19, 1), quota.take("a"));
        Quota sliding = window(10);
        assertEquals(new Quota.Left(true, 9, 120), sliding.take("a"));
        assertEquals(new Quota.Left(true, 8, 90), sliding.take("a"));
        pass(60);
        assertEquals(new Quota.Left(true, 7, 30), sliding.take("a"));
    }

    @Test
    void aSlidingWindowForgetsStepByStep() {
        Quota quota = window(10);
        assertEquals(10, taken(quota, "a", 20));
        pass(60);
        assertEquals(0, taken(quota, "a", 1));
        pass(30);
        assertEquals(5, taken(quota, "a", 20));
        pass(120);
        assertEquals(10, taken(quota, "a", 20));
    }

    @Test
    void waitingAsLongAsToldIsEnough() {
        Random random = new Random(7);
        for (Quota quota : List.of(window(5), bucket(5, 3), window(1), bucket(1, 1))) {
            for (int i = 0; i < 2000; i++) {
                Quota.Left left = quota.take("a");
                if (!left.allowed() || random.nextBoolean()) {
                    now += TimeUnit.SECONDS.toNanos(left.reset());
                    Quota.Left then = quota.take("a");
                    assertTrue(
                            then.allowed() && then.remaining() >= left.remaining(),
                            () -> quota.limit() + ": " + then + " after " + left);
                }
                pass(random.nextDouble() * 20);
            }
        }
    }

    @Test
    void noWindowOfAnyBeginningTakesTwiceTheLimit() {
        Quota quota = window(10);
        Random random = new Random(3);
        java.util.ArrayDeque<Long> taken = new java.util.ArrayDeque<>();
        for (int i = 0; i < 20_000; i++) {
            pass(random.nextDouble() * 2);
            if (quota.take("a").allowed()) {
                taken.add(now);
            }
            while (!taken.isEmpty() && now - taken.getFirst() >= 60_000_000_000L) {
                taken.removeFirst();
            }
            assertTrue(taken.size() < 20);
        }
    }

    @Test
    void manyKeysTakeBoundedMemory() {
        Quota quota = bucket(10, 10);
        assertEquals(10, taken(quota, "mine", 20));
        for (int i = 0; i < 50_000; i++) {
            quota.take("key" + i);
        }
        assertTrue(quota.keys() <= 1000);
    }

    @Test
    void aKeyThatIsUsedMuchIsNotForgottenForTheSakeOfManyOthers() {
        Quota quota = bucket(1000, 1000);
        int allowed = 0;
        for (int i = 0; i < 20_000; i++) {
            allowed += quota.take("mine").allowed() ? 1 : 0;
            quota.take("key" + i);
        }
        assertEquals(1000, allowed);
        assertFalse(quota.take("mine").allowed());
    }
}
