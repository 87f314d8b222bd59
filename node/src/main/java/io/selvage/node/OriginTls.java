package io.selvage.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How TLS is spoken with an origin.
 *
 * @param verify whether its certificate must be good for its name
 * @param authorities a PEM file with the authorities that may have signed it; without one, those that Java trusts
 * @param name the name that is asked for (SNI) and must be in the certificate; without one, the address's host
 * @param certificate a PEM file with the certificate that the gateway shows
 * @param key a PEM file with that certificate's key
 * @param stamp changes when one of these files does
 */
public record OriginTls(
        boolean verify,
        Optional<Path> authorities,
        Optional<String> name,
        Optional<Path> certificate,
        Optional<Path> key,
        String stamp) {
    /** Verified, by what Java trusts. */
    public static final OriginTls DEFAULT =
            new OriginTls(true, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), "");

    /** Every file that it names. */
    public List<Path> files() {
        return Stream.of(authorities, certificate, key)
                .flatMap(Optional::stream)
                .toList();
    }
}
