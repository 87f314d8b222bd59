package io.selvage.wasi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every kind of folder does alike. */
class DirectoryContractTest {
    enum Kind {
        HOST,
        MEMORY
    }

    private static final OpenOptions CREATE = new OpenOptions(true, true, true, false, false);
    private static final OpenOptions CREATE_NEW = new OpenOptions(true, true, true, true, false);
    private static final OpenOptions TRUNCATE = new OpenOptions(true, true, false, false, true);

    @TempDir
    private Path temporary;

    private void with(Kind kind, BiConsumer<Directory, Kind> test) {
        Mount mount = kind == Kind.HOST ? HostFolder.of(temporary) : MemoryFolder.ofSize(1 << 20);
        try (Directory root = mount.open()) {
            test.accept(root, kind);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsRead(Kind kind) {
        with(kind, (root, _) -> {
            try (OpenFile file = root.openFile("a", CREATE)) {
                assertEquals(5, file.write(bytes("hello"), 0, 5, 0));
                assertEquals(2, file.write(bytes("--HO--"), 2, 2, 5));
                byte[] read = new byte[10];
                assertEquals(7, file.read(read, 0, 10, 0));
                assertArrayEquals(bytes("helloHO\0\0\0"), read);
                assertEquals(0, file.read(read, 0, 10, 7));
                assertEquals(7, file.stat().size());
            }
            assertEquals(7, root.stat("a").size());
            assertEquals(FileType.REGULAR_FILE, root.stat("a").type());
        });
    }

    @ParameterizedTest
    @EnumSource
    void muchIsMovedInOneCall(Kind kind) {
        with(kind, (root, _) -> {
            byte[] much = new byte[700_000];
            new Random(3).nextBytes(much);
            try (OpenFile file = root.openFile("a", CREATE)) {
                assertEquals(600_000, file.write(much, 50_000, 600_000, 0));
                byte[] read = new byte[700_000];
                assertEquals(600_000, file.read(read, 10, 650_000, 0));
                assertArrayEquals(Arrays.copyOfRange(much, 50_000, 650_000), Arrays.copyOfRange(read, 10, 600_010));
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aGapIsFilledWithZeros(Kind kind) {
        with(kind, (root, _) -> {
            try (OpenFile file = root.openFile("a", CREATE)) {
                file.write(bytes("xyz"), 0, 3, 0);
                file.resize(1);
                file.write(bytes("z"), 0, 1, 4);
                byte[] read = new byte[5];
                assertEquals(5, file.read(read, 0, 5, 0));
                assertArrayEquals(bytes("x\0\0\0z"), read);
                file.resize(10);
                assertEquals(10, file.stat().size());
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void appendingAlwaysGoesToTheEnd(Kind kind) {
        with(kind, (root, _) -> {
            try (OpenFile one = root.openFile("log", CREATE);
                    OpenFile other = root.openFile("log", CREATE)) {
                assertEquals(2, one.append(bytes("ab"), 0, 2));
                assertEquals(4, other.append(bytes("cd"), 0, 2));
                assertEquals(6, one.append(bytes("ef"), 0, 2));
            }
            assertEquals("abcdef", content(root, "log"));
        });
    }

    @ParameterizedTest
    @EnumSource
    void creatingExclusivelyFailsForAnythingThatIsThere(Kind kind) {
        with(kind, (root, _) -> {
            root.openFile("a", CREATE_NEW).close();
            root.createSymbolicLink("dangling", "nowhere");
            fails(Errno.EXIST, () -> root.openFile("a", CREATE_NEW));
            fails(Errno.EXIST, () -> root.openFile("dangling", CREATE_NEW));
            fails(Errno.NOENT, () -> root.stat("nowhere"));
        });
    }

    @ParameterizedTest
    @EnumSource
    void truncatingBeginsEmpty(Kind kind) {
        with(kind, (root, _) -> {
            write(root, "a", "old");
            root.openFile("a", TRUNCATE).close();
            assertEquals("", content(root, "a"));
        });
    }

    @ParameterizedTest
    @EnumSource
    void noMethodFollowsALink(Kind kind) {
        with(kind, (root, _) -> {
            root.createDirectory("folder");
            write(root, "file", "x");
            root.createSymbolicLink("to-folder", "folder");
            root.createSymbolicLink("to-file", "file");
            assertEquals("folder", root.readLink("to-folder"));
            assertEquals(FileType.SYMBOLIC_LINK, root.stat("to-file").type());
            assertEquals(4, root.stat("to-file").size());
            fails(Errno.LOOP, () -> root.openFile("to-file", OpenOptions.READ));
            fails(Errno.LOOP, () -> root.openFile("to-file", CREATE));
            WasiException refused = assertThrows(WasiException.class, () -> root.openDirectory("to-folder"));
            assertEquals(true, refused.errno() == Errno.LOOP || refused.errno() == Errno.NOTDIR);
            fails(Errno.INVAL, () -> root.readLink("file"));
            root.link("to-file", root, "same-link");
            assertEquals(FileType.SYMBOLIC_LINK, root.stat("same-link").type());
        });
    }

    @ParameterizedTest
    @EnumSource
    void foldersAreMadeListedAndRemoved(Kind kind) {
        with(kind, (root, _) -> {
            root.createDirectory("folder");
            fails(Errno.EXIST, () -> root.createDirectory("folder"));
            try (Directory folder = root.openDirectory("folder")) {
                write(folder, "ä", "1");
                folder.createDirectory("b");
                folder.createSymbolicLink("c", "b");
                TreeMap<String, FileType> listed = new TreeMap<>();
                folder.list().forEachRemaining(entry -> {
                    listed.put(entry.name(), entry.type());
                    assertEquals(folder.stat(entry.name()).inode(), entry.inode());
                });
                assertEquals("{b=DIRECTORY, c=SYMBOLIC_LINK, ä=REGULAR_FILE}", listed.toString());
                fails(Errno.NOTEMPTY, () -> root.removeDirectory("folder"));
                fails(Errno.ISDIR, () -> folder.unlink("b"));
                fails(Errno.NOTDIR, () -> folder.removeDirectory("c"));
                folder.unlink("ä");
                folder.unlink("c");
                folder.removeDirectory("b");
            }
            root.removeDirectory("folder");
            fails(Errno.NOENT, () -> root.openDirectory("folder"));
        });
    }

    @ParameterizedTest
    @EnumSource
    void aFileLivesOnWithoutItsName(Kind kind) {
        with(kind, (root, _) -> {
            try (OpenFile file = root.openFile("a", CREATE)) {
                root.unlink("a");
                file.write(bytes("still"), 0, 5, 0);
                assertEquals(5, file.stat().size());
                assertEquals(0, file.stat().links());
                fails(Errno.NOENT, () -> root.stat("a"));
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aLinkedFileIsOneFileWithTwoNames(Kind kind) {
        with(kind, (root, _) -> {
            write(root, "a", "text");
            root.createDirectory("folder");
            try (Directory folder = root.openDirectory("folder")) {
                root.link("a", folder, "b");
                assertEquals(root.stat("a"), folder.stat("b"));
                assertEquals(2, root.stat("a").links());
                fails(Errno.EXIST, () -> root.link("a", folder, "b"));
                root.unlink("a");
                assertEquals("text", content(folder, "b"));
            }
            fails(Errno.PERM, () -> root.link("folder", root, "other"));
        });
    }

    @ParameterizedTest
    @EnumSource
    void renamingReplacesLikeByLike(Kind kind) {
        with(kind, (root, _) -> {
            write(root, "a", "new");
            write(root, "b", "old");
            root.createDirectory("empty");
            root.createDirectory("full");
            try (Directory full = root.openDirectory("full")) {
                full.createDirectory("inner");
                fails(Errno.NOTEMPTY, () -> root.rename("empty", root, "full"));
                fails(Errno.ISDIR, () -> root.rename("a", root, "empty"));
                fails(Errno.NOTDIR, () -> root.rename("empty", root, "a"));
                fails(Errno.INVAL, () -> root.rename("full", full, "self"));
                fails(Errno.NOENT, () -> root.rename("missing", root, "x"));
                root.rename("a", root, "b");
                assertEquals("new", content(root, "b"));
                root.rename("full", root, "empty");
                write(full, "moved-along", "1");
                assertEquals(FileType.DIRECTORY, root.stat("empty").type());
                root.rename("b", full, "b");
                assertEquals("new", content(full, "b"));
            }
            fails(Errno.NOENT, () -> root.stat("b"));
        });
    }

    @ParameterizedTest
    @EnumSource
    void timesAreKeptToTheNanosecond(Kind kind) {
        with(kind, (root, _) -> {
            write(root, "a", "x");
            root.createSymbolicLink("link", "a");
            long before = root.stat("a").accessed();
            root.setTimes("a", OptionalLong.empty(), OptionalLong.of(1_600_000_000_123_456_789L));
            root.setTimes("link", OptionalLong.of(1_500_000_000_000_000_001L), OptionalLong.empty());
            assertEquals(1_600_000_000_123_456_789L, root.stat("a").modified());
            assertEquals(before, root.stat("a").accessed());
            assertEquals(1_500_000_000_000_000_001L, root.stat("link").accessed());
            try (OpenFile file = root.openFile("a", OpenOptions.READ)) {
                file.setTimes(OptionalLong.of(7), OptionalLong.of(8));
                assertEquals(8, file.stat().modified());
            }
            root.setTimes(OptionalLong.of(1), OptionalLong.of(2));
            assertEquals(2, root.stat().modified());
        });
    }

    @ParameterizedTest
    @EnumSource
    void mountsCannotBeLinkedOrMovedAcross(Kind kind) {
        with(kind, (root, _) -> {
            write(root, "a", "x");
            try (Directory other = MemoryFolder.ofSize(1 << 16).open()) {
                fails(Errno.XDEV, () -> root.link("a", other, "a"));
                fails(Errno.XDEV, () -> root.rename("a", other, "a"));
                assertNotEquals(root.stat().device(), other.stat().device());
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void nothingChangesInAReadOnlyMount(Kind kind) {
        with(kind, (root, _) -> {
            root.createDirectory("folder");
            write(root, "a", "text");
            root.createSymbolicLink("link", "a");
            Directory view = new ReadOnlyDirectory(root);
            assertEquals("text", content(view, "a"));
            assertEquals("a", view.readLink("link"));
            fails(Errno.ROFS, () -> view.openFile("new", CREATE));
            fails(Errno.ROFS, () -> view.openFile("new", new OpenOptions(true, false, true, false, false)));
            fails(Errno.ROFS, () -> view.openFile("a", TRUNCATE));
            fails(Errno.ROFS, () -> view.createDirectory("x"));
            fails(Errno.ROFS, () -> view.removeDirectory("folder"));
            fails(Errno.ROFS, () -> view.unlink("a"));
            fails(Errno.ROFS, () -> view.createSymbolicLink("x", "a"));
            fails(Errno.ROFS, () -> view.link("a", view, "x"));
            fails(Errno.ROFS, () -> view.rename("a", view, "x"));
            fails(Errno.ROFS, () -> view.setTimes("a", OptionalLong.of(1), OptionalLong.of(1)));
            try (Directory folder = view.openDirectory("folder")) {
                fails(Errno.ROFS, () -> folder.openFile("new", CREATE));
            }
            assertEquals("text", content(root, "a"));
        });
    }

    static void write(Directory folder, String name, String text) {
        try (OpenFile file = folder.openFile(name, CREATE)) {
            file.write(bytes(text), 0, bytes(text).length, 0);
        }
    }

    static String content(Directory folder, String name) {
        try (OpenFile file = folder.openFile(name, OpenOptions.READ)) {
            byte[] read = new byte[(int) file.stat().size()];
            assertEquals(read.length, file.read(read, 0, read.length, 0));
            return new String(read, StandardCharsets.UTF_8);
        }
    }

    static void fails(Errno errno, Runnable action) {
        assertEquals(errno, assertThrows(WasiException.class, action::run).errno());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
