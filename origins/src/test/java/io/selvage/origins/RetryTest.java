package io.selvage.origins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryTest {
    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @CsvSource({"20, 0, 1000, 200", "20, 1, 10, 10", "0, 0, 1000, 0", "100, 0, 7, 7"})
    void repetitionsStayInsideTheirShare(int percent, int least, int requests, int allowed) {
        RetryBudget budget = new RetryBudget(percent, least);
        int retries = 0;
        for (int i = 0; i < requests; i++) {
            budget.request(SECOND);
        }
        for (int i = 0; i < 2 * requests; i++) {
            retries += budget.tryRetry(SECOND) ? 1 : 0;
        }
        assertEquals(allowed, retries);
    }

    @Test
    void aBudgetThatIsSpentComesBackWithTime() {
        RetryBudget budget = new RetryBudget(0, 1);
        for (int i = 0; i < 10; i++) {
            assertTrue(budget.tryRetry(0));
        }
        assertEquals(false, budget.tryRetry(9 * SECOND));
        assertTrue(budget.tryRetry(10 * SECOND));
    }

    @Test
    void waitsGrowToALimitAndAreRandom() {
        Duration first = Duration.ofMillis(100);
        Duration longest = Duration.ofMillis(350);
        assertEquals(50_000_000, Backoff.nanos(first, longest, 1, 0.5));
        assertEquals(100_000_000, Backoff.nanos(first, longest, 2, 0.5));
        assertEquals(175_000_000, Backoff.nanos(first, longest, 3, 0.5));
        assertEquals(175_000_000, Backoff.nanos(first, longest, 1_000, 0.5));
        assertEquals(0, Backoff.nanos(first, longest, 3, 0));
    }
}
