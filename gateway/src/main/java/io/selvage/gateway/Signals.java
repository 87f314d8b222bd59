package io.selvage.gateway;

import java.util.concurrent.CountDownLatch;
import sun.misc.Signal;

/** Waits for the signals that ask a process to stop. */
final class Signals {
    private static final int SECOND_SIGNAL = 130;

    private Signals() {}

    /** Returns at the first SIGTERM or SIGINT, or when {@code asked} is counted down; the next signal ends the process at once. */
    static void await(CountDownLatch asked) {
        for (String name : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(name), _ -> {
                if (asked.getCount() == 0) {
                    Runtime.getRuntime().halt(SECOND_SIGNAL);
                }
                asked.countDown();
            });
        }
        try {
            asked.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
