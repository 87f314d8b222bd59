package io.selvage.kv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.selvage.node.KeyValueStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a state when processes die, disks fill and files break. */
@Timeout(60)
class StateOfSeveralProcessesTest {
    @TempDir
    private Path folder;

    @Test
    void whatWasAcknowledgedSurvivesAKill() throws Exception {
        Process child = start(child("write-for-ever", folder));
        List<String> acknowledged = new ArrayList<>();
        try (BufferedReader lines = child.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                acknowledged.add(line);
                if (acknowledged.size() == 2_000) {
                    child.destroyForcibly();
                }
            }
        } catch (IOException _) {
            // The pipe broke with the child; what it said before counts.
        }
        assertTrue(child.waitFor(10, TimeUnit.SECONDS));
        assertTrue(acknowledged.size() >= 2_000);
        // The child may have died in the middle of a line.
        acknowledged.removeLast();
        try (SqliteKeyValueService service = SqliteKeyValueService.open(folder)) {
            KeyValueStore store = service.store("default");
            for (String key : acknowledged) {
                String expected = key.substring(1).replace("/", " wrote ");
                assertEquals(expected, new String(store.get(key).orElseThrow().value(), UTF_8));
            }
        }
    }

    @Test
    void twoProcessesWriteTheSameState() throws Exception {
        try (SqliteKeyValueService service = SqliteKeyValueService.open(folder)) {
            KeyValueStore store = service.store("default");
            Process child = start(child("increment", folder));
            for (int i = 0; i < 200; i++) {
                store.increment("n", 1);
            }
            child.inputReader().lines().forEach(line -> {});
            assertEquals(0, child.waitFor());
            assertEquals("400", new String(store.get("n").orElseThrow().value(), UTF_8));
        }
    }

    @Test
    void aFullDiskFailsOnlyWhatDoesNotFit() throws Exception {
        List<String> lines = inNamespace("mount -t tmpfs -o size=4m none \"$0\"", child("fill", folder));
        List<String> failed =
                lines.stream().filter(line -> line.startsWith("large: ")).toList();
        assertEquals(1, failed.size(), lines::toString);
        assertTrue(failed.getFirst().contains("the disk is full"), failed::toString);
        assertTrue(failed.getFirst().contains(folder.toString()), failed::toString);
        assertEquals(21, lines.stream().filter(line -> line.endsWith(": done")).count(), lines::toString);
        assertTrue(lines.contains("large is not there"), lines::toString);
        assertTrue(lines.contains("after: done"), lines::toString);
    }

    @Test
    void aReadOnlyFolderSaysWhatToDo() throws Exception {
        try (SqliteKeyValueService service = SqliteKeyValueService.open(folder)) {
            service.store("default").set("a", new byte[1]);
        }
        List<String> lines =
                inNamespace("mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\"", child("set", folder));
        assertTrue(lines.getLast().startsWith("small: cannot "), lines::toString);
        assertTrue(lines.getLast().contains("Let the user that runs Selvage write " + folder), lines::toString);
    }

    @Test
    void aTemporaryFolderThatCannotBeWrittenSaysWhatToDo() throws Exception {
        List<String> command = new ArrayList<>(child("set", folder));
        command.add(1, "-Dorg.sqlite.tmpdir=" + folder.resolve("missing"));
        Process process = start(command);
        String line = process.inputReader().lines().toList().getLast();
        assertTrue(line.contains("SQLite's native library") && line.contains("missing"), line);
    }

    @Test
    void aDamagedFileSaysSoAndAGoodOneInItsPlaceIsUsed() throws IOException {
        Path file = folder.resolve(SqliteKeyValueService.FILE_NAME);
        Files.writeString(file, "this is no database\n".repeat(1000));
        try (SqliteKeyValueService service = SqliteKeyValueService.open(folder)) {
            KeyValueStore store = service.store("default");
            for (int i = 0; i < 2; i++) {
                String message =
                        assertThrows(IOException.class, () -> store.get("a")).getMessage();
                assertTrue(message.contains(file + ": the file is damaged"), message);
                message = assertThrows(IOException.class, () -> store.set("a", new byte[1]))
                        .getMessage();
                assertTrue(message.contains("backup"), message);
            }
            Files.delete(file);
            store.set("a", new byte[1]);
            assertTrue(store.exists("a"));
        }
    }

    @Test
    void damageInsideTheFileSaysSo() throws IOException {
        Path file = folder.resolve(SqliteKeyValueService.FILE_NAME);
        try (SqliteKeyValueService service = SqliteKeyValueService.open(folder)) {
            for (int i = 0; i < 100; i++) {
                service.store("default").set("k" + i, new byte[5000]);
            }
        }
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 4096; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        Files.write(file, bytes, StandardOpenOption.TRUNCATE_EXISTING);
        try (SqliteKeyValueService service = SqliteKeyValueService.open(folder)) {
            String message = assertThrows(
                            IOException.class, () -> service.store("default").get("k1"))
                    .getMessage();
            assertTrue(message.contains("the file is damaged"), message);
        }
    }

    @Test
    void aFileWhereTheFolderShouldBeSaysSo() throws IOException {
        Path file = Files.writeString(folder.resolve("state"), "");
        try (SqliteKeyValueService service = SqliteKeyValueService.open(file)) {
            String message = assertThrows(
                            IOException.class, () -> service.store("default").get("a"))
                    .getMessage();
            assertTrue(message.contains("cannot make the state folder " + file), message);
        }
    }

    @Test
    void aFileOfAnotherProgramOrALaterVersionIsLeftAlone() throws Exception {
        Path file = folder.resolve(SqliteKeyValueService.FILE_NAME);
        try (Session session = Session.open(file)) {
            session.execute("PRAGMA user_version = 99");
        }
        try (SqliteKeyValueService service = SqliteKeyValueService.open(folder)) {
            String message = assertThrows(
                            IOException.class, () -> service.store("default").get("a"))
                    .getMessage();
            assertTrue(message.contains("newer Selvage"), message);
        }
        try (Session session = Session.connect(file)) {
            session.execute("PRAGMA application_id = 1");
        }
        try (SqliteKeyValueService service = SqliteKeyValueService.open(folder)) {
            String message = assertThrows(
                            IOException.class, () -> service.store("default").set("a", new byte[1]))
                    .getMessage();
            assertTrue(message.contains("another program"), message);
        }
        assertFalse(Files.exists(folder.resolve("state")));
    }

    private static List<String> child(String mode, Path folder) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                StateChild.class.getName(),
                mode,
                folder.toString());
    }

    /** Runs a command where {@code setup} has changed the mounts, {@code $0} being the state's folder. */
    private List<String> inNamespace(String setup, List<String> command) throws Exception {
        List<String> whole = new ArrayList<>(
                List.of("unshare", "-Urm", "sh", "-c", "(" + setup + ") || exit 77; exec \"$@\"", folder.toString()));
        whole.addAll(command);
        Process process;
        try {
            process = start(whole);
        } catch (IOException e) {
            assumeTrue(false, "this machine has no unshare: " + e.getMessage());
            return List.of();
        }
        List<String> lines = process.inputReader().lines().toList();
        int code = process.waitFor();
        assumeTrue(code == 0 || !lines.isEmpty(), "this machine does not let a test mount a file system");
        assertEquals(0, code);
        return lines;
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
