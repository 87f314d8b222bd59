package io.selvage.bench;

/** An engine that runs workloads. One workload at a time is loaded; not thread-safe. */
interface Contender extends AutoCloseable {
    /** What stands over its column. */
    String name();

    /**
     * Reads, compiles and instantiates a module and runs it once.
     *
     * @return how long all that took, nanoseconds
     * @throws BenchmarkException if the result is wrong
     */
    long load(Workload workload);

    /**
     * Runs what is loaded again and again.
     *
     * @param nanos stop when this much time has passed; it runs once at least
     * @return how long each run took, nanoseconds
     * @throws BenchmarkException if a result is wrong
     */
    long[] runFor(long nanos);

    @Override
    void close();
}
