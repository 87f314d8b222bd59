package io.selvage.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A self-signed certificate for development, which no one trusts until they are told to. */
public final class DevelopmentCertificate {
    /** Browsers take no certificate for longer than 825 days. */
    private static final Duration LIFETIME = Duration.ofDays(365);

    private static final Duration LEAST = Duration.ofDays(7);

    private DevelopmentCertificate() {}

    /**
     * The certificate that is kept in a folder, as {@code development.pem} and {@code development.key}; a fresh one if
     * there is none, if it expires within a week, or if it is for other hosts. It is for {@code localhost} and
     * the loopback addresses besides.
     *
     * @throws TlsException if it can neither be read nor made
     */
    public static TlsCertificate keptIn(Path folder, List<String> hosts) {
        Path certificate = folder.resolve("development.pem");
        Path key = folder.resolve("development.key");
        Set<String> names = names(hosts);
        if (Files.exists(certificate) && Files.exists(key)) {
            TlsCertificate kept = TlsCertificate.read(certificate, key);
            if (kept.names().containsAll(names)
                    && kept.expires().isAfter(Instant.now().plus(LEAST))) {
                return kept;
            }
        }
        TlsCertificate made = make(names);
        Pem.write(key, Pem.text(List.of(made.key())));
        Pem.write(certificate, Pem.text(made.chain()));
        return made;
    }

    private static Set<String> names(List<String> hosts) {
        Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"));
        hosts.stream().filter(h -> h.matches("[a-z0-9*]([a-z0-9.-]*[a-z0-9])?")).forEach(names::add);
        return names;
    }

    /** A fresh self-signed certificate for these host names and IP addresses, with an EC key (P-256). */
    public static TlsCertificate make(Set<String> names) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            Instant now = Instant.now();
            X500Name name = new X500Name("CN=" + names.iterator().next() + ",O=Selvage development");
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(120, new SecureRandom()),
                    Date.from(now.minusSeconds(3600)),
                    Date.from(now.plus(LIFETIME)),
                    name,
                    pair.getPublic());
            builder.addExtension(Extension.subjectAlternativeName, false, alternatives(names));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            X509Certificate certificate = new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
            return new TlsCertificate(List.of(certificate), pair.getPrivate());
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new TlsException("a certificate for development cannot be made: " + e.getMessage());
        }
    }

    private static GeneralNames alternatives(Set<String> names) {
        List<GeneralName> alternatives = new ArrayList<>();
        for (String name : names) {
            boolean address = name.contains(":") || name.matches("[0-9.]+");
            alternatives.add(new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name));
        }
        return new GeneralNames(alternatives.toArray(new GeneralName[0]));
    }
}
