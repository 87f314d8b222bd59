package io.selvage.wasm;

import java.lang.ref.WeakReference;

/** The garbage collections of the JVM, as far as anybody looks. Thread-safe. */
final class HeapWatch {
    /** A collection that is asked for is followed by at least so many times its own time without one. */
    private static final int SPARING = 20;

    private static volatile WeakReference<Object> witness = new WeakReference<>(new Object());
    private static volatile int collections;
    private static long nextAllowed = System.nanoTime();

    private HeapWatch() {}

    /** How often it has been seen that there was a collection, even one of young objects alone. */
    static int collections() {
        if (witness.refersTo(null)) {
            synchronized (HeapWatch.class) {
                if (witness.refersTo(null)) {
                    collections++;
                    witness = new WeakReference<>(new Object());
                }
            }
        }
        return collections;
    }

    /**
     * Collects all garbage, unless that was done a short time ago: it makes everybody wait.
     *
     * @return whether it was done
     */
    static synchronized boolean collect() {
        long begun = System.nanoTime();
        if (begun - nextAllowed < 0) {
            return false;
        }
        System.gc();
        long ended = System.nanoTime();
        nextAllowed = ended + SPARING * (ended - begun);
        return true;
    }
}
