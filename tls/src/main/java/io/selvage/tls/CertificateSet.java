package io.selvage.tls;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The certificates of one listener, found by the name that a client asks for (RFC 6066 §3): one with that very name, else
 * one with a wildcard for it (RFC 9525 §6.3), else the first. Immutable.
 */
public final class CertificateSet {
    private final List<TlsCertificate> certificates;
    private final Map<String, List<TlsCertificate>> byName = new HashMap<>();

    /**
     * A set.
     *
     * @param certificates at least one; the first is for clients that name no server, or an unknown one
     */
    public CertificateSet(List<TlsCertificate> certificates) {
        if (certificates.isEmpty()) {
            throw new TlsException("there is no certificate");
        }
        this.certificates = List.copyOf(certificates);
        for (TlsCertificate certificate : certificates) {
            certificate
                    .names()
                    .forEach(name ->
                            byName.computeIfAbsent(name, _ -> new ArrayList<>()).add(certificate));
        }
    }

    /** All of them. */
    public List<TlsCertificate> certificates() {
        return certificates;
    }

    /** What fits a name best: never empty; several only where the same name has keys of several kinds. */
    public List<TlsCertificate> find(String serverName) {
        String name = serverName.toLowerCase(Locale.ROOT);
        List<TlsCertificate> exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        int dot = name.indexOf('.');
        List<TlsCertificate> wild = dot > 0 ? byName.get("*" + name.substring(dot)) : null;
        return wild != null ? wild : sameNames();
    }

    /** The first, and those for the same names, so that a client without a name gets a key of a kind that it knows. */
    private List<TlsCertificate> sameNames() {
        List<String> names = certificates.getFirst().names();
        return certificates.stream().filter(c -> c.names().equals(names)).toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CertificateSet set && set.certificates.equals(certificates);
    }

    @Override
    public int hashCode() {
        return certificates.hashCode();
    }
}
