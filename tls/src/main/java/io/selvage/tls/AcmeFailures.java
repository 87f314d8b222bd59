package io.selvage.tls;

import io.selvage.node.AcmeDefinition;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.shredzone.acme4j.exception.AcmeLazyLoadingException;
import org.shredzone.acme4j.exception.AcmeNetworkException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.exception.AcmeUserActionRequiredException;

/** Says what has gone wrong with an order, and what to do. */
final class AcmeFailures {
    private AcmeFailures() {}

    /** A sentence for people. */
    static String text(Throwable failure, AcmeDefinition definition) {
        return switch (failure) {
            case AcmeLazyLoadingException lazy when lazy.getCause() != null -> text(lazy.getCause(), definition);
            case AcmeNetworkException network -> definition.directory() + " cannot be reached: " + why(network);
            case AcmeUserActionRequiredException action ->
                "the authority asks for something to be done at " + action.getInstance() + ": " + action.getMessage();
            default -> String.valueOf(failure.getMessage());
        };
    }

    private static String why(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return failure.getCause() instanceof SSLException
                ? message + "; if the authority is a private one, name who vouches for it in acme.authorities"
                : message;
    }

    /** When the authority allows the next try, if it says so. */
    static Optional<Instant> retryAfter(Throwable failure) {
        return switch (failure) {
            case AcmeLazyLoadingException lazy when lazy.getCause() != null -> retryAfter(lazy.getCause());
            case AcmeRateLimitedException limited -> limited.getRetryAfter();
            default -> Optional.empty();
        };
    }
}
