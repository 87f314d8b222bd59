package io.selvage.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AcmeScheduleTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant END = BEGIN.plus(Duration.ofDays(90));
    private static final Optional<AcmeClient.Window> WINDOW =
            Optional.of(new AcmeClient.Window(day(40), day(50), day(1)));

    private static Instant day(int day) {
        return BEGIN.plus(Duration.ofDays(day));
    }

    private static Instant renewal(Optional<Duration> before, Optional<AcmeClient.Window> window) {
        return AcmeSchedule.renewal(BEGIN, END, before, window, 0.5);
    }

    @Test
    void aThirdOfItsLifeIsLeftWhenNobodySaysOtherwise() {
        assertEquals(day(60), renewal(Optional.empty(), Optional.empty()));
    }

    @Test
    void theManifestMovesItButNotIntoTheFirstHalfOfItsLife() {
        assertEquals(day(80), renewal(Optional.of(Duration.ofDays(10)), Optional.empty()));
        assertEquals(day(45), renewal(Optional.of(Duration.ofDays(89)), Optional.empty()));
        assertEquals(day(45), renewal(Optional.of(Duration.ofDays(900)), Optional.empty()));
    }

    @Test
    void theAuthorityMovesItAndTheEarlierOfTheTwoCounts() {
        assertEquals(day(45), renewal(Optional.empty(), WINDOW));
        assertEquals(day(45), renewal(Optional.of(Duration.ofDays(10)), WINDOW));
        assertEquals(
                day(50),
                AcmeSchedule.renewal(
                        BEGIN,
                        END,
                        Optional.of(Duration.ofDays(40)),
                        Optional.of(new AcmeClient.Window(day(70), day(80), day(1))),
                        0));
    }

    @Test
    void failuresDoubleTheWaitUpToAnHour() {
        Duration first = Duration.ofMinutes(2);
        assertEquals(first, AcmeSchedule.retry(first, 1, 0));
        assertEquals(Duration.ofMinutes(8), AcmeSchedule.retry(first, 3, 0));
        assertEquals(Duration.ofHours(1), AcmeSchedule.retry(first, 9, 0));
        assertEquals(Duration.ofMinutes(66), AcmeSchedule.retry(first, 1_000, 1));
        assertEquals(Duration.ofHours(2), AcmeSchedule.retry(Duration.ofHours(2), 5, 0));
    }
}
