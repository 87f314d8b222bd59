package io.selvage.bench;

/** An engine that runs kernels. One kernel at a time is loaded; not thread-safe. */
interface Contender extends AutoCloseable {
    /** What stands over its column. */
    String name();

    /**
     * Reads, compiles and instantiates a kernel and calls it once.
     *
     * @return how long all that took, nanoseconds
     * @throws BenchmarkException if the checksum is wrong
     */
    long load(Kernel kernel);

    /**
     * Calls the loaded kernel again and again.
     *
     * @param nanos stop when this much time has passed; it is called once at least
     * @return how long each call took, nanoseconds
     * @throws BenchmarkException if a checksum is wrong
     */
    long[] runFor(long nanos);

    @Override
    void close();
}
