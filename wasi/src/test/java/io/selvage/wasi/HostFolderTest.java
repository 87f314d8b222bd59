package io.selvage.wasi;

import static io.selvage.wasi.DirectoryContractTest.content;
import static io.selvage.wasi.DirectoryContractTest.fails;
import static io.selvage.wasi.DirectoryContractTest.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFolderTest {
    private static final OpenOptions CREATE = new OpenOptions(true, true, true, false, false);

    @TempDir
    private Path temporary;

    private Path inside;
    private Path outside;

    /** How often a path was found to lead out. */
    private int refused;

    @BeforeEach
    void makeAnInsideAndAnOutside() throws IOException {
        inside = Files.createDirectory(temporary.resolve("inside"));
        outside = Files.createDirectory(temporary.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        Files.createDirectory(outside.resolve("folder"));
        Files.createSymbolicLink(outside.resolve("link"), Path.of("told"));
    }

    @Test
    void whatIsNoFolderIsRefusedWithItsName() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "");
        fails(Errno.NOTDIR, () -> HostFolder.of(file));
        fails(Errno.NOENT, () -> HostFolder.of(temporary.resolve("missing")));
    }

    @Test
    void linksOfTheHostThatLeadOutAreNotFollowed() throws IOException {
        Files.createSymbolicLink(inside.resolve("absolute"), outside);
        Files.createSymbolicLink(inside.resolve("relative"), Path.of("../outside"));
        Files.createSymbolicLink(inside.resolve("file"), Path.of("../outside/secret"));
        try (Directory root = HostFolder.of(inside).open()) {
            DirectoryHandle base = new DirectoryHandle(root);
            fails(Errno.NOTCAPABLE, () -> new PathResolver(base, "absolute/secret"));
            fails(Errno.NOTCAPABLE, () -> new PathResolver(base, "relative/secret"));
            try (PathResolver at = new PathResolver(base, "file")) {
                fails(Errno.NOTCAPABLE, at::followLast);
                fails(Errno.LOOP, () -> at.directory().openFile(at.name(), CREATE));
            }
        }
    }

    @Test
    void pipesAndDevicesAreNotOpened() throws Exception {
        new ProcessBuilder("mkfifo", inside.resolve("pipe").toString()).start().waitFor();
        try (Directory root = HostFolder.of(inside).open()) {
            fails(Errno.ACCES, () -> root.openFile("pipe", OpenOptions.READ));
        }
    }

    @Test
    void aFolderStaysTheSameWhereverItIsMoved() throws IOException {
        Files.createDirectory(inside.resolve("a"));
        try (Directory root = HostFolder.of(inside).open();
                Directory a = root.openDirectory("a")) {
            Files.move(inside.resolve("a"), inside.resolve("b"));
            Files.createSymbolicLink(inside.resolve("a"), outside);
            write(a, "new", "text");
            assertEquals("text", Files.readString(inside.resolve("b/new")));
        }
        assertFalse(Files.exists(outside.resolve("new")));
    }

    @Test
    void descriptorsOfTheHostAreGivenBack() throws IOException {
        try (Directory root = HostFolder.of(inside).open()) {
            int before = openDescriptors();
            for (int i = 0; i < 50; i++) {
                write(root, "file", "text");
                assertEquals("text", content(root, "file"));
                fails(Errno.NOENT, () -> root.openDirectory("missing"));
                fails(Errno.ISDIR, () -> {
                    root.createDirectory("folder");
                    root.openFile("folder", OpenOptions.READ);
                });
                root.removeDirectory("folder");
                root.list().forEachRemaining(entry -> root.stat(entry.name()));
                try (PathResolver at = new PathResolver(new DirectoryHandle(root), "./file")) {
                    Paths.stat(at, true);
                }
            }
            assertTrue(openDescriptors() <= before + 2);
        }
    }

    private static int openDescriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.count();
        }
    }

    /** A folder is swapped for a link that leads out, again and again, while a guest does all it can do in it. */
    @Test
    void noRaceLeadsOut() throws Exception {
        Files.createDirectory(inside.resolve("real"));
        Files.writeString(inside.resolve("real/secret"), "inside");
        Files.createSymbolicLink(inside.resolve("real/link"), Path.of("harmless"));
        Files.createSymbolicLink(inside.resolve("evil"), Path.of("../outside"));
        AtomicBoolean stop = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> swap(stop));
        int rounds = 0;
        int reached = 0;
        try (Directory root = HostFolder.of(inside).open()) {
            for (; rounds < 3_000 || (rounds < 300_000 && (reached == 0 || refused == 0)); rounds++) {
                reached += tryEverything(new DirectoryHandle(root), rounds);
            }
        } finally {
            stop.set(true);
            swapper.join();
        }
        assertTrue(reached > 0, "the folder was never there");
        assertTrue(refused > 0, "the link was never there");
        try (Stream<Path> left = Files.list(outside)) {
            List<String> names =
                    left.map(path -> path.getFileName().toString()).sorted().toList();
            assertEquals(List.of("folder", "link", "secret"), names);
        }
        assertEquals("secret", Files.readString(outside.resolve("secret")));
    }

    /** Makes {@code target} now the real folder, now a link to the outside. */
    private void swap(AtomicBoolean stop) {
        Path target = inside.resolve("target");
        try {
            while (!stop.get()) {
                Files.move(inside.resolve("real"), target, StandardCopyOption.ATOMIC_MOVE);
                Files.move(target, inside.resolve("real"), StandardCopyOption.ATOMIC_MOVE);
                Files.move(inside.resolve("evil"), target, StandardCopyOption.ATOMIC_MOVE);
                Files.move(target, inside.resolve("evil"), StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Answers 1 if the folder was there, 0 if nothing or the link was. */
    private int tryEverything(DirectoryHandle root, int round) {
        List<Runnable> attempts = List.of(
                () -> at(root, "target/secret", at -> assertEquals("inside", content(at.directory(), at.name()))),
                () -> at(
                        root,
                        "target/new-file",
                        at -> at.directory().openFile(at.name(), CREATE).close()),
                () -> at(root, "target/new-folder", Paths::createDirectory),
                () -> at(root, "target/new-link", at -> Paths.createSymbolicLink(at, "x")),
                () -> at(root, "target/link", at -> assertEquals("harmless", Paths.readLink(at))),
                () -> at(root, "target/folder", Paths::removeDirectory),
                () -> at(root, "target/secret", at -> at.directory().link(at.name(), root.directory(), "stolen")),
                () -> at(root, "stolen", at -> assertEquals("inside", content(at.directory(), at.name()))),
                () -> at(
                        root,
                        "target",
                        at -> at.directory()
                                .openDirectory(at.name())
                                .list()
                                .forEachRemaining(
                                        entry -> assertFalse(entry.name().equals("folder")))));
        try {
            attempts.get(round % attempts.size()).run();
            return 1;
        } catch (WasiException e) {
            assertTrue(
                    List.of(Errno.NOENT, Errno.NOTCAPABLE, Errno.LOOP, Errno.NOTDIR, Errno.EXIST)
                            .contains(e.errno()),
                    () -> "unexpected " + e.errno());
            refused += e.errno() == Errno.NOTCAPABLE ? 1 : 0;
            return e.errno() == Errno.EXIST ? 1 : 0;
        }
    }

    private static void at(DirectoryHandle root, String path, Consumer<PathResolver> action) {
        try (PathResolver at = new PathResolver(root, path)) {
            action.accept(at);
        }
    }
}
