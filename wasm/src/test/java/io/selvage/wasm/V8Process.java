package io.selvage.wasm;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process of Node.js that runs modules in V8 and says what they did, in the words of {@link Transcript}. */
final class V8Process implements AutoCloseable {
    private final Process process;
    private final DataOutputStream questions;
    private final DataInputStream answers;

    /**
     * Starts it.
     *
     * @param script {@code src/test/fuzz/v8.mjs}
     * @param options more options of Node, for example {@code --no-liftoff} for V8's optimising compiler alone
     */
    V8Process(Path script, String... options) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("node", "--experimental-wasm-type-reflection", "--experimental-wasm-extended-const"));
        command.addAll(List.of(options));
        command.add(script.toString());
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        questions = new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), 1 << 16));
        answers = new DataInputStream(process.getInputStream());
    }

    /** Hands it a module; it begins to run it. Each has to be followed by {@link #transcript}. */
    void run(byte[] binary, int calls) throws IOException {
        questions.writeInt(binary.length);
        questions.writeInt(calls);
        questions.write(binary);
        questions.flush();
    }

    /** What the module that was handed over last has done. */
    String transcript() throws IOException {
        byte[] text = new byte[answers.readInt()];
        answers.readFully(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
