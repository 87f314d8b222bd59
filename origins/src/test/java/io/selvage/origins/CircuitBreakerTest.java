package io.selvage.origins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.OriginBreaker;
import io.selvage.origins.CircuitBreaker.Permit;
import io.selvage.origins.CircuitBreaker.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
    private static final long SECOND = 1_000_000_000L;

    private final CircuitBreaker breaker =
            new CircuitBreaker(new OriginBreaker(50, 10, Duration.ofSeconds(10), Duration.ofSeconds(5), 2));

    private void requests(int good, int bad, long now) {
        for (int i = 0; i < good + bad; i++) {
            breaker.over(breaker.tryPass(now), i >= good, now);
        }
    }

    @Test
    void tooFewRequestsSayNothing() {
        requests(0, 9, 0);
        assertEquals(State.CLOSED, breaker.state());
    }

    @Test
    void aShareOfFailuresOpensItAndItRefuses() {
        requests(6, 4, 0);
        assertEquals(State.CLOSED, breaker.state());
        requests(0, 2, 0);
        assertEquals(State.OPEN, breaker.state());
        assertEquals(Permit.REFUSED, breaker.tryPass(4 * SECOND));
        assertEquals(SECOND, breaker.openNanos(4 * SECOND));
    }

    @Test
    void whatIsLongPastDoesNotCount() {
        requests(0, 9, 0);
        requests(0, 1, 11 * SECOND);
        assertEquals(State.CLOSED, breaker.state());
    }

    @Test
    void itClosesWhenSomeTrialsHaveWorkedAndNoMoreRunAtOnce() {
        requests(0, 10, 0);
        assertEquals(Permit.TRIAL, breaker.tryPass(5 * SECOND));
        assertEquals(State.HALF_OPEN, breaker.state());
        assertEquals(Permit.TRIAL, breaker.tryPass(5 * SECOND));
        assertEquals(Permit.REFUSED, breaker.tryPass(5 * SECOND));
        assertFalse(breaker.over(Permit.TRIAL, false, 5 * SECOND));
        assertEquals(Permit.REFUSED, breaker.tryPass(5 * SECOND));
        assertTrue(breaker.over(Permit.TRIAL, false, 5 * SECOND));
        assertEquals(State.CLOSED, breaker.state());
        requests(0, 9, 6 * SECOND);
        assertEquals(State.CLOSED, breaker.state());
    }

    @Test
    void aTrialThatFailsOpensItAgain() {
        requests(0, 10, 0);
        Permit trial = breaker.tryPass(5 * SECOND);
        assertTrue(breaker.over(trial, true, 6 * SECOND));
        assertEquals(State.OPEN, breaker.state());
        assertEquals(Permit.REFUSED, breaker.tryPass(10 * SECOND));
        assertEquals(Permit.TRIAL, breaker.tryPass(11 * SECOND));
    }

    @Test
    void aTrialThatIsGivenUpMakesRoomForAnother() {
        requests(0, 10, 0);
        Permit one = breaker.tryPass(5 * SECOND);
        breaker.tryPass(5 * SECOND);
        assertEquals(Permit.REFUSED, breaker.tryPass(5 * SECOND));
        breaker.abandoned(one);
        assertEquals(Permit.TRIAL, breaker.tryPass(5 * SECOND));
    }
}
