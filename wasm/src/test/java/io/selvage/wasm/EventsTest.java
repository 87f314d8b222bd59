package io.selvage.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the flight recorder shows of the engine. */
class EventsTest {
    @Test
    void loadingCompilingInstantiatingAndTrappingAreRecorded(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("events.jfr");
        try (Recording recording = new Recording()) {
            for (String name : List.of("Load", "Compile", "Instantiate", "Trap")) {
                recording.enable("io.selvage.wasm." + name).withoutThreshold();
            }
            recording.start();
            Instance instance = TestModules.instance("lines-dwarf5");
            assertThrows(Trap.class, () -> TestModules.call(instance, "go", 100));
            recording.stop();
            recording.dump(file);
        }
        String digest = TestModules.module("lines-dwarf5").code().digest();
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getString("digest").equals(digest))
                .toList();
        assertEquals(
                List.of("Load", "Instantiate", "Compile", "Trap"),
                events.stream()
                        .map(event -> event.getEventType().getName().replace("io.selvage.wasm.", ""))
                        .toList());
        assertEquals(
                List.of("Selvage", "WebAssembly"),
                events.getFirst().getEventType().getCategoryNames());
        assertEquals(3, events.getFirst().getInt("functions"));
        RecordedEvent compile = events.get(2);
        assertEquals(3, compile.getInt("functions"));
        assertTrue(compile.getInt("wasmBytes") > 50, compile.toString());
        assertTrue(compile.getInt("bytecodeBytes") > 200, compile.toString());
        assertTrue(compile.getDuration().toNanos() > 0, compile.toString());
        assertEquals("MEMORY_OUT_OF_BOUNDS", events.getLast().getString("kind"));
        assertEquals("parse (lines.c:9) [func 0 at 0x54]", events.getLast().getString("function"));
    }
}
