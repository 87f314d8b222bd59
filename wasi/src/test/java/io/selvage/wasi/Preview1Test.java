package io.selvage.wasi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasi.Guests.Outcome;
import io.selvage.wasm.RunLimits;
import io.selvage.wasm.Trap;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole programs, compiled by clang with wasi-libc. */
class Preview1Test {
    private static final WasiConfig NONE = WasiConfig.none();

    @TempDir
    private Path temporary;

    @Test
    void argumentsAndEnvironmentArriveInOrder() {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("Z", "last letter first");
        environment.put("A", "ä=b");
        Outcome outcome = Guests.run("environment", NONE.withEnvironment(environment), "", "two words", "ü");
        assertEquals("[environment]\n[]\n[two words]\n[ü]\n[Z=last letter first]\n[A=ä=b]\n", outcome.output());
    }

    @Test
    void withoutArgumentsAndEnvironmentThereAreNone() {
        assertEquals(
                "",
                Guests.run(Guests.guest("environment"), NONE, RunLimits.none()).output());
    }

    @ParameterizedTest
    @CsvSource({"return, 0", "exit, 42", "quick, 7", "other, 3"})
    void theExitCodeIsTheGuests(String how, int code) {
        assertEquals(new Outcome(code, "before\n", ""), Guests.run("ending", NONE, how));
    }

    @Test
    void aTrapReachesTheCaller() {
        Trap trap = assertThrows(Trap.class, () -> Guests.run("ending", NONE, "trap"));
        assertEquals(Trap.Kind.UNREACHABLE, trap.kind());
    }

    @Test
    void anEmbeddersOwnDataMayHoldTheContext() {
        record Request(String id, WasiContext wasi) implements HasWasi {}

        WasiContext context = NONE.withArguments(List.of("x", "exit")).open();
        assertEquals(42, Preview1.run(Guests.guest("ending"), new Request("1", context), RunLimits.none()));
    }

    @Test
    void aReactorIsInitialized() {
        assertEquals("initialized\n", Guests.run("reactor", NONE).output());
    }

    @Test
    void inputAndOutputStream() throws IOException {
        byte[] input = new byte[1 << 20];
        new Random(1).nextBytes(input);
        long[] seen = new long[2];
        OutputStream counting = new OutputStream() {
            @Override
            public void write(int b) {
                seen[0]++;
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                seen[0] += length;
                seen[1] = Math.max(seen[1], length);
            }
        };
        WasiContext context = NONE.withStdin(new ByteArrayInputStream(input))
                .withStdout(counting)
                .open();
        assertEquals(0, Preview1.run(Guests.guest("upper"), context, RunLimits.none()));
        assertEquals(input.length, seen[0]);
        assertEquals(4_096, seen[1]);
    }

    @Test
    void whatIsWrittenIsThereBeforeTheGuestReadsOn() throws Exception {
        try (PipedOutputStream toGuest = new PipedOutputStream();
                PipedInputStream guestInput = new PipedInputStream(toGuest);
                PipedInputStream fromGuest = new PipedInputStream()) {
            PipedOutputStream guestOutput = new PipedOutputStream(fromGuest);
            WasiContext context =
                    NONE.withStdin(guestInput).withStdout(guestOutput).open();
            Thread guest =
                    Thread.ofVirtual().start(() -> Preview1.run(Guests.guest("upper"), context, RunLimits.none()));
            toGuest.write("ping".getBytes(StandardCharsets.UTF_8));
            toGuest.flush();
            assertEquals("PING", new String(fromGuest.readNBytes(4), StandardCharsets.UTF_8));
            toGuest.write("pong".getBytes(StandardCharsets.UTF_8));
            toGuest.close();
            assertEquals("PONG", new String(fromGuest.readNBytes(4), StandardCharsets.UTF_8));
            guest.join();
        }
    }

    @Test
    void aBrokenOutputIsAnErrorOfTheGuest() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        WasiContext context = NONE.withStdin(new ByteArrayInputStream(new byte[] {1}))
                .withStdout(broken)
                .open();
        assertEquals(1, Preview1.run(Guests.guest("upper"), context, RunLimits.none()));
    }

    @Test
    void filesWorkAlikeOnEveryMount() {
        String expected = FILES.indent(0);
        Outcome host = Guests.run("files", NONE.withMount("/data", HostFolder.of(temporary)), "/data");
        assertEquals(expected, host.output());
        Outcome memory = Guests.run("files", NONE.withMount("/data", MemoryFolder.ofSize(1 << 20)), "/data");
        assertEquals(expected, memory.output());
    }

    private static final String FILES = """
            mkdir: ok
            mkdir again: File exists
            close: ok
            sub/one: "first
            12345
            "
            sub/one: "first
            54321
            last"
            exclusive: File exists
            rename: ok
            symlink: ok
            link: "first
            54321
            last"
            link: ok
            nofollow: Symbolic link loop
            stat: ok
            size 16 links 2 regular 1
            lstat: ok
            size 3 link 1
            list .: . .. link sub three two
            truncate: ok
            three: "fir"
            write to a file for reading: Bad file descriptor
            out: Capabilities insufficient
            out by a link: ok
            through it: Capabilities insufficient
            absolute link: Capabilities insufficient
            rmdir full: Directory not empty
            unlink: ok
            rmdir: ok
            unlink a folder: Is a directory
            list .: . .. two
            """;

    @Test
    void aReadOnlyMountSaysSo() throws IOException {
        Files.writeString(temporary.resolve("two"), "x");
        Mount mount = HostFolder.of(temporary).readOnly();
        Outcome outcome = Guests.run("files", NONE.withMount("/data", mount), "/data");
        assertEquals(
                "mkdir: Read-only file system\nmkdir again: Read-only file system\n"
                        + "create: No such file or directory\n",
                outcome.output());
        Outcome other = Guests.run("ending", NONE.withMount("/data", mount), "return", "/data/new");
        assertEquals(99, other.code());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLargeFolderIsListedWhole(boolean host) {
        Mount mount = host ? HostFolder.of(temporary) : MemoryFolder.ofSize(4 << 20);
        assertEquals(
                "2004\n",
                Guests.run("many", NONE.withMount("/d", mount), "/d", "1000").output());
    }

    @ParameterizedTest
    @CsvSource({
        "close, committed left open",
        "return, committed left open",
        "exit, committed left open",
        "trap, discarded",
    })
    void aFileLeftOpenIsCommittedUnlessTheGuestWasEnded(String how, String fate) {
        CommittingMount mount = new CommittingMount(false);
        WasiConfig config = NONE.withMount("/store", mount);
        if (how.equals("trap")) {
            assertThrows(Trap.class, () -> Guests.run("ending", config, how, "/store/key"));
        } else {
            Guests.run("ending", config, how, "/store/key");
        }
        assertEquals(fate, mount.fate());
    }

    @Test
    void aCommitThatFailsIsToldByClose() {
        WasiConfig config = NONE.withMount("/store", new CommittingMount(true));
        assertEquals(98, Guests.run("ending", config, "close", "/store/key").code());
        WasiException failure =
                assertThrows(WasiException.class, () -> Guests.run("ending", config, "return", "/store/key"));
        assertEquals(Errno.IO, failure.errno());
    }

    @Test
    void aMountThatIsNotTouchedIsNotOpened() {
        Mount mount = () -> {
            throw new AssertionError("opened");
        };
        assertEquals(0, Guests.run("ending", NONE.withMount("/never", mount)).code());
    }

    @Test
    void thereIsAnEndToOpenFiles() {
        WasiConfig config = NONE.withMount("/d", MemoryFolder.ofSize(1 << 20)).withDescriptorLimit(4);
        assertEquals(99, Guests.run("ending", config, "return", "/d/x").code());
        assertEquals(
                0,
                Guests.run("ending", config.withDescriptorLimit(5), "return", "/d/x")
                        .code());
    }

    @Test
    void pollingTellsInputThatIsThere() {
        String expected = "slept 1\noutput ready 1\ninput ready 1\nread 5\n";
        InputStream input = new ByteArrayInputStream("input".getBytes(StandardCharsets.UTF_8));
        assertEquals(expected, Guests.run("waiting", NONE.withStdin(input)).output());
    }

    @Test
    void pollingTellsTheEndOfInput() {
        String expected = "slept 1\noutput ready 1\ninput ready 1\nread 0\n";
        assertEquals(expected, Guests.run("waiting", NONE, "60000").output());
    }

    @Test
    void pollingGivesUpWhenNothingComes() throws IOException {
        try (PipedOutputStream silent = new PipedOutputStream();
                PipedInputStream input = new PipedInputStream(silent)) {
            String expected = "slept 1\noutput ready 1\ninput ready 0\n";
            assertEquals(
                    expected, Guests.run("waiting", NONE.withStdin(input), "30").output());
        }
    }

    @Test
    void pollingWaitsForInputThatDoesNotAnnounceItself() {
        InputStream late = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("not read byte by byte");
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                byte[] text = "late".getBytes(StandardCharsets.UTF_8);
                System.arraycopy(text, 0, target, offset, text.length);
                return text.length;
            }
        };
        String expected = "slept 1\noutput ready 1\ninput ready 1\nread 4\n";
        assertEquals(
                expected, Guests.run("waiting", NONE.withStdin(late), "60000").output());
    }

    @Test
    void nobodySleepsPastTheDeadline() {
        long start = System.nanoTime();
        assertEquals(Trap.Kind.DEADLINE_EXCEEDED, endOfSleep(RunLimits.none().withWall(Duration.ofMillis(100))));
        assertTrue(System.nanoTime() - start < Duration.ofSeconds(20).toNanos());
    }

    @Test
    void sleepingCostsNoProcessorTime() {
        endOfSleep(RunLimits.none().withWall(Duration.ofMillis(50)));
        RunLimits limits = RunLimits.none().withCpu(Duration.ofMillis(1_000)).withWall(Duration.ofMillis(1_500));
        assertEquals(Trap.Kind.DEADLINE_EXCEEDED, endOfSleep(limits));
    }

    private static Trap.Kind endOfSleep(RunLimits limits) {
        return assertThrows(Trap.class, () -> Guests.run(Guests.guest("sleeper"), NONE, limits))
                .kind();
    }

    @Test
    void aTerminalIsOneOnlyWhenSaidSo() {
        assertEquals("000\n", Guests.run("terminal", NONE).output());
        assertEquals(
                "101\n",
                Guests.run("terminal", NONE.withTerminals(true, false, true)).output());
    }

    @Test
    void randomNumbersDifferUnlessTheyAreGiven() {
        String one = Guests.run("random", NONE).output();
        assertEquals(33, one.length());
        assertNotEquals(one, Guests.run("random", NONE).output());
        String given = Guests.run("random", NONE.withRandom(new Random(5))).output();
        assertEquals(given, Guests.run("random", NONE.withRandom(new Random(5))).output());
    }

    @Test
    void theInterfaceOf2019HasItsOwnForms() throws IOException {
        Files.writeString(temporary.resolve("file"), "0123456789");
        Outcome outcome = Guests.run("unstable", NONE.withMount("/", HostFolder.of(temporary)));
        assertEquals(new Outcome(0, "unstable\n", ""), outcome);
    }

    @Test
    void aContextOpensNothingOfTheHost() throws IOException {
        WasiConfig config = NONE.withMount("/data", HostFolder.of(temporary));
        for (int i = 0; i < 100; i++) {
            assertFalse(Guests.run("ending", config).output().isEmpty());
        }
    }
}
