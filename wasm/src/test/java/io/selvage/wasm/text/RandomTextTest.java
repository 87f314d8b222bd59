package io.selvage.wasm.text;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.TextException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Whatever a text is, it becomes a module or is refused with a place: no other error, no endless loop. */
class RandomTextTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int ROUNDS = 12_000;
    private static final int DEPTH = 200_000;

    private static boolean isAccepted(String text) {
        try {
            WebAssemblyText.parse(text);
            return true;
        } catch (TextException e) {
            assertTrue(e.line() > 0 && e.column() > 0, e::getMessage);
            return false;
        }
    }

    @Test
    void tokensInAnyOrderAreAcceptedOrRefused() throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        List<String> tokens = TextModulesTest.tokens();
        Assertions.assertTimeoutPreemptively(PATIENCE, () -> {
            for (int i = 0; i < ROUNDS; i++) {
                StringBuilder text = new StringBuilder();
                for (int n = random.nextInt(30); n >= 0; n--) {
                    text.append(tokens.get(random.nextInt(tokens.size()))).append(' ');
                }
                isAccepted(text.toString());
                isAccepted("(func " + text + ")");
            }
        });
    }

    @Test
    void changedTextsAreAcceptedOrRefused() throws IOException {
        SplittableRandom random = new SplittableRandom(6);
        List<String> texts = TextModulesTest.texts();
        List<String> tokens = TextModulesTest.tokens();
        Assertions.assertTimeoutPreemptively(PATIENCE, () -> {
            int accepted = 0;
            for (int i = 0; i < ROUNDS / 3; i++) {
                StringBuilder text = new StringBuilder(texts.get(i % texts.size()));
                for (int n = random.nextInt(3); n >= 0; n--) {
                    int at = random.nextInt(text.length() + 1);
                    text.append(' ');
                    switch (random.nextInt(4)) {
                        case 0 -> text.deleteCharAt(at);
                        case 1 -> text.setCharAt(at, (char) random.nextInt(0x80));
                        case 2 -> text.insert(at, ' ' + tokens.get(random.nextInt(tokens.size())) + ' ');
                        default -> text.setLength(Math.max(at, 1));
                    }
                }
                accepted += isAccepted(text.toString()) ? 1 : 0;
            }
            assertTrue(accepted > 100, "only " + accepted + " were accepted");
        });
    }

    @Test
    void nestingIsAsDeepAsTheTextLikes() {
        Assertions.assertTimeoutPreemptively(PATIENCE, () -> {
            assertTrue(isAccepted("(func " + "(block ".repeat(DEPTH) + ")".repeat(DEPTH) + ")"));
            assertTrue(isAccepted("(func " + "(if (nop) (then ".repeat(DEPTH) + "))".repeat(DEPTH) + ")"));
            assertTrue(isAccepted("(func " + "(i32.eqz ".repeat(DEPTH) + ")".repeat(DEPTH) + ")"));
            assertTrue(isAccepted("(func " + "loop ".repeat(DEPTH) + "end ".repeat(DEPTH) + ")"));
            assertTrue(isAccepted("(global i32 " + "(i32.eqz ".repeat(DEPTH) + ")".repeat(DEPTH) + ")"));
            assertTrue(isAccepted("(;".repeat(DEPTH) + ";)".repeat(DEPTH)));
            assertTrue(isAccepted("(@a ".repeat(DEPTH) + ")".repeat(DEPTH)));
        });
    }

    @Test
    void whatIsLeftOpenIsRefusedHoweverDeep() {
        for (String open : List.of("(", "(func (block ", "(;", "(@a ", "(func ", "(rec (type ", "(module ")) {
            assertThrows(TextException.class, () -> WebAssemblyText.parse(open.repeat(DEPTH)));
        }
    }
}
