package io.selvage.tls;

import io.selvage.node.AcmeDefinition;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
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
            default -> answered(String.valueOf(failure.getMessage()), definition);
        };
    }

    /** What an authority has answered; without a problem document, it may be none. */
    private static String answered(String message, AcmeDefinition definition) {
        return message.startsWith("HTTP ")
                ? definition.directory() + " answered " + message + "; is it the URL of the authority's directory?"
                : message;
    }

    private static String why(Throwable failure) {
        List<Throwable> causes =
                Stream.iterate(failure, Objects::nonNull, Throwable::getCause).toList();
        Throwable root = causes.getLast();
        String message = root.getMessage();
        if (root instanceof UnresolvedAddressException || root instanceof UnknownHostException) {
            message = "its name is not known";
        } else if (message == null) {
            message = causes.stream().anyMatch(ConnectException.class::isInstance)
                    ? "it takes no connection"
                    : "the connection failed";
        }
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
