package io.selvage.origins;

import io.selvage.node.OriginEjection;
import io.selvage.node.OriginHealth;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** One address of an origin in use: what runs there, and whether it is well. Thread-safe. */
public final class Member {
    private static final int MOST_TIMES = 10;

    /** So many failures in a row, and it is said to be failing. */
    private static final int FAILING = 3;

    /** That it fails is told once in this time: an address that comes and goes should not fill the log. */
    private static final long TELL_NANOS = 10_000_000_000L;

    private final URI url;
    private final String address;
    private final int weight;
    private final long hash;
    private final String text;
    private final AtomicInteger active = new AtomicInteger();
    private volatile boolean draining;
    private volatile boolean healthy = true;
    private volatile boolean ejected;
    private long ejectedUntil;
    private int failures;
    private int ejections;
    private int checks;
    private int inRow;
    private volatile boolean failing;
    private boolean told;
    private Optional<Long> lastTold = Optional.empty();

    /**
     * One that is well.
     *
     * @param url as it was configured
     * @param address the IP address that its host has been found to have; its host if that is not known yet
     * @param weight 1 or more
     */
    public Member(URI url, String address, int weight) {
        this.url = url;
        this.address = address;
        this.weight = weight;
        this.hash = Hash.of(url + " " + address);
        this.text = url.getHost().equals(address) ? url.toString() : url + " (" + address + ")";
    }

    /** Where it is, as configured. */
    public URI url() {
        return url;
    }

    /** The IP address or the host that is connected to. */
    public String address() {
        return address;
    }

    /** Its share of requests in relation to others. */
    public int weight() {
        return weight;
    }

    /** A number that stays the same for the same address. */
    public long hash() {
        return hash;
    }

    /** What keeps a client at this address: it tells nothing of where that is. */
    public String tag() {
        return Long.toHexString(hash);
    }

    /** How many requests run there. */
    public int active() {
        return active.get();
    }

    /** A request begins. */
    public void begin() {
        active.incrementAndGet();
    }

    /** A request is over. */
    public void end() {
        active.decrementAndGet();
    }

    /** Whether it gets no new requests, because somebody said so. */
    public boolean isDraining() {
        return draining;
    }

    /** Lets it get no new requests, or get some again. */
    public void drain(boolean drains) {
        draining = drains;
    }

    /** Whether the last health checks were good, or there are none. */
    public boolean isHealthy() {
        return healthy;
    }

    /** Whether it is passed over because requests to it failed. */
    public boolean isEjected() {
        return ejected;
    }

    /** Whether it should get requests. */
    public boolean isAvailable() {
        return !draining && healthy && !ejected;
    }

    /**
     * A health check is over.
     *
     * @return whether that has changed if it is healthy
     */
    public synchronized boolean checked(boolean good, OriginHealth policy) {
        checks = good == healthy ? 0 : checks + 1;
        if (checks >= (good ? policy.healthy() : policy.unhealthy())) {
            healthy = good;
            checks = 0;
            return true;
        }
        return false;
    }

    /** Whether the last requests to it have failed, three or more in a row; it may get requests all the same. */
    public boolean isFailing() {
        return failing;
    }

    /**
     * A request to it has failed in a way that speaks against it.
     *
     * @return whether somebody should be told that it fails from now on
     */
    public synchronized boolean fails(long now) {
        inRow = Math.min(FAILING, inRow + 1);
        if (failing || inRow < FAILING) {
            return false;
        }
        failing = true;
        told = lastTold.isEmpty() || now - lastTold.get() >= TELL_NANOS;
        if (told) {
            lastTold = Optional.of(now);
        }
        return told;
    }

    /**
     * A request to it has worked.
     *
     * @return whether somebody who was told that it fails should be told that it does no longer
     */
    public boolean succeeded() {
        return (inRow != 0 || failures != 0 || ejections != 0) && forgive();
    }

    private synchronized boolean forgive() {
        failures = 0;
        if (!ejected) {
            ejections = 0;
        }
        boolean tells = told;
        inRow = 0;
        failing = false;
        told = false;
        return tells;
    }

    /** A request to it has failed; whether that is one too many. */
    synchronized boolean failed(OriginEjection policy) {
        return !ejected && ++failures >= policy.failures();
    }

    synchronized void eject(OriginEjection policy, long now) {
        ejected = true;
        failing = true;
        told = true;
        failures = 0;
        ejections = Math.min(MOST_TIMES, ejections + 1);
        ejectedUntil = now + ejections * policy.time().toNanos();
    }

    /** Lets it be tried again when its time is over; whether it was. */
    synchronized boolean readmit(long now) {
        if (ejected && now - ejectedUntil >= 0) {
            ejected = false;
            return true;
        }
        return false;
    }

    /** Takes over what is known of the same address from before a change. */
    void inherit(Member before) {
        draining = before.draining;
        healthy = before.healthy;
    }

    @Override
    public String toString() {
        return text;
    }
}
