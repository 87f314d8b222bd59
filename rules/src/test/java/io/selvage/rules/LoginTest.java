package io.selvage.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.selvage.node.ConfigurationException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who asks: passwords and tokens. */
class LoginTest {
    private static final RSAKey RSA = rsa("r1");
    private static final ECKey EC = ec();
    private static final String KEY_FILE = "keys = \"keys.json\"\nalgorithms = [\"RS256\", \"ES256\"]\n";

    @TempDir
    private Path folder;

    private static RSAKey rsa(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static ECKey ec() {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID("e1").generate();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String basic(String credentials) {
        return "Authorization: Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .subject("ada")
                .issuer("https://id.example")
                .audience("shop")
                .expirationTime(Date.from(Instant.now().plusSeconds(300)));
    }

    private static String token(JWTClaimsSet claims, RSAKey key) throws Exception {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID(key.getKeyID())
                        .type(JOSEObjectType.JWT)
                        .build(),
                claims);
        jwt.sign(new RSASSASigner(key));
        return "Authorization: Bearer " + jwt.serialize();
    }

    private Applied tokens(String more) throws Exception {
        Files.writeString(
                folder.resolve("keys.json"),
                new JWKSet(java.util.List.of(RSA.toPublicJWK(), EC.toPublicJWK())).toString());
        return new Applied(folder, "[route.jwt]\n" + KEY_FILE + more);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$2b$05$abcdefghijklmnopqrstuuWG29KuyeAicPCJODk1zjyGvyQUU2awu",
                "$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG",
                "$6$rounds=1000$saltsalt$Z/J9iYO1iE9xnr8JPQL57ZWsVRtVjrUv3CiWc/wKWseqXgSqn3HFYJ/Ng7YXa8XlLj.wpdAwHOJJzuGFqBBRa0",
                "$5$saltsalt$gOjOtoMpVhru2uyjeJSEc/JaLQWOXMNmlOnj6T4AtC.",
                "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="
            })
    void aPasswordOpensWhateverItsHash(String hash) throws Exception {
        try (Applied rules = new Applied(folder, "basic = { realm = \"Shop\", users = { ada = \"" + hash + "\" } }")) {
            assertEquals(200, rules.get("192.0.2.1", basic("ada:password")).status());
            assertEquals(200, rules.get("192.0.2.1", basic("ada:password")).status());
            assertEquals("", rules.get("192.0.2.1", basic("ada:password")).field("Authorization"));
            for (String wrong : new String[] {"ada:Password", "ada:", "eve:password", ":", "ada"}) {
                Applied.Result refused = rules.get("192.0.2.1", basic(wrong));
                assertEquals(401, refused.status(), wrong);
                assertEquals("Basic realm=\"Shop\", charset=\"UTF-8\"", refused.answered("WWW-Authenticate"));
            }
            assertEquals(401, rules.get("192.0.2.1").status());
            assertEquals(401, rules.get("192.0.2.1", "Authorization: Basic %%%").status());
            assertEquals(401, rules.get("192.0.2.1", "Authorization: Bearer x").status());
            assertEquals(
                    401,
                    rules.get("192.0.2.1", basic("ada:password"), basic("ada:password"))
                            .status());
        }
    }

    @Test
    void aPasswordThatIsNotHashedIsRefusedWithoutRepeatingIt() throws Exception {
        Files.writeString(folder.resolve("users"), "# people\neve:hunter2\n");
        ConfigurationException refused =
                assertThrows(ConfigurationException.class, () -> new Applied(folder, "basic = { file = \"users\" }"));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("route.basic.file: what stands for the password of \"eve\" is none"), message);
        assertFalse(message.contains("hunter2"), message);
    }

    @Test
    void theDestinationCanLearnWhoAsks() throws Exception {
        try (Applied rules = new Applied(
                folder, "basic = { header = \"X-User\", users = { ada = \"{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\" } }")) {
            Applied.Result result = rules.get("192.0.2.1", basic("ada:password"), "X-User: root");
            assertEquals("ada", result.field("X-User"));
            assertFalse(result.field("Authorization").isEmpty());
        }
    }

    @Test
    void aGoodTokenOpens() throws Exception {
        try (Applied rules =
                tokens("issuer = \"https://id.example\"\naudience = [\"shop\"]\nclaims = { sub = \"X-User\" }\n")) {
            String good = token(claims().build(), RSA);
            assertEquals("ada", rules.get("192.0.2.1", good, "X-User: root").field("X-User"));
            assertEquals("ada", rules.get("192.0.2.1", good).field("X-User"));
            SignedJWT elliptic = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("e1").build(), claims().build());
            elliptic.sign(new ECDSASigner(EC));
            assertEquals(
                    200,
                    rules.get("192.0.2.1", "Authorization: bearer " + elliptic.serialize())
                            .status());
        }
    }

    /** What an origin gets stands for one claim alone. */
    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "\u20ac,%E2%82%AC",
                "%E2%82%AC,%25E2%2582%25AC",
                "a\u0001b,a%01b",
                "a%01b,a%2501b",
                " x ,%20x%20",
                "\u00e9 b,%C3%A9 b"
            })
    void aClaimIsPassedOnSoThatItCanBeHadAgain(String subject, String field) throws Exception {
        try (Applied rules =
                tokens("issuer = \"https://id.example\"\naudience = [\"shop\"]\nclaims = { sub = \"X-User\" }\n")) {
            String token = token(claims().subject(subject).build(), RSA);
            assertEquals(field, rules.get("192.0.2.1", token).field("X-User"));
        }
    }

    @Test
    void aTokenSignedByEd25519OpensAndAChangedOneDoesNot() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] encoded = pair.getPublic().getEncoded();
        Files.writeString(
                folder.resolve("keys.json"),
                new JWKSet(new OctetKeyPair.Builder(
                                        Curve.Ed25519,
                                        Base64URL.encode(
                                                Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)))
                                .keyID("d1")
                                .build())
                        .toString());
        try (Applied rules = new Applied(
                folder,
                "[route.jwt]\nkeys = \"keys.json\"\nalgorithms = [\"EdDSA\"]\nclaims = { sub = \"X-User\" }\n")) {
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.EdDSA).keyID("d1").build(), claims().build());
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(pair.getPrivate());
            signature.update(jwt.getSigningInput());
            String signed = new String(jwt.getSigningInput(), StandardCharsets.US_ASCII) + ".";
            byte[] bytes = signature.sign();
            assertEquals(
                    "ada",
                    rules.get("192.0.2.1", "Authorization: Bearer " + signed + Base64URL.encode(bytes))
                            .field("X-User"));
            bytes[5] ^= 1;
            for (String other : new String[] {Base64URL.encode(bytes).toString(), "", "AAAA"}) {
                assertEquals(
                        401,
                        rules.get("192.0.2.1", "Authorization: Bearer " + signed + other)
                                .status());
            }
        }
    }

    @Test
    void everyOtherTokenIsRefused() throws Exception {
        try (Applied rules = tokens(
                "issuer = \"https://id.example\"\naudience = [\"shop\"]\nleeway = \"30s\"\nrequired = [\"sub\"]\n")) {
            Instant now = Instant.now();
            RSAKey stranger = rsa("r1");
            SignedJWT confused = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("r1").build(), claims().build());
            confused.sign(new MACSigner(RSA.toRSAPublicKey().getEncoded()));
            SignedJWT other = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("r1").build(), claims().build());
            other.sign(new RSASSASigner(RSA));
            String good = token(claims().build(), RSA);
            String[] bad = {
                token(claims().expirationTime(Date.from(now.minusSeconds(40))).build(), RSA),
                token(claims().expirationTime(null).build(), RSA),
                token(claims().notBeforeTime(Date.from(now.plusSeconds(100))).build(), RSA),
                token(claims().issuer("https://evil.example").build(), RSA),
                token(claims().audience("other").build(), RSA),
                token(claims().subject(null).build(), RSA),
                token(claims().build(), stranger),
                "Authorization: Bearer " + confused.serialize(),
                "Authorization: Bearer " + other.serialize(),
                "Authorization: Bearer " + new PlainJWT(claims().build()).serialize(),
                good.substring(0, good.length() - 8) + "AAAAAAAA",
                "Authorization: Bearer x.y.z",
                "Authorization: Bearer " + "a".repeat(20_000),
                "Authorization: Bearer"
            };
            for (int i = 0; i < bad.length; i++) {
                assertEquals(401, rules.get("192.0.2.1", bad[i]).status(), "token " + i);
            }
            assertEquals(
                    "Bearer realm=\"Selvage\", error=\"invalid_token\", error_description=\"Expired JWT\"",
                    rules.get("192.0.2.1", bad[0]).answered("WWW-Authenticate"));
            String tooLong = rules.get("192.0.2.1", bad[12]).answered("WWW-Authenticate");
            assertTrue(tooLong.contains("error_description=\"The token is longer than"), tooLong);
            assertEquals("Bearer realm=\"Selvage\"", rules.get("192.0.2.1").answered("WWW-Authenticate"));
            assertEquals(401, rules.get("192.0.2.1", good, good).status());
            String late = token(
                    claims().expirationTime(Date.from(now.minusSeconds(10))).build(), RSA);
            assertEquals(200, rules.get("192.0.2.1", late).status());
        }
    }

    @Test
    void aScopeThatIsMissingIsSaid() throws Exception {
        try (Applied rules = tokens("scopes = [\"write\"]\n")) {
            assertEquals(
                    200,
                    rules.get(
                                    "192.0.2.1",
                                    token(claims().claim("scope", "read write").build(), RSA))
                            .status());
            Applied.Result refused =
                    rules.get("192.0.2.1", token(claims().claim("scope", "read").build(), RSA));
            assertEquals(403, refused.status());
            assertTrue(refused.answered("WWW-Authenticate").contains("insufficient_scope"));
        }
    }

    @Test
    void aTokenCanStandInACookie() throws Exception {
        try (Applied rules = tokens("cookie = \"session\"\nclaims = { sub = \"X-User\" }\n")) {
            String token = token(claims().build(), RSA).substring("Authorization: Bearer ".length());
            Applied.Result result = rules.get("192.0.2.1", "Cookie: a=b; session=" + token);
            assertEquals("ada", result.field("X-User"));
            assertEquals("Bearer " + token, result.field("Authorization"));
        }
    }

    @Test
    void usersAreCountedByWhoTheyAre() throws Exception {
        Files.writeString(folder.resolve("keys.json"), new JWKSet(RSA.toPublicJWK()).toString());
        try (Applied rules =
                new Applied(folder, "rate_limit = { requests = 1, key = \"claim:sub\" }\n[route.jwt]\n" + KEY_FILE)) {
            assertEquals(
                    200, rules.get("192.0.2.1", token(claims().build(), RSA)).status());
            assertEquals(
                    429,
                    rules.get("192.0.2.2", token(claims().jwtID("2").build(), RSA))
                            .status());
            assertEquals(
                    200,
                    rules.get("192.0.2.1", token(claims().subject("eve").build(), RSA))
                            .status());
        }
    }

    @Test
    void keysComeFromAnUrlAndAreAskedForAgainWhenATokenNamesAnother() throws Exception {
        AtomicReference<String> keys = new AtomicReference<>(new JWKSet(RSA.toPublicJWK()).toString());
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/keys", exchange -> {
            asked.incrementAndGet();
            byte[] body = keys.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/keys";
        try (Applied rules =
                new Applied(folder, "jwt = { keys = \"" + url + "\", algorithms = [\"RS256\"], refresh = \"1ms\" }")) {
            assertEquals(
                    200, rules.get("192.0.2.1", token(claims().build(), RSA)).status());
            RSAKey next = rsa("r2");
            keys.set(new JWKSet(next.toPublicJWK()).toString());
            assertEquals(
                    200, rules.get("192.0.2.1", token(claims().build(), next)).status());
            server.stop(0);
            assertEquals(
                    200,
                    rules.get("192.0.2.1", token(claims().jwtID("3").build(), next))
                            .status());
            assertTrue(asked.get() >= 2);
        }
    }

    @Test
    void withoutKeysNobodyIsLetInAndNobodyIsBlamed() throws Exception {
        try (Applied rules =
                new Applied(folder, "jwt = { keys = \"http://127.0.0.1:9/keys\", algorithms = [\"RS256\"] }")) {
            assertEquals(
                    503, rules.get("192.0.2.1", token(claims().build(), RSA)).status());
        }
    }

    @Test
    void whatIsNoKeySetIsRefused() throws Exception {
        Files.writeString(folder.resolve("keys.json"), "{}");
        ConfigurationException refused =
                assertThrows(ConfigurationException.class, () -> new Applied(folder, "[route.jwt]\n" + KEY_FILE));
        assertTrue(String.valueOf(refused.getMessage()).contains("this is no JWK set"), refused.getMessage());
    }
}
