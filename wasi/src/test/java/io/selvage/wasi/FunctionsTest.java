package io.selvage.wasi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.Instance;
import io.selvage.wasm.Memory;
import io.selvage.wasm.RunLimits;
import io.selvage.wasm.Trap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions as a guest calls them, with numbers and addresses, on a module that has nothing but a memory. */
class FunctionsTest {
    private static final byte[] ONE_PAGE = {
        0, 'a', 's', 'm', 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 10, 1, 6, 'm', 'e', 'm', 'o', 'r', 'y', 2, 0
    };

    private static final int MOUNT = 3;
    private static final int RESULT = 16;
    private static final int PATH = 1_024;
    private static final int OTHER_PATH = 2_048;
    private static final int BUFFER = 4_096;

    private static final int CREATE = 1;
    private static final int DIRECTORY = 2;
    private static final int EXCLUSIVE = 4;

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private Instance caller;
    private Memory memory;

    @BeforeEach
    void start() {
        start(WasiConfig.none()
                .withStdin(new ByteArrayInputStream("input".getBytes(StandardCharsets.UTF_8)))
                .withStdout(output)
                .withMount("/data", MemoryFolder.ofSize(1 << 20)));
    }

    private void start(WasiConfig config) {
        caller = Guests.link(ONE_PAGE).instantiate(RunLimits.none(), config.open());
        memory = caller.memory();
    }

    private int path(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        memory.write(PATH, bytes);
        return bytes.length;
    }

    private int open(String path, int flags, long rights, int descriptorFlags) {
        answers(
                Errno.SUCCESS,
                PathFunctions.open(caller, MOUNT, 1, PATH, path(path), flags, rights, 0, descriptorFlags, RESULT));
        return memory.readInt(RESULT);
    }

    private int openNew(String path) {
        return open(path, CREATE | EXCLUSIVE, Rights.FD_READ | Rights.FD_WRITE, 0);
    }

    /** Lays vectors at 256 for these pieces of memory: address, length, address, length … Answers how many. */
    private int vectors(int... pieces) {
        for (int i = 0; i < pieces.length; i++) {
            memory.writeInt(256 + i * 4, pieces[i]);
        }
        return pieces.length / 2;
    }

    private int write(int fd, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        memory.write(BUFFER, bytes);
        return DescriptorFunctions.write(caller, fd, 256, vectors(BUFFER, bytes.length), RESULT);
    }

    private static void answers(Errno expected, int code) {
        assertEquals(expected, Errno.values()[code]);
    }

    @Test
    void aWriteGathersItsPieces() {
        memory.write(BUFFER, "one two".getBytes(StandardCharsets.UTF_8));
        int count = vectors(BUFFER + 4, 3, 0, 0, BUFFER, 4);
        answers(Errno.SUCCESS, DescriptorFunctions.write(caller, 1, 256, count, RESULT));
        assertEquals(7, memory.readInt(RESULT));
        assertEquals("twoone ", output.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aReadIsScatteredOverItsPieces() {
        int count = vectors(BUFFER, 2, BUFFER + 100, 10);
        answers(Errno.SUCCESS, DescriptorFunctions.read(caller, 0, 256, count, RESULT));
        assertEquals(5, memory.readInt(RESULT));
        assertEquals("in", memory.readString(BUFFER, 2));
        assertEquals("put", memory.readString(BUFFER + 100, 3));
        answers(Errno.SUCCESS, DescriptorFunctions.read(caller, 0, 256, count, RESULT));
        assertEquals(0, memory.readInt(RESULT));
    }

    @Test
    void anAddressOutsideTheMemoryIsATrapAndWritesNothing() {
        int count = vectors(BUFFER, 4, 65_530, 7);
        assertEquals(
                Trap.Kind.MEMORY_OUT_OF_BOUNDS,
                assertThrows(Trap.class, () -> DescriptorFunctions.write(caller, 1, 256, count, RESULT))
                        .kind());
        assertThrows(Trap.class, () -> DescriptorFunctions.write(caller, 1, 65_535, 1, RESULT));
        assertThrows(Trap.class, () -> DescriptorFunctions.write(caller, 1, -8, 1, RESULT));
        assertThrows(Trap.class, () -> ProcessFunctions.randomGet(caller, 65_000, 1_000));
        assertThrows(Trap.class, () -> ProcessFunctions.clockTimeGet(caller, 0, 0, 65_530));
        assertThrows(Trap.class, () -> PathFunctions.unlinkFile(caller, MOUNT, 65_000, Integer.MAX_VALUE));
        assertEquals(0, output.size());
        answers(Errno.INVAL, DescriptorFunctions.write(caller, 1, 256, 1_025, RESULT));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 4, 99, Integer.MAX_VALUE})
    void aNumberThatStandsForNothingIsRefused(int fd) {
        List<IntUnaryOperator> calls = List.of(
                n -> DescriptorFunctions.advise(caller, n, 0, 0, 0),
                n -> DescriptorFunctions.allocate(caller, n, 0, 1),
                n -> DescriptorFunctions.close(caller, n),
                n -> DescriptorFunctions.dataSync(caller, n),
                n -> DescriptorFunctions.sync(caller, n),
                n -> DescriptorFunctions.fdstatGet(caller, n, RESULT),
                n -> DescriptorFunctions.fdstatSetFlags(caller, n, 0),
                n -> DescriptorFunctions.fdstatSetRights(caller, n, 0, 0),
                n -> DescriptorFunctions.filestatSetSize(caller, n, 0),
                n -> DescriptorFunctions.filestatSetTimes(caller, n, 0, 0, 0),
                n -> DescriptorFunctions.prestatGet(caller, n, RESULT),
                n -> DescriptorFunctions.prestatDirName(caller, n, BUFFER, 100),
                n -> DescriptorFunctions.read(caller, n, 256, 0, RESULT),
                n -> DescriptorFunctions.readAt(caller, n, 256, 0, 0, RESULT),
                n -> DescriptorFunctions.write(caller, n, 256, 0, RESULT),
                n -> DescriptorFunctions.writeAt(caller, n, 256, 0, 0, RESULT),
                n -> DescriptorFunctions.renumber(caller, n, 1),
                n -> DescriptorFunctions.renumber(caller, 1, n),
                n -> DescriptorFunctions.tell(caller, n, RESULT),
                n -> DescriptorFunctions.readDir(caller, n, BUFFER, 100, 0, RESULT),
                n -> SnapshotFunctions.fdSeek(caller, n, 0, 0, RESULT),
                n -> SnapshotFunctions.fdFilestatGet(caller, n, BUFFER),
                n -> SnapshotFunctions.sockAccept(caller, n, 0, RESULT),
                n -> UnstableFunctions.fdSeek(caller, n, 0, 0, RESULT),
                n -> UnstableFunctions.fdFilestatGet(caller, n, BUFFER),
                n -> ProcessFunctions.sockRecv(caller, n, 256, 0, 0, RESULT, RESULT),
                n -> ProcessFunctions.sockSend(caller, n, 256, 0, 0, RESULT),
                n -> ProcessFunctions.sockShutdown(caller, n, 1),
                n -> PathFunctions.createDirectory(caller, n, PATH, path("x")),
                n -> PathFunctions.setTimes(caller, n, 0, PATH, path("x"), 0, 0, 0),
                n -> PathFunctions.link(caller, n, 0, PATH, path("x"), MOUNT, PATH, 1),
                n -> PathFunctions.open(caller, n, 0, PATH, path("x"), 0, 0, 0, 0, RESULT),
                n -> PathFunctions.readLink(caller, n, PATH, path("x"), BUFFER, 10, RESULT),
                n -> PathFunctions.removeDirectory(caller, n, PATH, path("x")),
                n -> PathFunctions.rename(caller, n, PATH, path("x"), MOUNT, PATH, 1),
                n -> PathFunctions.symlink(caller, PATH, path("x"), n, PATH, 1),
                n -> PathFunctions.unlinkFile(caller, n, PATH, path("x")),
                n -> SnapshotFunctions.pathFilestatGet(caller, n, 0, PATH, path("x"), BUFFER));
        calls.forEach(call -> answers(Errno.BADF, call.applyAsInt(fd)));
    }

    @Test
    void whatIsNotKnownIsInvalid() {
        int file = openNew("file");
        answers(Errno.INVAL, ProcessFunctions.clockTimeGet(caller, 4, 0, RESULT));
        answers(Errno.INVAL, ProcessFunctions.clockResGet(caller, -1, RESULT));
        answers(Errno.INVAL, DescriptorFunctions.advise(caller, file, 0, 0, 6));
        answers(Errno.INVAL, DescriptorFunctions.allocate(caller, file, 0, 0));
        answers(Errno.INVAL, DescriptorFunctions.fdstatSetFlags(caller, file, 1 << 5));
        answers(Errno.INVAL, DescriptorFunctions.filestatSetTimes(caller, file, 0, 0, 3));
        answers(Errno.INVAL, DescriptorFunctions.filestatSetSize(caller, file, -1));
        answers(Errno.INVAL, SnapshotFunctions.fdSeek(caller, file, 0, 3, RESULT));
        answers(Errno.INVAL, SnapshotFunctions.fdSeek(caller, file, -1, 0, RESULT));
        answers(Errno.INVAL, PathFunctions.open(caller, MOUNT, 2, PATH, 1, 0, 0, 0, 0, RESULT));
        answers(Errno.INVAL, PathFunctions.open(caller, MOUNT, 0, PATH, 1, 16, 0, 0, 0, RESULT));
        answers(Errno.INVAL, PathFunctions.open(caller, MOUNT, 0, PATH, 1, CREATE | DIRECTORY, 0, 0, 0, RESULT));
        answers(Errno.INVAL, SnapshotFunctions.pollOneoff(caller, BUFFER, BUFFER, 0, RESULT));
        answers(Errno.NOTSUP, ProcessFunctions.procRaise(caller, 6));
        answers(Errno.NOTSUP, SnapshotFunctions.sockAccept(caller, 1, 0, RESULT));
        answers(Errno.NOTSOCK, ProcessFunctions.sockShutdown(caller, 1, 1));
        memory.write(PATH, new byte[] {'a', (byte) 0xff});
        answers(Errno.ILSEQ, PathFunctions.createDirectory(caller, MOUNT, PATH, 2));
    }

    @Test
    void theStatusOfAFileHasItsForm() {
        int file = openNew("file");
        answers(Errno.SUCCESS, write(file, "12345"));
        answers(Errno.SUCCESS, DescriptorFunctions.filestatSetTimes(caller, file, 11, 22, 1 | 4));
        answers(Errno.SUCCESS, SnapshotFunctions.fdFilestatGet(caller, file, BUFFER));
        answers(Errno.SUCCESS, SnapshotFunctions.pathFilestatGet(caller, MOUNT, 0, PATH, path("file"), BUFFER + 64));
        assertArrayEquals(memory.read(BUFFER, 64), memory.read(BUFFER + 64, 64));
        assertEquals(4, memory.readLong(BUFFER + 16));
        assertEquals(1, memory.readLong(BUFFER + 24));
        assertEquals(5, memory.readLong(BUFFER + 32));
        assertEquals(11, memory.readLong(BUFFER + 40));
        assertEquals(22, memory.readLong(BUFFER + 48));
    }

    @Test
    void theStatusOfADescriptorHasItsForm() {
        int file = open("file", CREATE, Rights.FD_READ, DescriptorFlags.APPEND);
        answers(Errno.SUCCESS, DescriptorFunctions.fdstatGet(caller, file, BUFFER));
        assertEquals(FileType.REGULAR_FILE.code(), memory.readByte(BUFFER));
        assertEquals(DescriptorFlags.APPEND, memory.readShort(BUFFER + 2));
        assertEquals(Rights.FILE & ~Rights.FD_WRITE, memory.readLong(BUFFER + 8));
        assertEquals(0, memory.readLong(BUFFER + 16));
    }

    @Test
    void aMountTellsItsName() {
        answers(Errno.SUCCESS, DescriptorFunctions.prestatGet(caller, MOUNT, BUFFER));
        assertEquals(0, memory.readByte(BUFFER));
        assertEquals(5, memory.readInt(BUFFER + 4));
        answers(Errno.NAMETOOLONG, DescriptorFunctions.prestatDirName(caller, MOUNT, BUFFER, 4));
        answers(Errno.SUCCESS, DescriptorFunctions.prestatDirName(caller, MOUNT, BUFFER, 5));
        assertEquals("/data", memory.readString(BUFFER, 5));
        answers(Errno.BADF, DescriptorFunctions.prestatGet(caller, 1, BUFFER));
        int folder = open(".", DIRECTORY, 0, 0);
        answers(Errno.BADF, DescriptorFunctions.prestatGet(caller, folder, BUFFER));
    }

    @Test
    void rightsThatAreGivenUpAreGoneForWhatIsOpenedToo() {
        long kept = Rights.DIRECTORY & ~Rights.PATH_UNLINK_FILE;
        long inheriting = Rights.INHERITING & ~Rights.FD_WRITE;
        answers(Errno.SUCCESS, DescriptorFunctions.fdstatSetRights(caller, MOUNT, kept, inheriting));
        answers(Errno.NOTCAPABLE, PathFunctions.unlinkFile(caller, MOUNT, PATH, path("x")));
        int file = openNew("file");
        answers(Errno.BADF, write(file, "x"));
        answers(Errno.NOTCAPABLE, DescriptorFunctions.fdstatSetRights(caller, MOUNT, Rights.DIRECTORY, inheriting));
    }

    @Test
    void aFolderIsNotWritten() {
        answers(Errno.SUCCESS, PathFunctions.createDirectory(caller, MOUNT, PATH, path("folder")));
        long both = Rights.FD_READ | Rights.FD_WRITE;
        int length = path("folder");
        answers(Errno.ISDIR, PathFunctions.open(caller, MOUNT, 0, PATH, length, DIRECTORY, both, 0, 0, RESULT));
        answers(Errno.ISDIR, PathFunctions.open(caller, MOUNT, 0, PATH, length, 0, both, 0, 0, RESULT));
        answers(Errno.EXIST, PathFunctions.open(caller, MOUNT, 0, PATH, length, 5, both, 0, 0, RESULT));
        int folder = open("folder", 0, Rights.FD_READ, 0);
        answers(Errno.ISDIR, SnapshotFunctions.fdSeek(caller, folder, 0, 0, RESULT));
        answers(Errno.BADF, write(folder, "x"));
    }

    @Test
    void aListingGoesOnAtItsCookie() {
        for (String name : List.of("a", "bb", "ccc")) {
            answers(Errno.SUCCESS, DescriptorFunctions.close(caller, openNew(name)));
        }
        List<String> names = new ArrayList<>();
        long cookie = 0;
        int room = 24 + 3;
        while (true) {
            answers(Errno.SUCCESS, DescriptorFunctions.readDir(caller, MOUNT, BUFFER, room, cookie, RESULT));
            int used = memory.readInt(RESULT);
            int length = memory.readInt(BUFFER + 16);
            if (used < 24) {
                break;
            }
            assertTrue(used >= 24 + length);
            names.add(memory.readString(BUFFER + 24, length));
            cookie = memory.readLong(BUFFER);
        }
        assertEquals(List.of(".", "..", "a", "bb", "ccc"), names);
        answers(Errno.SUCCESS, DescriptorFunctions.readDir(caller, MOUNT, BUFFER, room, 3, RESULT));
        assertEquals("bb", memory.readString(BUFFER + 24, 2));
    }

    @Test
    void anAppendedGatherIsOnePiece() {
        int file = open("log", CREATE, Rights.FD_READ | Rights.FD_WRITE, DescriptorFlags.APPEND | DescriptorFlags.SYNC);
        memory.write(BUFFER, "abcdef".getBytes(StandardCharsets.UTF_8));
        answers(Errno.SUCCESS, DescriptorFunctions.write(caller, file, 256, vectors(BUFFER, 2, BUFFER + 4, 2), RESULT));
        answers(Errno.SUCCESS, SnapshotFunctions.fdSeek(caller, file, 0, 0, RESULT));
        answers(Errno.SUCCESS, write(file, "!"));
        answers(Errno.SUCCESS, DescriptorFunctions.readAt(caller, file, 256, vectors(BUFFER, 100), 0, RESULT));
        assertEquals("abef!", memory.readString(BUFFER, memory.readInt(RESULT)));
        answers(Errno.SUCCESS, DescriptorFunctions.tell(caller, file, RESULT));
        assertEquals(5, memory.readLong(RESULT));
    }

    @Test
    void positionalWritesLeaveThePosition() {
        int file = openNew("file");
        answers(Errno.SUCCESS, write(file, "aaaa"));
        memory.write(BUFFER, new byte[] {'b', 'c'});
        answers(Errno.SUCCESS, DescriptorFunctions.writeAt(caller, file, 256, vectors(BUFFER, 2), 1, RESULT));
        answers(Errno.SUCCESS, DescriptorFunctions.tell(caller, file, RESULT));
        assertEquals(4, memory.readLong(RESULT));
        answers(Errno.SUCCESS, SnapshotFunctions.fdSeek(caller, file, 0, 0, RESULT));
        answers(Errno.SUCCESS, DescriptorFunctions.read(caller, file, 256, vectors(BUFFER, 9), RESULT));
        assertEquals("abca", memory.readString(BUFFER, 4));
        answers(Errno.SUCCESS, DescriptorFunctions.allocate(caller, file, 10, 10));
        answers(Errno.SUCCESS, SnapshotFunctions.fdSeek(caller, file, 0, 2, RESULT));
        assertEquals(20, memory.readLong(RESULT));
    }

    @Test
    void aStreamHasNoPosition() {
        answers(Errno.SPIPE, SnapshotFunctions.fdSeek(caller, 0, 0, 1, RESULT));
        answers(Errno.SPIPE, DescriptorFunctions.tell(caller, 1, RESULT));
        answers(Errno.SPIPE, DescriptorFunctions.readAt(caller, 0, 256, vectors(BUFFER, 1), 0, RESULT));
        answers(Errno.BADF, DescriptorFunctions.read(caller, 1, 256, vectors(BUFFER, 1), RESULT));
        answers(Errno.BADF, write(0, "x"));
    }

    @Test
    void aDescriptorMovesOverAnother() {
        int file = openNew("file");
        answers(Errno.SUCCESS, DescriptorFunctions.renumber(caller, file, 1));
        answers(Errno.SUCCESS, write(1, "into the file"));
        answers(Errno.BADF, DescriptorFunctions.close(caller, file));
        answers(Errno.SUCCESS, DescriptorFunctions.renumber(caller, 1, 1));
        assertEquals(0, output.size());
        assertEquals(file, openNew("next"));
    }

    @Test
    void aLinkIsReadAsFarAsThereIsRoom() {
        memory.write(OTHER_PATH, "target".getBytes(StandardCharsets.UTF_8));
        answers(Errno.SUCCESS, PathFunctions.symlink(caller, OTHER_PATH, 6, MOUNT, PATH, path("link")));
        answers(Errno.SUCCESS, PathFunctions.readLink(caller, MOUNT, PATH, path("link"), BUFFER, 4, RESULT));
        assertEquals(4, memory.readInt(RESULT));
        assertEquals("targ\0", memory.readString(BUFFER, 5));
        answers(Errno.SUCCESS, PathFunctions.readLink(caller, MOUNT, PATH, path("link"), BUFFER, 40, RESULT));
        assertEquals(6, memory.readInt(RESULT));
        answers(Errno.INVAL, PathFunctions.readLink(caller, MOUNT, PATH, path("."), BUFFER, 40, RESULT));
    }

    @Test
    void openingAlongADanglingLinkMakesItsTarget() {
        memory.write(OTHER_PATH, "target".getBytes(StandardCharsets.UTF_8));
        answers(Errno.SUCCESS, PathFunctions.symlink(caller, OTHER_PATH, 6, MOUNT, PATH, path("link")));
        open("link", CREATE, Rights.FD_WRITE, 0);
        answers(Errno.SUCCESS, SnapshotFunctions.pathFilestatGet(caller, MOUNT, 0, PATH, path("target"), BUFFER));
        assertEquals(FileType.REGULAR_FILE.code(), memory.readByte(BUFFER + 16));
        int length = path("link");
        answers(Errno.EXIST, PathFunctions.open(caller, MOUNT, 1, PATH, length, 5, 0, 0, 0, RESULT));
    }

    @Test
    void everyNameOfASelfIsHandled() {
        answers(Errno.EXIST, PathFunctions.createDirectory(caller, MOUNT, PATH, path(".")));
        answers(Errno.INVAL, PathFunctions.removeDirectory(caller, MOUNT, PATH, path(".")));
        answers(Errno.ISDIR, PathFunctions.unlinkFile(caller, MOUNT, PATH, path("./")));
        answers(Errno.BUSY, PathFunctions.rename(caller, MOUNT, PATH, path("."), MOUNT, PATH, 1));
        answers(Errno.EXIST, PathFunctions.symlink(caller, PATH, path("."), MOUNT, PATH, 1));
        answers(Errno.SUCCESS, PathFunctions.setTimes(caller, MOUNT, 0, PATH, path("."), 5, 6, 5));
        answers(Errno.SUCCESS, SnapshotFunctions.pathFilestatGet(caller, MOUNT, 0, PATH, path("."), BUFFER));
        assertEquals(6, memory.readLong(BUFFER + 48));
    }

    private void clock(int index, long userData, int clock, long timeout, int flags) {
        int at = BUFFER + index * 48;
        memory.write(at, new byte[48]);
        memory.writeLong(at, userData);
        memory.writeInt(at + 16, clock);
        memory.writeLong(at + 24, timeout);
        memory.writeShort(at + 40, flags);
    }

    private void stream(int index, long userData, int kind, int fd) {
        int at = BUFFER + index * 48;
        memory.write(at, new byte[48]);
        memory.writeLong(at, userData);
        memory.writeByte(at + 8, kind);
        memory.writeInt(at + 16, fd);
    }

    @Test
    void theFirstTimeoutEndsAPoll() {
        clock(0, 1, 0, Long.MAX_VALUE, 0);
        clock(1, 2, 1, 2_000_000, 0);
        clock(2, 3, 0, -1, 0);
        answers(Errno.SUCCESS, SnapshotFunctions.pollOneoff(caller, BUFFER, BUFFER + 1_024, 3, RESULT));
        assertEquals(1, memory.readInt(RESULT));
        assertEquals(2, memory.readLong(BUFFER + 1_024));
    }

    @Test
    void aTimeThatHasPassedIsNotWaitedFor() {
        clock(0, 1, 0, 1_000_000_000, 1);
        clock(1, 2, 1, 60_000_000_000L, 0);
        answers(Errno.SUCCESS, SnapshotFunctions.pollOneoff(caller, BUFFER, BUFFER + 1_024, 2, RESULT));
        assertEquals(1, memory.readInt(RESULT));
        clock(0, 1, 2, 0, 0);
        answers(Errno.INVAL, SnapshotFunctions.pollOneoff(caller, BUFFER, BUFFER + 1_024, 1, RESULT));
    }

    @Test
    void aPollTellsEachSubscriptionWhatHoldsForIt() {
        stream(0, 10, 1, 99);
        stream(1, 11, 2, 1);
        stream(2, 12, 1, 0);
        stream(3, 13, 1, 1);
        stream(4, 14, 1, openNew("file"));
        answers(Errno.SUCCESS, SnapshotFunctions.pollOneoff(caller, BUFFER, BUFFER + 1_024, 5, RESULT));
        assertEquals(5, memory.readInt(RESULT));
        int[] errors = {Errno.BADF.code(), 0, 0, Errno.BADF.code(), 0};
        int[] bytes = {0, 1, 5, 0, 0};
        for (int i = 0; i < 5; i++) {
            int event = BUFFER + 1_024 + i * 32;
            assertEquals(10 + i, memory.readLong(event));
            assertEquals(errors[i], memory.readShort(event + 8));
            assertEquals(i == 1 ? 2 : 1, memory.readByte(event + 10));
            assertEquals(bytes[i], memory.readLong(event + 16));
        }
    }

    @Test
    void aReadThatMayNotWaitSaysTryAgain() throws Exception {
        try (PipedOutputStream writer = new PipedOutputStream();
                PipedInputStream input = new PipedInputStream(writer)) {
            start(WasiConfig.none().withStdin(input));
            answers(Errno.SUCCESS, DescriptorFunctions.fdstatSetFlags(caller, 0, DescriptorFlags.NONBLOCK));
            answers(Errno.AGAIN, DescriptorFunctions.read(caller, 0, 256, vectors(BUFFER, 9), RESULT));
            writer.write("now".getBytes(StandardCharsets.UTF_8));
            writer.flush();
            stream(0, 1, 1, 0);
            answers(Errno.SUCCESS, SnapshotFunctions.pollOneoff(caller, BUFFER, BUFFER + 1_024, 1, RESULT));
            answers(Errno.SUCCESS, DescriptorFunctions.read(caller, 0, 256, vectors(BUFFER, 9), RESULT));
            assertEquals("now", memory.readString(BUFFER, memory.readInt(RESULT)));
        }
    }

    @Test
    void clocksGoOn() {
        for (int clock = 0; clock < 4; clock++) {
            answers(Errno.SUCCESS, ProcessFunctions.clockResGet(caller, clock, RESULT));
            assertTrue(memory.readLong(RESULT) > 0);
            answers(Errno.SUCCESS, ProcessFunctions.clockTimeGet(caller, clock, 0, RESULT));
            long before = memory.readLong(RESULT);
            answers(Errno.SUCCESS, ProcessFunctions.schedYield(caller));
            answers(Errno.SUCCESS, ProcessFunctions.clockTimeGet(caller, clock, 0, RESULT));
            assertTrue(memory.readLong(RESULT) >= before);
        }
    }
}
