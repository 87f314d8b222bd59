package io.selvage.cgi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.kv.SqliteKeyValueService;
import io.selvage.node.KeyValueStore;
import io.selvage.wasi.Directory;
import io.selvage.wasi.DirectoryEntry;
import io.selvage.wasi.Errno;
import io.selvage.wasi.FileType;
import io.selvage.wasi.MemoryFolder;
import io.selvage.wasi.OpenFile;
import io.selvage.wasi.OpenOptions;
import io.selvage.wasi.WasiException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class StoreMountTest {
    private static final OpenOptions WRITE = new OpenOptions(false, true, true, false, true);
    private static final OpenOptions PATCH = new OpenOptions(true, true, false, false, false);
    private static final OpenOptions APPEND = new OpenOptions(false, true, true, false, false);
    private static final OpenOptions CREATE = new OpenOptions(false, true, true, true, false);

    @TempDir
    private Path state;

    private final List<String> log = new ArrayList<>();
    private SqliteKeyValueService service;
    private KeyValueStore store;
    private Directory folder;

    @BeforeEach
    void open() {
        service = SqliteKeyValueService.open(state);
        store = service.store("default");
        folder = mount();
    }

    @AfterEach
    void close() {
        service.close();
    }

    private Directory mount() {
        return new StoreMount(store, "default", log::add).open();
    }

    @Test
    void readingAFileReadsTheValueAsItWasWhenItWasOpened() throws IOException {
        set("a", "one");
        OpenFile file = folder.openFile("a", OpenOptions.READ);
        set("a", "other");
        assertEquals("one", read(file));
        assertEquals(3, file.stat().size());
        assertEquals("other", read(folder.openFile("a", OpenOptions.READ)));
    }

    @Test
    void aWrittenFileIsCommittedWhenItIsClosed() throws IOException {
        set("a", "one");
        OpenFile file = folder.openFile("a", WRITE);
        write(file, "two", 0);
        assertEquals("one", get("a"));
        file.close();
        assertEquals("two", get("a"));
    }

    @Test
    void syncCommitsEarly() throws IOException {
        OpenFile file = folder.openFile("a", WRITE);
        write(file, "one", 0);
        file.sync(false);
        assertEquals("one", get("a"));
        write(file, "two", 3);
        file.discard();
        assertEquals("one", get("a"));
    }

    @Test
    void aFileThatIsGivenUpLeavesTheValueAsItWas() throws IOException {
        set("a", "one");
        OpenFile file = folder.openFile("a", WRITE);
        write(file, "two", 0);
        file.discard();
        assertEquals("one", get("a"));
        folder.openFile("new", WRITE).discard();
        assertFalse(store.exists("new"));
    }

    @Test
    void anEmptyNewFileIsAnEmptyValue() throws IOException {
        folder.openFile("a", WRITE).close();
        folder.openFile("b", APPEND).close();
        folder.openFile("c", CREATE).close();
        assertEquals(List.of("", "", ""), List.of(get("a"), get("b"), get("c")));
    }

    @Test
    void aFileCanBeChangedInTheMiddleAndCutAndLengthened() throws IOException {
        set("a", "0123456789");
        OpenFile file = folder.openFile("a", PATCH);
        write(file, "xy", 3);
        file.resize(6);
        file.resize(8);
        write(file, "!", 9);
        assertEquals("012xy5\0\0\0!", read(file));
        file.close();
        assertEquals("012xy5\0\0\0!", get("a"));
    }

    @Test
    void appendsOfManyAddUp() throws Exception {
        inParallel(50, i -> {
            OpenFile file = mount().openFile("log", APPEND);
            append(file, "begin,");
            append(file, "end;");
            file.close();
            return i;
        });
        assertEquals("begin,end;".repeat(50), get("log"));
    }

    @Test
    void anAppendingFileCanReadAndStillAddsToTheEnd() throws IOException {
        store.set("log", "one;".getBytes(UTF_8), Optional.of(Duration.ofHours(1)));
        OpenFile file = folder.openFile("log", new OpenOptions(true, true, true, false, false));
        assertEquals("one;", read(file));
        append(file, "three;");
        store.append("log", "two;".getBytes(UTF_8));
        assertEquals("one;three;", read(file));
        file.sync(true);
        append(file, "four;");
        file.close();
        assertEquals("one;two;three;four;", get("log"));
        assertTrue(store.get("log").orElseThrow().expiresIn().isPresent());
    }

    @Test
    void onlyOneOfManyExclusiveCreatorsWins() throws Exception {
        List<Boolean> won = inParallel(50, i -> {
            try {
                OpenFile file = mount().openFile("lock", CREATE);
                write(file, "by " + i, 0);
                file.close();
                return true;
            } catch (WasiException e) {
                assertEquals(Errno.EXIST, e.errno());
                return false;
            }
        });
        assertEquals(1, won.stream().filter(w -> w).count());
        assertEquals("by " + won.indexOf(true), get("lock"));
    }

    @Test
    void anExclusiveCreationThatIsGivenUpIsUndone() throws IOException {
        OpenFile file = folder.openFile("lock", CREATE);
        assertTrue(store.exists("lock"));
        write(file, "mine", 0);
        file.discard();
        assertFalse(store.exists("lock"));
        OpenFile other = folder.openFile("lock", CREATE);
        set("lock", "taken over");
        other.discard();
        assertEquals("taken over", get("lock"));
    }

    @Test
    void slashesInKeysAreFolders() throws IOException {
        set("user/42/name", "Ann");
        set("user/7", "Bob");
        set("users", "2");
        assertEquals(List.of("user/", "users"), list(folder));
        Directory user = folder.openDirectory("user");
        assertEquals(List.of("42/", "7"), list(user));
        assertEquals("Ann", read(user.openDirectory("42").openFile("name", OpenOptions.READ)));
        assertEquals(FileType.DIRECTORY, folder.stat("user").type());
        assertEquals(FileType.REGULAR_FILE, user.stat("7").type());
        OpenFile file = folder.openDirectory("new").openFile("key", WRITE);
        write(file, "x", 0);
        file.close();
        assertEquals("x", get("new/key"));
        fails(Errno.ISDIR, () -> folder.openFile("user", OpenOptions.READ));
        fails(Errno.ISDIR, () -> folder.unlink("user"));
        fails(Errno.EXIST, () -> folder.createDirectory("user"));
        fails(Errno.NOTEMPTY, () -> folder.removeDirectory("user"));
        fails(Errno.NOTDIR, () -> folder.removeDirectory("users"));
        folder.createDirectory("fresh");
        folder.removeDirectory("fresh");
    }

    @Test
    void keysThatAreNoPathsAreNotSeen() throws IOException {
        for (String key : List.of("/a", "b//c", "d/", ".", "../e", "f\0g", "ok", "b/x", "b")) {
            set(key, key);
        }
        assertEquals(List.of("b", "d/", "ok"), list(folder));
        assertEquals(List.of("x"), list(folder.openDirectory("b")));
        assertEquals(List.of(), list(folder.openDirectory("d")));
    }

    @Test
    void aLongListIsWhole() throws Exception {
        inParallel(2_500, i -> {
            set("k%04d".formatted(i), "");
            return i;
        });
        List<String> names = list(folder);
        assertEquals(2_500, names.size());
        assertEquals("k2499", names.getLast());
    }

    @Test
    void unlinkDeletesAndRenameMoves() throws IOException {
        store.set("a", "one".getBytes(UTF_8), Optional.of(Duration.ofHours(1)));
        folder.rename("a", folder.openDirectory("sub"), "b");
        assertFalse(store.exists("a"));
        assertEquals("one", get("sub/b"));
        assertTrue(store.get("sub/b").orElseThrow().expiresIn().isPresent());
        folder.openDirectory("sub").unlink("b");
        assertFalse(store.exists("sub/b"));
        fails(Errno.NOENT, () -> folder.unlink("b"));
        fails(Errno.NOENT, () -> folder.rename("b", folder, "c"));
        fails(Errno.XDEV, () -> folder.rename("b", MemoryFolder.ofSize(1000).open(), "c"));
        fails(Errno.NOENT, () -> folder.stat("b"));
        fails(Errno.NOENT, () -> folder.openFile("b", OpenOptions.READ));
    }

    @Test
    void whatIsTooLargeSaysSo() throws IOException {
        byte[] piece = new byte[1 << 20];
        OpenFile file = folder.openFile("large", WRITE);
        for (int i = 0; i < 25; i++) {
            file.write(piece, 0, piece.length, (long) i << 20);
        }
        fails(Errno.FBIG, () -> file.write(piece, 0, 1, 25L << 20));
        fails(Errno.FBIG, () -> file.write(piece, 0, 1, Long.MAX_VALUE));
        fails(Errno.FBIG, () -> file.resize((25L << 20) + 1));
        file.close();
        assertEquals(Optional.of(25L << 20), store.size("large"));
        OpenFile more = folder.openFile("large", APPEND);
        append(more, "x");
        fails(Errno.FBIG, more::close);
        fails(Errno.NAMETOOLONG, () -> folder.openFile("k".repeat(513), WRITE));
        fails(Errno.NAMETOOLONG, () -> folder.stat("ä".repeat(257)));
    }

    @Test
    void whatARunHoldsIsBounded() throws IOException {
        store.set("large", new byte[KeyValueStore.MAX_VALUE]);
        OpenFile first = folder.openFile("large", OpenOptions.READ);
        folder.openFile("large", OpenOptions.READ);
        fails(Errno.NOMEM, () -> folder.openFile("large", OpenOptions.READ));
        first.close();
        folder.openFile("large", OpenOptions.READ).close();
    }

    @Test
    void aStateThatFailsIsAnErrorForTheProgramAndALineInTheLog() {
        service.close();
        fails(Errno.IO, () -> folder.openFile("a", OpenOptions.READ));
        assertTrue(log.getFirst().startsWith("key-value store \"default\": "), log.getFirst());
    }

    private static void fails(Errno errno, Executable call) {
        assertEquals(errno, assertThrows(WasiException.class, call).errno());
    }

    private void set(String key, String value) throws IOException {
        store.set(key, value.getBytes(UTF_8));
    }

    private String get(String key) throws IOException {
        return new String(store.get(key).orElseThrow().value(), UTF_8);
    }

    private static void write(OpenFile file, String text, long position) {
        assertEquals(text.length(), file.write(text.getBytes(UTF_8), 0, text.length(), position));
    }

    private static void append(OpenFile file, String text) {
        assertEquals(file.stat().size() + text.length(), file.append(text.getBytes(UTF_8), 0, text.length()));
    }

    private static String read(OpenFile file) {
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[4];
        for (int count = file.read(buffer, 0, 4, 0); count > 0; count = file.read(buffer, 0, 4, text.length())) {
            text.append(new String(buffer, 0, count, UTF_8));
        }
        return text.toString();
    }

    private static List<String> list(Directory directory) {
        List<String> names = new ArrayList<>();
        for (var entries = directory.list(); entries.hasNext(); ) {
            DirectoryEntry entry = entries.next();
            names.add(entry.name() + (entry.type() == FileType.DIRECTORY ? "/" : ""));
        }
        return names;
    }

    private interface Numbered<T> {
        T call(int number) throws Exception;
    }

    private static <T> List<T> inParallel(int count, Numbered<T> task) throws Exception {
        List<Callable<T>> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            tasks.add(() -> task.call(number));
        }
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<T> answers = new ArrayList<>();
            for (Future<T> future : executor.invokeAll(tasks)) {
                answers.add(future.get());
            }
            return answers;
        }
    }
}
