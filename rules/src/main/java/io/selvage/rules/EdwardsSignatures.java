package io.selvage.rules;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Signatures by Ed25519 (RFC 8037), by the JDK: the library for tokens would need another one for them. */
final class EdwardsSignatures {
    /** What stands before a public key's 32 bytes in its X.509 form (RFC 8410 §4). */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int KEY_BYTES = 32;

    private EdwardsSignatures() {}

    private static boolean isTheirs(JWSAlgorithm algorithm) {
        return JWSAlgorithm.Family.ED.contains(algorithm);
    }

    /** Finds the keys of all algorithms, these among them. */
    static final class Keys extends JWSVerificationKeySelector<SecurityContext> {
        Keys(Set<JWSAlgorithm> algorithms, JWKSource<SecurityContext> source) {
            super(algorithms, source);
        }

        @Override
        public List<Key> selectJWSKeys(JWSHeader header, @Nullable SecurityContext context) throws KeySourceException {
            if (!isTheirs(header.getAlgorithm())) {
                return super.selectJWSKeys(header, context);
            }
            List<Key> keys = new ArrayList<>();
            JWKMatcher matcher = createJWKMatcher(header);
            if (isAllowed(header.getAlgorithm()) && matcher != null) {
                for (JWK key : getJWKSource().get(new JWKSelector(matcher), context)) {
                    if (key instanceof OctetKeyPair pair && pair.getCurve().equals(Curve.Ed25519)) {
                        keys.add(key(pair.getDecodedX()));
                    }
                }
            }
            return keys;
        }

        private static PublicKey key(byte[] bytes) throws KeySourceException {
            try {
                if (bytes.length != KEY_BYTES) {
                    throw new KeySourceException("a key of Ed25519 has 32 bytes, and not " + bytes.length);
                }
                byte[] encoded = new byte[PREFIX.length + KEY_BYTES];
                System.arraycopy(PREFIX, 0, encoded, 0, PREFIX.length);
                System.arraycopy(bytes, 0, encoded, PREFIX.length, KEY_BYTES);
                return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
            } catch (GeneralSecurityException e) {
                throw new KeySourceException("a key of Ed25519 cannot be read: " + e.getMessage(), e);
            }
        }
    }

    /** Makes what checks signatures of all algorithms, these among them. */
    static final class Verifiers extends DefaultJWSVerifierFactory {
        @Override
        public JWSVerifier createJWSVerifier(JWSHeader header, Key key) throws JOSEException {
            return isTheirs(header.getAlgorithm()) && key instanceof PublicKey open
                    ? new Verifier(open)
                    : super.createJWSVerifier(header, key);
        }
    }

    private record Verifier(PublicKey key) implements JWSVerifier {
        @Override
        public boolean verify(JWSHeader header, byte[] signed, Base64URL signature) throws JOSEException {
            if (header.getCriticalParams() != null
                    && !header.getCriticalParams().isEmpty()) {
                return false; // none is understood (RFC 7515 §4.1.11)
            }
            try {
                Signature check = Signature.getInstance("Ed25519");
                check.initVerify(key);
                check.update(signed);
                return check.verify(signature.decode());
            } catch (java.security.SignatureException _) {
                return false; // it has not 64 bytes
            } catch (GeneralSecurityException e) {
                throw new JOSEException("a signature by Ed25519 cannot be checked: " + e.getMessage(), e);
            }
        }

        @Override
        public Set<JWSAlgorithm> supportedJWSAlgorithms() {
            return JWSAlgorithm.Family.ED;
        }

        @Override
        public JCAContext getJCAContext() {
            return new JCAContext();
        }
    }
}
