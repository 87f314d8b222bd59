package io.selvage.node;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What was changed of an origin while the node ran.
 *
 * @param definition the inside of its {@code [[origin]]} table, in place of the manifest's
 * @param addresses its addresses, in place of its definition's
 * @param drained the addresses that get no new requests
 */
public record OriginChange(Optional<String> definition, Optional<List<OriginAddress>> addresses, Set<URI> drained) {
    /** No change. */
    public static final OriginChange NONE = new OriginChange(Optional.empty(), Optional.empty(), Set.of());

    /** The same with another definition, and the addresses of that. */
    public OriginChange withDefinition(String toml) {
        return new OriginChange(Optional.of(toml), Optional.empty(), drained);
    }

    /** The same with other addresses. */
    public OriginChange withAddresses(List<OriginAddress> other) {
        return new OriginChange(definition, Optional.of(List.copyOf(other)), drained);
    }

    /** The same with other drained addresses. */
    public OriginChange withDrained(Set<URI> other) {
        return new OriginChange(definition, addresses, Set.copyOf(other));
    }
}
