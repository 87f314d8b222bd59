package io.selvage.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.Rule;
import io.selvage.rules.ConcurrencyLimit.Entry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConcurrencyLimitTest {
    private static ConcurrencyLimit limit(String algorithm, int initial) {
        return new ConcurrencyLimit(new Rule.Concurrency(algorithm, initial, 2, 100, Duration.ofMillis(500)));
    }

    /** Fills the limit and empties it again, a number of times. */
    private static void load(ConcurrencyLimit limit, int rounds, double millis, boolean overloaded) {
        for (int i = 0; i < rounds; i++) {
            Deque<Entry> taken = new ArrayDeque<>();
            for (Entry entry = limit.tryAcquire(); entry != Entry.REFUSED; entry = limit.tryAcquire()) {
                taken.add(entry);
            }
            taken.forEach(entry -> limit.release(entry, (long) (millis * 1e6), overloaded));
        }
    }

    @Test
    void whatIsPastTheLimitIsRefused() {
        ConcurrencyLimit limit = limit("fixed", 3);
        for (int i = 0; i < 3; i++) {
            assertEquals(Entry.USUAL, limit.tryAcquire());
        }
        assertEquals(Entry.REFUSED, limit.tryAcquire());
        limit.release(Entry.USUAL);
        assertEquals(Entry.USUAL, limit.tryAcquire());
    }

    @Test
    void additiveIncreaseAndMultiplicativeDecrease() {
        ConcurrencyLimit limit = limit("aimd", 10);
        load(limit, 40, 1, false);
        int grown = limit.limit();
        assertTrue(grown > 20, () -> "" + grown);
        limit.release(limit.tryAcquire(), 1, true);
        assertEquals((int) (grown * 0.9), limit.limit(), 1);
        load(limit, 100, 600, false);
        assertEquals(2, limit.limit());
        assertEquals(0, limit.running());
    }

    @Test
    void oneBurstOfFailuresLowersTheLimitOnce() {
        ConcurrencyLimit limit = limit("aimd", 50);
        load(limit, 1, 600, false);
        assertEquals(45, limit.limit());
    }

    @Test
    void anIdleTimeDoesNotRaiseTheLimit() {
        ConcurrencyLimit limit = limit("gradient", 10);
        for (int i = 0; i < 1000; i++) {
            limit.release(limit.tryAcquire(), 1_000_000, false);
        }
        assertEquals(10, limit.limit());
    }

    @Test
    void clientsThatGoAwayDoNotEndAProbe() {
        ConcurrencyLimit limit = limit("gradient", 10);
        for (int i = 0; i < 100; i++) {
            Entry entry = limit.tryAcquire();
            assertEquals(Entry.PROBE, entry);
            limit.release(entry);
        }
        assertEquals(10, limit.limit());
        assertEquals(0, limit.running());
    }

    /** One request of a simulated destination: it began and ends then, in seconds. */
    private record Running(double began, double end, Entry entry) {}

    @ParameterizedTest
    @CsvSource({
        // workers, seconds of work for each request, how far that varies, load in relation to what they can do
        "8, 0.020, 0, 2",
        "8, 0.020, 1, 2",
        "8, 0.010, 3, 5",
        "100, 0.020, 0, 2",
        "100, 0.020, 1, 2",
        "2, 0.010, 0, 2",
        "1, 0.010, 0.2, 3",
        "1000, 0.050, 0.5, 1.5"
    })
    void anOverloadedDestinationIsKeptBusyAndNothingQueuesForLong(
            int workers, double work, double spread, double load) {
        ConcurrencyLimit limit =
                new ConcurrencyLimit(new Rule.Concurrency("gradient", 20, 1, 10_000, Duration.ofSeconds(1)));
        Random random = new Random(7);
        double capacity = workers / (work * (1 + spread));
        PriorityQueue<Double> free = new PriorityQueue<>(Collections.nCopies(workers, 0.0));
        PriorityQueue<Running> running = new PriorityQueue<>(Comparator.comparingDouble(Running::end));
        int answered = 0;
        double waited = 0;
        int counted = (int) (20_000 * load);
        for (int i = 0, n = 8 * counted; i < n; i++) {
            double now = i / (capacity * load);
            while (!running.isEmpty() && running.peek().end <= now) {
                Running over = running.poll();
                limit.release(over.entry, (long) ((over.end - over.began) * 1e9), false);
                if (i >= n - counted) {
                    answered++;
                    waited += over.end - over.began;
                }
            }
            Entry entry = limit.tryAcquire();
            if (entry != Entry.REFUSED) {
                double takes = work * (1 - spread * Math.log(1 - random.nextDouble()));
                double end = Math.max(now, free.remove()) + takes;
                free.add(end);
                running.add(new Running(now, end, entry));
            }
        }
        double share = answered * load / counted;
        double wait = waited / answered / (work * (1 + spread));
        assertTrue(share > 0.93, () -> "of what it can do, it did only " + share);
        assertTrue(wait < (workers < 8 ? 15 : 3), () -> "a request took " + wait + " times its work");
    }
}
