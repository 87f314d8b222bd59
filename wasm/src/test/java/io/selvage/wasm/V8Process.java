package io.selvage.wasm;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A process of Node.js that runs modules in V8 and says what they did, in the words of {@link Transcript}. */
final class V8Process implements AutoCloseable {
    private final Process process;
    private final DataOutputStream questions;
    private final DataInputStream answers;

    /** Starts it; {@code script} is {@code src/test/fuzz/v8.mjs}. */
    V8Process(Path script) throws IOException {
        process = new ProcessBuilder(
                        "node",
                        "--experimental-wasm-type-reflection",
                        "--experimental-wasm-extended-const",
                        script.toString())
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
