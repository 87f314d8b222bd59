package io.selvage.gateway;

import io.selvage.node.Headers;
import io.selvage.origins.Reply;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Takes in one answer as it comes, without keeping its content, and gives it to be compared. Belongs to one thread at a time. */
final class ReplyRecorder {
    private final long begun = System.nanoTime();
    private final MessageDigest digest = sha256();
    private final Consumer<Reply> done;
    private int status;
    private Headers fields = new Headers();
    private long length;
    private boolean over;

    /** An answer that has not begun; {@code done} gets it when it has ended. */
    ReplyRecorder(Consumer<Reply> done) {
        this.done = done;
    }

    void head(int code, Headers came) {
        status = code;
        fields = came;
    }

    void content(byte[] bytes, int offset, int count) {
        length += count;
        digest.update(bytes, offset, count);
    }

    /** It has ended; whole, or broken off. Only the first call counts. */
    void end(boolean whole) {
        if (!over) {
            over = true;
            done.accept(new Reply(
                    status,
                    fields,
                    length,
                    HexFormat.of().formatHex(digest.digest()),
                    whole,
                    System.nanoTime() - begun));
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
