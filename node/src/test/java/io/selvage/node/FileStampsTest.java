package io.selvage.node;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStampsTest {
    @TempDir
    private Path folder;

    private final FileStamps stamps = new FileStamps();
    private Path manifest;
    private Path module;

    @BeforeEach
    void lookAtTwoFiles() throws IOException {
        manifest = old(Files.writeString(folder.resolve("selvage.toml"), "one"));
        module = folder.resolve("a.wasm");
        assertTrue(isChanged(), "nothing was looked at before");
        assertFalse(isChanged());
    }

    private static Path old(Path file) throws IOException {
        return Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
    }

    private boolean isChanged() {
        return stamps.changed(List.of(manifest, module));
    }

    @Test
    void anotherFileOfTheFolderIsNoChange() throws IOException {
        Files.writeString(folder.resolve("access.log"), "GET /");
        assertFalse(isChanged());
    }

    @Test
    void aFileThatAppearsOrGoesIsAChange() throws IOException {
        old(Files.writeString(module, "module"));
        assertTrue(isChanged());
        assertFalse(isChanged());
        Files.delete(module);
        assertTrue(isChanged());
        assertFalse(isChanged());
    }

    @Test
    void anotherSizeOrTimeIsAChange() throws IOException {
        old(Files.writeString(manifest, "three"));
        assertTrue(isChanged());
        assertFalse(isChanged());
        Files.setLastModifiedTime(manifest, FileTime.from(Instant.EPOCH.plusSeconds(1)));
        assertTrue(isChanged());
        assertFalse(isChanged());
    }

    @Test
    void aFileThatWasJustChangedMayHaveChangedAgain() throws IOException {
        Files.writeString(manifest, "two");
        assertTrue(isChanged());
        assertTrue(isChanged());
    }

    @Test
    void aFileThatIsMovedThereIsAChange() throws IOException {
        Path other = old(Files.writeString(folder.resolve("other"), "two"));
        Files.move(other, manifest, StandardCopyOption.ATOMIC_MOVE);
        assertTrue(isChanged());
        assertFalse(isChanged());
    }

    /** As Kubernetes replaces the files of a volume. */
    @Test
    void aLinkThatIsMovedOnTheWayIsAChange() throws IOException {
        for (String version : List.of("v1", "v2")) {
            Files.createDirectory(folder.resolve(version));
            old(Files.writeString(folder.resolve(version).resolve("app.toml"), version));
        }
        Path data = Files.createSymbolicLink(folder.resolve("..data"), Path.of("v1"));
        Path linked = Files.createSymbolicLink(folder.resolve("app.toml"), Path.of("..data/app.toml"));
        stamps.changed(List.of(linked));
        assertFalse(stamps.changed(List.of(linked)));
        Path next = Files.createSymbolicLink(folder.resolve("next"), Path.of("v2"));
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
        assertTrue(stamps.changed(List.of(linked)));
    }

    @Test
    void anotherListOfFilesIsAChange() {
        assertTrue(stamps.changed(List.of(manifest)));
        assertFalse(stamps.changed(List.of(manifest)));
    }
}
