package io.selvage.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds out how many requests a second are answered, then offers twice as many, and looks what becomes of them. */
final class Overload {
    private static final int CLIENTS = 16;
    private static final long GOOD_NANOS = 1_000_000_000L;
    private static final int SETTLING_SECONDS = 3;

    private final String plain;
    private final String guarded;
    private final byte[] content;
    private final int seconds;

    /**
     * One that has not begun.
     *
     * @param plain the URL of a route that lets everything through
     * @param guarded the same behind a route that adapts to what its destination can take
     */
    Overload(String plain, String guarded, byte[] content, int seconds) {
        this.plain = plain;
        this.guarded = guarded;
        this.content = content;
        this.seconds = seconds;
    }

    /** Prints what is found. The maximum is the mean of one before and one after: the machine is not the same all the time. */
    void run(String what) {
        maximum();
        double before = maximum();
        List<SteadyClient.Answer> answers;
        try (SteadyClient client = new SteadyClient(guarded, content)) {
            long settled = System.nanoTime() + SETTLING_SECONDS * 1_000_000_000L;
            answers = client.steady(2 * before, SETTLING_SECONDS + seconds).stream()
                    .filter(answer -> answer.asked() >= settled)
                    .toList();
        }
        tell(what, (before + maximum()) / 2, answers);
    }

    /** Good answers a second to clients that ask again as soon as they have one. */
    private double maximum() {
        try (SteadyClient client = new SteadyClient(plain, content)) {
            return good(client.closed(CLIENTS, seconds)) / (double) seconds;
        }
    }

    private static long good(List<SteadyClient.Answer> answers) {
        return answers.stream()
                .filter(answer -> answer.status() == 200 && answer.nanos() <= GOOD_NANOS)
                .count();
    }

    private void tell(String what, double maximum, List<SteadyClient.Answer> answers) {
        double goodput = good(answers) / (double) seconds;
        List<Long> good = sorted(answers, 200);
        List<Long> refused = sorted(answers, 503);
        System.out.printf(
                Locale.ROOT,
                "%s: %.0f requests/s at most; %.0f/s offered: %.0f/s answered (%.0f %%; p50 %.0f ms, p99 %.0f ms), "
                        + "%.0f/s refused (p50 %.1f ms, p99 %.1f ms), %d other%n",
                what,
                maximum,
                answers.size() / (double) seconds,
                goodput,
                100 * goodput / maximum,
                millis(good, 0.5),
                millis(good, 0.99),
                refused.size() / (double) seconds,
                millis(refused, 0.5),
                millis(refused, 0.99),
                answers.size() - good.size() - refused.size());
    }

    private static List<Long> sorted(List<SteadyClient.Answer> answers, int status) {
        return answers.stream()
                .filter(answer -> answer.status() == status)
                .map(SteadyClient.Answer::nanos)
                .sorted(Comparator.naturalOrder())
                .toList();
    }

    private static double millis(List<Long> sorted, double share) {
        return sorted.isEmpty() ? 0 : sorted.get((int) (share * (sorted.size() - 1))) / 1e6;
    }
}
