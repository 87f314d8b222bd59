package io.selvage.wasi;

import static io.selvage.wasi.DirectoryContractTest.content;
import static io.selvage.wasi.DirectoryContractTest.fails;
import static io.selvage.wasi.DirectoryContractTest.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathResolverTest {
    private final Directory root = MemoryFolder.ofSize(1 << 20).open();
    private final DirectoryHandle base = new DirectoryHandle(root);

    @BeforeEach
    void growATree() {
        root.createDirectory("a");
        try (Directory a = root.openDirectory("a")) {
            a.createDirectory("b");
            try (Directory b = a.openDirectory("b")) {
                write(b, "file", "deep");
                b.createSymbolicLink("up", "../../top");
                b.createSymbolicLink("out", "../../../top");
                b.createSymbolicLink("here", ".");
            }
            a.createSymbolicLink("absolute", "/etc/passwd");
        }
        write(root, "top", "high");
        root.createSymbolicLink("short", "a/b");
        root.createSymbolicLink("self", "self");
        root.createSymbolicLink("chain", "short/here/here/up");
    }

    @ParameterizedTest
    @CsvSource({
        "top, high",
        "./a/../top, high",
        "a/b/file, deep",
        "a//.//b/./file, deep",
        "short/file, deep",
        "short/../../top, high",
        "a/b/up, high",
        "chain, high",
        "short/here/here/file, deep",
    })
    void aPathLeadsToItsFile(String path, String text) {
        try (PathResolver at = new PathResolver(base, path)) {
            while (at.followLast()) {
                assertFalse(at.isSelf());
            }
            assertEquals(text, content(at.directory(), at.name()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/top", "..", "../top", "a/../..", "a/b/../../../top", "short/../../.."})
    void noPathLeavesItsFolder(String path) {
        fails(Errno.NOTCAPABLE, () -> new PathResolver(base, path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b/out", "short/out", "a/absolute"})
    void noLinkLeavesItsFolder(String path) {
        try (PathResolver at = new PathResolver(base, path)) {
            fails(Errno.NOTCAPABLE, at::followLast);
        }
    }

    @Test
    void theFolderOfADescriptorIsALimitEvenInsideItsMount() {
        try (Directory a = root.openDirectory("a")) {
            fails(Errno.NOTCAPABLE, () -> new PathResolver(new DirectoryHandle(a), "../top"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "./", "a/..", "a/b/../.."})
    void aPathMayStandForTheFolderItBeginsIn(String path) {
        try (PathResolver at = new PathResolver(base, path)) {
            assertTrue(at.isSelf());
            assertEquals(root.stat().inode(), at.directory().stat().inode());
        }
    }

    @Test
    void linksInALoopEndTheWalk() {
        fails(Errno.LOOP, () -> new PathResolver(base, "self/x"));
        try (PathResolver at = new PathResolver(base, "self")) {
            fails(Errno.LOOP, () -> {
                while (at.followLast()) {
                    assertEquals("self", at.name());
                }
            });
        }
    }

    @Test
    void aFileOrNothingIsNoFolder() {
        fails(Errno.NOTDIR, () -> new PathResolver(base, "top/x"));
        fails(Errno.NOENT, () -> new PathResolver(base, "missing/x"));
        fails(Errno.NOENT, () -> new PathResolver(base, ""));
    }

    @Test
    void aTrailingSlashAsksForAFolder() {
        try (PathResolver at = new PathResolver(base, "top/");
                PathResolver plain = new PathResolver(base, "top")) {
            assertTrue(at.mustBeFolder());
            assertFalse(plain.mustBeFolder());
            fails(Errno.NOTDIR, () -> Paths.stat(at, false));
        }
    }

    @Test
    void zeroCharactersAndEndlessPathsAreRefused() {
        fails(Errno.INVAL, () -> new PathResolver(base, "top\0"));
        fails(Errno.NAMETOOLONG, () -> new PathResolver(base, "a/".repeat(3_000)));
    }

    @Test
    void noMoreThanAHundredFoldersAreHeldOpen() {
        root.createDirectory("deep");
        Directory at = root.openDirectory("deep");
        for (int i = 0; i < 100; i++) {
            at.createDirectory("d");
            at = at.openDirectory("d");
        }
        try (PathResolver reached = new PathResolver(base, "deep/" + "d/".repeat(99) + "d")) {
            assertEquals("d", reached.name());
        }
        fails(Errno.NAMETOOLONG, () -> new PathResolver(base, "deep/" + "d/".repeat(100) + "d"));
    }
}
