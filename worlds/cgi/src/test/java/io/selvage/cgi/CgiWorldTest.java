package io.selvage.cgi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.config.ConfigService;
import io.selvage.kv.SqliteKeyValueService;
import io.selvage.node.ConfigurationException;
import io.selvage.node.FunctionDefinition;
import io.selvage.node.FunctionLimits;
import io.selvage.node.GuestException;
import io.selvage.node.Headers;
import io.selvage.node.KeyValueStore;
import io.selvage.node.LimitExceededException;
import io.selvage.node.Services;
import io.selvage.node.World;
import io.selvage.wasm.CompileLimits;
import io.selvage.wasm.Engine;
import io.selvage.wasm.Module;
import io.selvage.wasm.Trap;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs real programs (see {@code src/test/guests}). */
@Timeout(60)
class CgiWorldTest {
    private static final Module PROBE = load("probe.wasm");
    private static final CgiWorld WORLD = new CgiWorld();

    /** Sends nothing before it must. */
    private static final CgiWorld PATIENT = new CgiWorld(Duration.ofHours(1));

    @TempDir
    private Path state;

    private SqliteKeyValueService keyValues;
    private KeyValueStore store;
    private World.Guest guest;

    @BeforeEach
    void prepare() {
        keyValues = SqliteKeyValueService.open(state);
        store = keyValues.store("default");
        guest = guest(FunctionLimits.DEFAULT);
    }

    @AfterEach
    void close() {
        guest.close();
        keyValues.close();
    }

    private World.Guest guest(FunctionLimits limits) {
        return guest(WORLD, PROBE, limits);
    }

    private World.Guest guest(CgiWorld world, Module module, FunctionLimits limits) {
        FunctionDefinition function = new FunctionDefinition(
                "app",
                "probe",
                Map.of("STAGE", "test"),
                Map.of("greeting", "hello"),
                limits,
                Map.of("kv", List.of("default", "second"), "variables", List.of("greeting")));
        return world.prepare(function, module, new Services(List.of(keyValues, new ConfigService())));
    }

    @Test
    void commandsAreRecognized() {
        assertTrue(WORLD.recognizes(PROBE));
        assertTrue(WORLD.recognizes(load("hello.wasm")));
        // (module)
        Module empty = Engine.create().load(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        assertFalse(WORLD.recognizes(empty));
        assertThrows(ConfigurationException.class, () -> guest(WORLD, empty, FunctionLimits.DEFAULT));
    }

    @Test
    void aProgramAnswers() throws IOException {
        World.Guest hello = guest(WORLD, load("hello.wasm"), FunctionLimits.DEFAULT);
        TestExchange exchange = TestExchange.get("");
        hello.handle(exchange);
        assertEquals(200, exchange.status());
        assertEquals(Optional.of("text/plain"), exchange.field("Content-Type"));
        assertEquals("hello\n", exchange.text());
        assertTrue(exchange.closed());
    }

    @Test
    void aProgramSeesItsArgumentsAndItsEnvironment() throws IOException {
        assertEquals("/probe\nargs\na=1\n%20\n", get("args&a=1&%20").text());
        List<String> environment = get("env&x").text().lines().toList();
        assertTrue(
                environment.containsAll(List.of(
                        "STAGE=test",
                        "GREETING=hello",
                        "REQUEST_METHOD=GET",
                        "QUERY_STRING=env&x",
                        "X_FULL_URL=http://shop.example:8080/probe?env&x")),
                environment::toString);
    }

    @Test
    void theBodyIsStandardInput() throws IOException {
        byte[] body = new byte[3_000_000];
        new Random(1).nextBytes(body);
        TestExchange exchange = TestExchange.post("echo", body);
        guest.handle(exchange);
        assertArrayEquals(body, exchange.bytes());
        assertTrue(exchange.closed());
    }

    @Test
    void aResponseStreamsWhileTheProgramWaits() throws Exception {
        PipedInputStream body = new PipedInputStream();
        try (PipedOutputStream client = new PipedOutputStream(body);
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            TestExchange exchange =
                    new TestExchange(TestExchange.request("POST", "/probe", "converse", new Headers()), body);
            Future<Boolean> handled = executor.submit(() -> {
                guest.handle(exchange);
                return true;
            });
            assertEquals("first", exchange.pieces().poll(20, TimeUnit.SECONDS));
            client.write('x');
            client.flush();
            assertEquals("second", exchange.pieces().poll(20, TimeUnit.SECONDS));
            assertTrue(handled.get());
            assertTrue(exchange.closed());
        }
    }

    @Test
    void whatIsNoResponseSaysWhy() {
        assertGuestException("nothing&0", "without writing a response");
        assertGuestException("nothing&3", "with code 3 without writing a response");
        assertGuestException("raw&hello~", "\"hello\"");
        assertGuestException("raw&Content-Type:_text/plain~", "in the middle of the response's head");
        assertGuestException("raw&Status:_1000~~", "Status: 1000");
        assertGuestException("long-head", "64 KiB");
        assertGuestException("declare&10&5", "5 of the 10 bytes");
        assertGuestException("declare&5&10", "more than the 5 bytes");
    }

    private void assertGuestException(String query, String expected) {
        World.Guest patient = guest(PATIENT, PROBE, FunctionLimits.DEFAULT);
        TestExchange exchange = TestExchange.get(query);
        String message = assertThrows(GuestException.class, () -> patient.handle(exchange))
                .getMessage();
        assertTrue(message.contains(expected), message);
        assertFalse(exchange.responded());
    }

    @Test
    void aTrapBeforeTheResponseBeganLeavesTheAnswerToTheCaller() {
        World.Guest patient = guest(PATIENT, PROBE, FunctionLimits.DEFAULT);
        TestExchange exchange = TestExchange.get("body-then-trap&100");
        Trap trap = assertThrows(Trap.class, () -> patient.handle(exchange));
        assertEquals(Trap.Kind.UNREACHABLE, trap.kind());
        assertFalse(exchange.responded());
    }

    @Test
    void aTrapAfterwardsLeavesTheResponseOpen() {
        TestExchange exchange = TestExchange.get("body-then-trap&100000");
        assertThrows(Trap.class, () -> guest.handle(exchange));
        assertTrue(exchange.responded());
        assertFalse(exchange.closed());
    }

    @Test
    void aClientThatLeavesEndsTheProgram() {
        TestExchange exchange = TestExchange.get("body&1000000000").clientLeavesAfter(100_000);
        assertThrows(IOException.class, () -> guest.handle(exchange));
        assertFalse(exchange.closed());
    }

    @Test
    void standardErrorGoesToTheLog() throws IOException {
        List<String> logged = get("log").logged();
        assertEquals(List.of("one", "two"), logged.subList(0, 2));
        assertEquals("äö".repeat(3000), String.join("", logged.subList(2, logged.size() - 1)));
        assertEquals("last", logged.getLast());
        assertTrue(get("log-for-ever").logged().size() < 10_000);
    }

    @Test
    void anEndlessLoopEnds() {
        FunctionLimits limits = new FunctionLimits(
                64 << 20, Duration.ofMillis(200), Duration.ofSeconds(20), 1 << 20, 1, 1, CompileLimits.DEFAULT);
        World.Guest limited = guest(limits);
        Trap trap = assertThrows(Trap.class, () -> limited.handle(TestExchange.get("loop")));
        assertEquals(Trap.Kind.CPU_TIME_EXCEEDED, trap.kind());
    }

    @Test
    void anInterruptEndsALoop() throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Trap> ended = executor.submit(() -> {
                Thread.currentThread().interrupt();
                return assertThrows(Trap.class, () -> guest.handle(TestExchange.get("loop")));
            });
            assertEquals(Trap.Kind.INTERRUPTED, ended.get().kind());
        }
    }

    @Test
    void endlessRecursionIsATrap() {
        Trap trap = assertThrows(Trap.class, () -> guest.handle(TestExchange.get("recurse")));
        assertTrue(
                List.of(Trap.Kind.CALL_STACK_EXHAUSTED, Trap.Kind.MEMORY_OUT_OF_BOUNDS)
                        .contains(trap.kind()),
                trap.kind().toString());
    }

    @Test
    void aProgramThatOutgrowsItsMemoryBreaksALimit() throws IOException {
        FunctionLimits limits = new FunctionLimits(
                16 << 20, Duration.ofSeconds(10), Duration.ofSeconds(20), 1 << 20, 1, 1, CompileLimits.DEFAULT);
        World.Guest limited = guest(limits);
        LimitExceededException e =
                assertThrows(LimitExceededException.class, () -> limited.handle(TestExchange.get("outgrow")));
        assertEquals(LimitExceededException.Limit.MEMORY, e.limit());
        assertTrue(e.getMessage().contains("16 MiB"), e.getMessage());
        TestExchange exchange = TestExchange.get("outgrow&gracefully");
        limited.handle(exchange);
        assertEquals(507, exchange.status());
    }

    @Test
    void everyRequestHasAFreshTemporaryFolder() throws IOException {
        assertEquals("create: ok\n", get("create&/tmp/a&x").text());
        assertEquals("create: ok\n", get("create&/tmp/a&x").text());
        assertEquals("", get("list&/tmp").text());
        assertEquals(
                "write: Capabilities insufficient\n", get("write&/etc/passwd&x").text());
    }

    @Test
    void aGrantedStoreIsAFolder() throws IOException {
        assertEquals(
                "read: No such file or directory\n", get("read&/kv/default/a").text());
        assertEquals("write: ok\n", get("write&/kv/default/a&one").text());
        assertEquals("one", value("a"));
        assertEquals("3:one", get("read&/kv/default/a").text());
        assertEquals("append: ok\n", get("append&/kv/default/a&,two").text());
        assertEquals("append: ok\n", get("append&/kv/default/b&one").text());
        assertEquals("patch: ok\n", get("patch&/kv/default/a&XY").text());
        assertEquals("onXYtwo", value("a"));
        assertEquals("create: File exists\n", get("create&/kv/default/a&x").text());
        assertEquals("create: ok\n", get("create&/kv/default/user/1&Ann").text());
        assertEquals("a\nb\nuser/\n", get("list&/kv/default").text());
        assertEquals("1\n", get("list&/kv/default/user").text());
        assertEquals("file 3\n", get("stat&/kv/default/user/1").text());
        assertEquals("folder 0\n", get("stat&/kv/default/user").text());
        assertEquals("truncate: ok\n", get("truncate&/kv/default/a&2").text());
        assertEquals("on", value("a"));
        assertEquals("rename: ok\n", get("rename&/kv/default/a&/kv/default/c").text());
        assertEquals("on", value("c"));
        assertEquals(
                "rename: Cross-device link\n",
                get("rename&/kv/default/c&/kv/second/c").text());
        assertEquals("unlink: ok\n", get("unlink&/kv/default/c").text());
        assertEquals(
                "unlink: No such file or directory\n",
                get("unlink&/kv/default/c").text());
        assertEquals("huge: File too large\n", get("huge&/kv/default/h").text());
        assertEquals("", get("left-open&/kv/default/l&kept").text());
        assertEquals("kept", value("l"));
    }

    @Test
    void aStoreWithoutAGrantIsNotThere() throws IOException {
        keyValues.store("third").set("a", new byte[1]);
        assertEquals(
                "read: Capabilities insufficient\n", get("read&/kv/third/a").text());
        assertEquals(
                "read: Capabilities insufficient\n",
                get("read&/kv/default/../third/a").text());
    }

    @Test
    void aTrapCommitsNothing() throws IOException {
        store.set("a", "one".getBytes(UTF_8));
        for (String query : List.of("trap-while-open&/kv/default/a&two", "trap-after-create&/kv/default/lock&x")) {
            assertThrows(Trap.class, () -> guest.handle(TestExchange.get(query)));
        }
        assertEquals("one", value("a"));
        assertFalse(store.exists("lock"));
    }

    @Test
    void onlyOneOfManyRequestsCreates() throws Exception {
        List<Future<String>> answers = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                answers.add(executor.submit(
                        () -> get("create&/kv/default/lock&mine").text()));
            }
        }
        int won = 0;
        for (Future<String> answer : answers) {
            won += answer.get().equals("create: ok\n") ? 1 : 0;
        }
        assertEquals(1, won);
    }

    private String value(String key) throws IOException {
        return new String(store.get(key).orElseThrow().value(), UTF_8);
    }

    private TestExchange get(String query) throws IOException {
        TestExchange exchange = TestExchange.get(query);
        guest.handle(exchange);
        return exchange;
    }

    private static Module load(String name) {
        try (InputStream stream = CgiWorldTest.class.getResourceAsStream("/" + name)) {
            return Engine.create().load(stream.readAllBytes());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
