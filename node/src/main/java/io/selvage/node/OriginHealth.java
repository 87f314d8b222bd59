package io.selvage.node;

import java.time.Duration;

/**
 * How the addresses of an origin are asked whether they are well.
 *
 * @param path what is asked for, with {@code GET}
 * @param every how often each address is asked
 * @param timeout how long an answer may take
 * @param healthy how many good answers in a row make an address well
 * @param unhealthy how many bad ones make it unwell
 * @param status the status of a good answer; 0 for any from 200 to 399
 */
public record OriginHealth(String path, Duration every, Duration timeout, int healthy, int unhealthy, int status) {
    /** {@code /} every five seconds. */
    public static final OriginHealth DEFAULT =
            new OriginHealth("/", Duration.ofSeconds(5), Duration.ofSeconds(2), 2, 3, 0);
}
