package io.selvage.rules;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.apache.commons.codec.digest.Crypt;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Compares passwords with hashes of the kinds that {@code htpasswd}, {@code argon2} and {@code mkpasswd} write, in a time
 * that does not depend on where they differ.
 */
final class PasswordHash {
    private PasswordHash() {}

    /** Whether a password has this hash; may take as long as the hash was made to take. */
    static boolean matches(String password, String hash) {
        if (hash.startsWith("$2")) {
            byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
            return bytes.length <= 72 && OpenBSDBCrypt.checkPassword(hash, password.toCharArray());
        }
        if (hash.startsWith("$argon2")) {
            return argon2(password, hash);
        }
        byte[] expected = hash.getBytes(StandardCharsets.UTF_8);
        String actual = hash.startsWith("{SHA}") ? sha1(password) : Crypt.crypt(password, hash);
        return MessageDigest.isEqual(expected, actual.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean argon2(String password, String hash) {
        String[] parts = hash.split("\\$");
        int type = switch (parts[1]) {
            case "argon2d" -> Argon2Parameters.ARGON2_d;
            case "argon2i" -> Argon2Parameters.ARGON2_i;
            default -> Argon2Parameters.ARGON2_id;
        };
        Argon2Parameters.Builder parameters =
                new Argon2Parameters.Builder(type).withVersion(Argon2Parameters.ARGON2_VERSION_13);
        for (String parameter : parts[3].split(",")) {
            int value = Integer.parseInt(parameter.substring(2));
            switch (parameter.charAt(0)) {
                case 'm' -> parameters.withMemoryAsKB(value);
                case 't' -> parameters.withIterations(value);
                default -> parameters.withParallelism(value);
            }
        }
        parameters.withSalt(Base64.getDecoder().decode(parts[4]));
        byte[] expected = Base64.getDecoder().decode(parts[5]);
        byte[] actual = new byte[expected.length];
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(parameters.build());
        generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), actual);
        return MessageDigest.isEqual(expected, actual);
    }

    private static String sha1(String password) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(password.getBytes(StandardCharsets.UTF_8));
            return "{SHA}" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
