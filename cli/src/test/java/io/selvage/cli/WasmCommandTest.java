package io.selvage.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code selvage wasm} runs, inspects, validates and tests modules, and says in its exit code how it went. */
class WasmCommandTest {
    /** What a command has done. */
    private record Answer(int code, String out, String err) {}

    private static Answer wasm(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(new WasmCommand());
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return new Answer(line.execute(arguments), out.toString(), err.toString());
    }

    private static String file(String name) {
        try {
            return Path.of(Objects.requireNonNull(WasmCommandTest.class.getResource(name), name)
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static final String CALCULATOR = file("modules/calculator.wasm");

    @Test
    void aFunctionIsCalledWithNumbers() {
        assertEquals(new Answer(0, "42\n", ""), wasm("run", "--invoke", "add", CALCULATOR, "20", "22"));
        assertEquals(new Answer(0, "-1\n", ""), wasm("run", "--invoke", "add", CALCULATOR, "0xfffffffe", "1"));
        assertEquals(new Answer(0, "0.25\n1.5\n-1\n", ""), wasm("run", "--invoke", "many", CALCULATOR, "1.5", "0.25"));
        assertEquals(new Answer(0, "inf\nNaN\n-1\n", ""), wasm("run", "--invoke", "many", CALCULATOR, "nan", "inf"));
    }

    @Test
    void aProfileIsWrittenAsAPageOrAsLines(@TempDir Path folder) throws IOException {
        Path page = folder.resolve("profile.html");
        Answer answer =
                wasm("run", "--profile", page.toString(), "--repeat", "100", "--invoke", "add", CALCULATOR, "1", "2");
        assertEquals(0, answer.code(), answer.err());
        assertTrue(answer.err().contains("samples to " + page), answer.err());
        String html = Files.readString(page);
        assertTrue(html.contains("<h1>calculator.wasm</h1>"), html);
        assertTrue(html.contains("{\"period\":2,\"tree\":[\"calculator.wasm\","), html);
    }

    @Test
    void theSamplesOfAGraphAreAddedUp(@TempDir Path folder) throws IOException {
        FlameGraph graph = new FlameGraph();
        graph.add(List.of("main", Demangler.demangle("_ZN4hash5mixerEjj")));
        graph.add(List.of("main", "hash::mixer"));
        graph.add(List.of("main"));
        graph.add(List.of(Demangler.demangle("_ZN4core3fmt5write17h0123456789abcdefE"), "</script>"));
        Path lines = folder.resolve("graph.folded");
        graph.write(lines, "test", 2);
        assertEquals("core::fmt::write;</script> 1\nmain 1\nmain;hash::mixer 2\n", sorted(Files.readString(lines)));
        Path page = folder.resolve("graph.html");
        graph.write(page, "<test>", 2);
        assertTrue(Files.readString(page).contains("<h1>&lt;test&gt;</h1>"));
        assertTrue(Files.readString(page).contains("\\u003c/script>"));
    }

    private static String sorted(String lines) {
        return lines.lines().sorted().map(line -> line + "\n").collect(Collectors.joining());
    }

    @Test
    void aReferenceCanBeNull(@TempDir Path folder) throws IOException {
        Path module = Files.writeString(
                folder.resolve("same.wat"),
                "(module (func (export \"same\") (param externref) (result externref) local.get 0))");
        assertEquals(
                new Answer(0, "<null reference>\n", ""), wasm("run", "--invoke", "same", module.toString(), "null"));
        assertFails(wasm("run", "--invoke", "same", module.toString(), "7"), "only null can be given");
        assertFails(wasm("run", "--invoke", "same", module.toString()), "it takes 1 argument (");
    }

    @Test
    void negativeNumbersAreNoOptions() {
        assertEquals(new Answer(0, "-7\n", ""), wasm("run", "--invoke", "add", CALCULATOR, "-3", "-4"));
    }

    @Test
    void repeatedCallsAreMeasured() throws IOException {
        Answer answer = wasm("run", "--json", "--repeat", "3", "--invoke", "add", CALCULATOR, "1", "2");
        JsonNode json = new ObjectMapper().readTree(answer.out());
        assertEquals(3, json.path("result").path(0).asInt());
        assertEquals(3, json.path("calls_ns").size());
        assertTrue(json.path("trap").isNull());
        assertTrue(json.path("compile_ns").asLong() > 0);
        assertTrue(json.path("instantiate_ns").asLong() > 0);
    }

    @Test
    void aTrapIsExplainedWithTheGuestsStack() throws IOException {
        Answer answer = wasm("run", "--invoke", "divide", CALCULATOR, "1", "0");
        assertEquals(134, answer.code());
        assertEquals("", answer.out());
        assertTrue(answer.err().contains("trapped: integer divide by zero"), answer.err());
        assertTrue(answer.err().contains("at divide [func 1 at 0x"), answer.err());
        Answer json = wasm("run", "--json", "--invoke", "divide", CALCULATOR, "1", "0");
        assertEquals(
                "integer divide by zero",
                new ObjectMapper().readTree(json.out()).path("trap").asText());
    }

    @Test
    void anExceptionThatNothingCatchesEndsTheProgramAsATrapDoes(@TempDir Path folder) throws IOException {
        String thrower = Files.writeString(
                        folder.resolve("throw.wat"),
                        "(module (tag $e (param i64)) (func (export \"f\") (throw $e (i64.const 3))))")
                .toString();
        Answer answer = wasm("run", "--json", "--invoke", "f", thrower);
        assertEquals(134, answer.code());
        assertTrue(answer.err().contains("throw.wat ended: uncaught exception"), answer.err());
        assertTrue(answer.err().contains("at f [func 0 at 0x"), answer.err());
        String trap = new ObjectMapper().readTree(answer.out()).path("trap").asText();
        assertTrue(trap.endsWith("it carries [3] of [i64]"), trap);
    }

    @Test
    void aWrongCallIsExplained() {
        assertFails(wasm("run", "--invoke", "subtract", CALCULATOR), "exports no function \"subtract\"");
        assertFails(wasm("run", "--invoke", "add", CALCULATOR, "1"), "takes 2 arguments");
        assertFails(
                wasm("run", "--invoke", "add", CALCULATOR, "1", "x"),
                "cannot call \"add\" of " + CALCULATOR + ": argument 2: \"x\" is not an i32");
        assertFails(wasm("run", "--invoke", "add", CALCULATOR, "1", "4294967296"), "is not an i32");
        assertFails(wasm("run", "no-such.wasm"), "there is no such file");
        Answer silent = wasm("run", CALCULATOR);
        assertEquals(0, silent.code());
        assertTrue(silent.err().contains("exports no _start") && silent.err().contains("add, "), silent.err());
        assertFails(wasm("run", file("modules/cut.wasm")), "at byte 53");
        assertRefused(wasm("run", "--memory", "much", CALCULATOR), "is not a size such as 64MiB");
        assertFails(wasm("run", "--dir", "no-such-folder", file("modules/exit.wasm")), "no-such-folder");
    }

    private static void assertFails(Answer answer, String because) {
        assertEquals(1, answer.code(), answer.err());
        assertTrue(answer.err().contains(because), answer.err());
        assertEquals("", answer.out());
    }

    @Test
    void whatCannotWorkIsRefusedBeforeTheProgramRuns(@TempDir Path folder) {
        assertRefused(wasm("run", "--json", CALCULATOR), "--json describes a call: it needs --invoke");
        assertRefused(wasm("run", "--repeat", "3", CALCULATOR), "--repeat repeats a call: it needs --invoke");
        assertRefused(wasm("run", "--repeat", "0", "--invoke", "add", CALCULATOR, "1", "2"), "1 or more, not 0");
        assertRefused(wasm("run", "--timeout", "1x", CALCULATOR), "--timeout: \"1x\" is not a time");
        assertRefused(
                wasm("run", "--memory", "99999999999GiB", CALCULATOR), "--memory: \"99999999999GiB\" is more than");
        assertRefused(wasm("run", "--env", "=x", CALCULATOR), "not \"=x\"");
        String nowhere = folder.resolve("none/graph.html").toString();
        assertRefused(wasm("run", "--profile", nowhere, CALCULATOR), "there is no folder " + folder.resolve("none"));
        assertRefused(wasm("run", "--profile", folder.toString(), CALCULATOR), "it is a folder");
    }

    private static void assertRefused(Answer answer, String because) {
        assertEquals(2, answer.code(), answer.err());
        assertTrue(answer.err().contains(because), answer.err());
    }

    @Test
    void aFileThatIsNotThereIsNamedOnce() {
        assertTrue(wasm("validate", "no-such.wasm")
                .out()
                .startsWith("no-such.wasm: unreadable: there is no such file or folder"));
        assertTrue(wasm("spectest", "no-such.wast").err().contains("no-such.wast: there is no such file or folder"));
    }

    @Test
    void aProgramsExitCodeIsPassedOn() {
        String exit = file("modules/exit.wasm");
        assertEquals(new Answer(1, "", ""), wasm("run", exit));
        assertEquals(new Answer(3, "", ""), wasm("run", exit, "one", "two"));
        assertEquals(new Answer(23, "", ""), wasm("run", "--env", "A=1", "--env", "B=", exit, "--env", "--json"));
    }

    @Test
    void importsThatNothingProvidesAreNamedOrStubbed() {
        String missing = file("modules/missing.wasm");
        assertFails(wasm("run", "--invoke", "leave", missing), "nowhere.thing");
        assertEquals(new Answer(0, "5\n", ""), wasm("run", "--stub-imports", "--invoke", "leave", missing));
        Answer called = wasm("run", "--stub-imports", "--invoke", "call", missing);
        assertEquals(134, called.code());
        assertTrue(called.err().contains("nowhere"), called.err());
    }

    @Test
    void limitsHold() {
        Answer late = wasm("run", "--timeout", "50ms", "--invoke", "forever", CALCULATOR);
        assertEquals(134, late.code());
        assertTrue(late.err().contains("deadline"), late.err());
        Answer large = wasm("run", "--memory", "64KiB", "--invoke", "pages", CALCULATOR);
        assertEquals(134, large.code());
        assertTrue(large.err().contains("memory"), large.err());
        Answer code = wasm("run", "--code", "100", "--invoke", "add", CALCULATOR, "1", "2");
        assertEquals(134, code.code());
        assertTrue(code.err().contains("compile limit exceeded: the functions called so far take "), code.err());
        assertTrue(code.err().contains("and the module may have 100; allow it more"), code.err());
        Answer slow = wasm("run", "--compile-time", "0ms", "--invoke", "add", CALCULATOR, "1", "2");
        assertTrue(slow.err().contains("ms, and the module may take 0"), slow.err());
    }

    @Test
    void filesAreValidatedOnALineEach() {
        Answer answer = wasm("validate", CALCULATOR, file("modules/cut.wasm"), "no-such.wasm");
        assertEquals(1, answer.code());
        assertEquals(3, answer.out().lines().count());
        assertTrue(answer.out().contains("calculator.wasm: valid\n"), answer.out());
        assertTrue(answer.out().contains("cut.wasm: malformed: "), answer.out());
        assertTrue(answer.out().contains("at byte "), answer.out());
        assertTrue(answer.out().contains("no-such.wasm: unreadable: "), answer.out());
        assertEquals(0, wasm("validate", CALCULATOR).code());
    }

    @Test
    void everyFunctionIsCompiledIfThatIsAskedFor() {
        Answer answer = wasm("validate", "--compile", CALCULATOR, file("modules/cut.wasm"));
        assertEquals(1, answer.code());
        assertTrue(answer.out().matches("(?s).*calculator\\.wasm: valid, compiled in \\d+ ms\\R.*"), answer.out());
        assertTrue(answer.out().contains("cut.wasm: malformed: "), answer.out());
    }

    @Test
    void aModuleIsInspected() throws IOException {
        Answer text = wasm("inspect", CALCULATOR);
        assertEquals(0, text.code());
        assertTrue(text.out().contains("divide: function (i64, i64) -> i64"), text.out());
        assertTrue(text.out().contains("memory, 2 to 10 pages"), text.out());
        JsonNode json = new ObjectMapper()
                .readTree(wasm("inspect", "--json", file("modules/exit.wasm")).out());
        assertEquals("args_sizes_get", json.path("imports").path(0).path("name").asText());
        assertEquals("_start", json.path("exports").path(1).path("name").asText());
        assertEquals(1, json.path("memories").path(0).path("minimum").asInt());
        assertEquals(1, wasm("inspect", file("modules/cut.wasm")).code());
    }

    @Test
    void theTestSuitesRunnerNoticesEveryWrongExpectation() {
        Answer answer = wasm("spectest", file("spectest"));
        assertEquals(1, answer.code());
        assertTrue(answer.out().contains("right.json: 21 passed, 0 failed, 0 skipped\n"), answer.out());
        assertTrue(answer.out().contains("wrong.json: 1 passed, 13 failed, 0 skipped\n"), answer.out());
        assertTrue(
                answer.out().contains("FAILED wrong.wast:8: assert_return: one(): expected [i32 2], got [i32 1]"),
                answer.out());
        assertTrue(answer.out().endsWith("24 passed, 13 failed, 2 skipped\n"), answer.out());
    }

    @Test
    void theTestSuitesRunnerReadsScriptsAsTheyAre() {
        Answer answer = wasm("spectest", "src/test/modules");
        assertEquals(1, answer.code());
        assertTrue(answer.out().contains("right.wast: 21 passed, 0 failed, 0 skipped\n"), answer.out());
        assertTrue(answer.out().contains("wrong.wast: 1 passed, 13 failed, 0 skipped\n"), answer.out());
        assertTrue(
                answer.out().contains("wrong.wast:8: assert_return: one(): expected [i32 2], got [i32 1]"),
                answer.out());
    }

    @Test
    void aModuleMayBeText() {
        String calculator = "src/test/modules/calculator.wat";
        assertEquals(new Answer(0, "42\n", ""), wasm("run", "--invoke", "add", calculator, "20", "22"));
        assertTrue(wasm("inspect", calculator).out().contains("divide: function (i64, i64) -> i64"));
        Answer answer = wasm("validate", calculator, "src/test/modules/right.wast");
        assertTrue(answer.out().contains("calculator.wat: valid\n"), answer.out());
        assertTrue(answer.out().contains("right.wast: malformed: unexpected token"), answer.out());
        assertFails(wasm("run", "src/test/modules/right.wast"), "(at ");
    }

    /** A counter that is set up by {@code set}, and other initializers that go wrong; it has no name section. */
    private static final String COUNTER = """
            (module (memory 1) (global (mut i32) (i32.const 1))
              (func (export "set") (i32.store (i32.const 8) (i32.const 40)) (global.set 0 (i32.const 2)))
              (func (export "get") (result i32) (i32.add (i32.load (i32.const 8)) (global.get 0)))
              (func (export "two") (param i32 i32))
              (func (export "trap") unreachable)
              (func (param i32) (result i32)
                (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0))
              (func (export "work") (param i32) (result i32) (call 4 (local.get 0))))
            """;

    @Test
    void aSnapshotBeginsWhereItsInitializerEnded(@TempDir Path folder) throws IOException {
        String counter =
                Files.writeString(folder.resolve("counter.wat"), COUNTER).toString();
        String ready = folder.resolve("ready.wasm").toString();
        assertEquals(new Answer(0, "1\n", ""), wasm("run", "--invoke", "get", counter));
        assertEquals(new Answer(0, "", ""), wasm("snapshot", "--init", "set", "-o", ready, counter));
        assertEquals(new Answer(0, "42\n", ""), wasm("run", "--invoke", "get", ready));
        assertTrue(wasm("validate", ready).out().contains("ready.wasm: valid"));
        assertFails(wasm("run", "--invoke", "set", ready), "exports no function \"set\"");
    }

    @Test
    void aSnapshotThatCannotBeMadeIsExplainedAndNotWritten(@TempDir Path folder) throws IOException {
        String counter =
                Files.writeString(folder.resolve("counter.wat"), COUNTER).toString();
        Path out = folder.resolve("ready.wasm");
        assertFails(wasm("snapshot", "-o", out.toString(), counter), "name the initializer with --init");
        assertFails(wasm("snapshot", "--init", "none", "-o", out.toString(), counter), "exports no function none");
        assertFails(wasm("snapshot", "--init", "two", "-o", out.toString(), counter), "got 0 arguments");
        assertFails(wasm("snapshot", "--init", "trap", "-o", out.toString(), counter), "trapped: unreachable");
        assertFails(wasm("snapshot", "-o", out.toString(), file("modules/cut.wasm")), "at byte 53");
        assertFails(wasm("snapshot", "-o", out.toString(), "no-such.wasm"), "there is no such file");
        String nowhere = folder.resolve("no-such-folder/ready.wasm").toString();
        assertFails(wasm("snapshot", "--init", "set", "-o", nowhere, counter), "cannot write the snapshot: ");
        assertEquals(2, wasm("snapshot", counter).code());
        Path endless = Files.writeString(
                folder.resolve("endless.wat"), "(module (func (export \"wizer-initialize\") (loop (br 0))))");
        assertFails(
                wasm("snapshot", "--timeout", "50ms", "-o", out.toString(), endless.toString()),
                "the initializer trapped: ");
        assertRefused(
                wasm("snapshot", "--timeout", "x", "-o", out.toString(), counter), "--timeout: \"x\" is not a time");
        assertTrue(Files.notExists(out));
    }

    @Test
    void aModuleWithoutNamesIsInspectedAndProfiled(@TempDir Path folder) throws IOException {
        String counter =
                Files.writeString(folder.resolve("counter.wat"), COUNTER).toString();
        Answer inspected = wasm("inspect", counter);
        assertEquals(0, inspected.code());
        assertTrue(inspected.out().contains("work: function (i32) -> i32"), inspected.out());
        Path lines = folder.resolve("work.folded");
        Answer answer = wasm("run", "--profile", lines.toString(), "--invoke", "work", counter, "300000000");
        assertEquals(0, answer.code(), answer.err());
        assertEquals("0\n", answer.out());
        assertTrue(answer.err().contains("samples to " + lines), answer.err());
        for (String line : Files.readAllLines(lines)) {
            assertTrue(line.matches("[^;]+(;[^;]+)* \\d+"), line);
        }
        assertTrue(Files.readString(lines).contains("work;$4 "), Files.readString(lines));
    }

    @Test
    void theTestSuitesRunnerSkipsByFeatureOnly() {
        Answer answer = wasm("spectest", file("spectest/future.json"));
        assertEquals(0, answer.code());
        assertTrue(
                answer.out().contains("skipped for wide-arithmetic: 2\n2 passed, 0 failed, 2 skipped\n"), answer.out());
    }

    @Test
    void aScriptThatIsNoneIsExplained(@TempDir Path folder) throws IOException {
        Path script = folder.resolve("a.wast");
        Files.writeString(script, "(module (func (export \"f\") (param i32)))\n(invoke \"f\")\n");
        Answer answer = wasm("spectest", script.toString());
        assertEquals(1, answer.code());
        assertTrue(answer.out().contains("a.wast:2: perform: cannot call \"f\": "), answer.out());
        assertFalse(answer.out().contains("Exception"), answer.out());
        Files.writeString(script, ";; nothing\n");
        assertRefused(wasm("spectest", script.toString()), "holds no command");
        Path json = folder.resolve("a.json");
        Files.delete(script);
        Files.writeString(json, "{\n\"commands\": [,]}");
        assertRefused(wasm("spectest", json.toString()), "a.json: line 2: Unexpected character");
        Files.writeString(json, "[]");
        assertRefused(wasm("spectest", json.toString()), "it has no array \"commands\"");
    }

    @Test
    void floatsAreReadAsWebAssemblyWritesThem(@TempDir Path folder) throws IOException {
        String bits = Files.writeString(folder.resolve("bits.wat"), """
                (module
                  (func (export "f32") (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
                  (func (export "f64") (param f64) (result i64) (i64.reinterpret_f64 (local.get 0)))
                  (func (export "v128") (param v128)))
                """).toString();
        String[][] read = {
            {"f32", "nan", "0x7fc00000"},
            {"f32", "-nan:0x200001", "0xffa00001"},
            {"f32", "0x1.8p1", "0x40400000"},
            {"f32", "0xff", "0x437f0000"},
            {"f32", "-inf", "0xff800000"},
            {"f32", "1e-3", "0x3a83126f"},
            {"f64", "nan:0x1", "0x7ff0000000000001"},
            {"f64", ".5", "0x3fe0000000000000"},
            {"f64", "Infinity", "0x7ff0000000000000"}
        };
        for (String[] one : read) {
            long number = one[0].equals("f32")
                    ? Integer.parseUnsignedInt(one[2], 2, 10, 16)
                    : Long.parseUnsignedLong(one[2], 2, 18, 16);
            assertEquals(new Answer(0, number + "\n", ""), wasm("run", "--invoke", one[0], bits, one[1]));
        }
        for (String text : new String[] {"1d", "5f", "nan:0x0", "nan:0x800000", "0x", "1e", "", ".", "--1", "1_0"}) {
            assertFails(wasm("run", "--invoke", "f32", bits, text), "\"" + text + "\" is not an f32");
        }
        assertFails(wasm("run", "--invoke", "v128", bits, "x"), "\"x\" is not a v128");
    }
}
