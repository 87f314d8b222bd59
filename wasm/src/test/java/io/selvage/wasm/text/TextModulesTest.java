package io.selvage.wasm.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.Engine;
import io.selvage.wasm.Imports;
import io.selvage.wasm.Instance;
import io.selvage.wasm.Trap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts become the bytes that another implementation makes of them. */
class TextModulesTest {
    /** A text and the sections that it stands for. */
    private record Case(String text, List<String> sections) {
        @Override
        public String toString() {
            return text.lines().findFirst().orElse("");
        }
    }

    static Stream<Case> cases() throws IOException {
        try (InputStream in = Objects.requireNonNull(TextModulesTest.class.getResourceAsStream("modules.txt"))) {
            String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Stream.of(all.strip().split("\n\n"))
                    .filter(block -> !block.startsWith("#"))
                    .map(TextModulesTest::of);
        }
    }

    /** The texts of all cases. */
    static List<String> texts() throws IOException {
        return cases().map(Case::text).toList();
    }

    /** The tokens of all texts. */
    static List<String> tokens() throws IOException {
        Pattern token = Pattern.compile("\"[^\"]*\"|[()]|[^\\s()\"]+");
        return texts().stream()
                .flatMap(text -> token.matcher(text).results())
                .map(MatchResult::group)
                .toList();
    }

    private static Case of(String block) {
        String text = block.lines().filter(line -> !line.startsWith("= ")).collect(Collectors.joining("\n"));
        List<String> sections = block.lines()
                .filter(line -> line.startsWith("= "))
                .map(line -> line.substring(2))
                .toList();
        return new Case(text, sections);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aTextHasTheSectionsThatItSays(Case it) {
        assertEquals(
                String.join("\n", it.sections()),
                sections(WebAssemblyText.parse(it.text())).stream()
                        .filter(section -> !section.startsWith("00"))
                        .collect(Collectors.joining("\n")));
    }

    /** Each section with its id and its length, in hexadecimal. */
    private static List<String> sections(byte[] module) {
        assertEquals("0061736d01000000", HexFormat.of().formatHex(module, 0, 8));
        Stream.Builder<String> sections = Stream.builder();
        int at = 8;
        while (at < module.length) {
            int start = at++;
            int length = 0;
            for (int shift = 0; ; shift += 7) {
                length |= (module[at] & 0x7f) << shift;
                if (module[at++] >= 0) {
                    break;
                }
            }
            at += length;
            sections.add(HexFormat.of().formatHex(module, start, at));
        }
        return sections.build().toList();
    }

    @Test
    void namesOfTheTextAreInTheNameSection() {
        byte[] module = WebAssemblyText.parse("""
                (module $m (type $t (struct (field $x i32) (field i32)))
                  (func $f (param $p i32) (param i32) (local $l i32)) (func (@name "g h") (param (@name "q") i32))
                  (table $tab 0 funcref) (memory $mem 0) (global $glo i32 i32.const 0) (tag $tag)
                  (elem $e func) (data $d ""))
                """);
        String expected = "046e616d65" // name
                + "0002016d" // the module
                + "010902000166" + "0103672068" // functions
                + "020e02000200017002016c0101000171" // locals
                + "04040100017405060100037461620606010003" + "6d656d07060100"
                + "03676c6f" // type, table, memory, global
                + "080401000165" + "090401000164" + "0a06010001000178" + "0b060100"
                + "03746167"; // segments, field, tag
        assertTrue(
                sections(module).getLast().endsWith(expected),
                () -> sections(module).getLast());
    }

    @Test
    void customSectionsStandWhereTheTextSays() {
        byte[] module = WebAssemblyText.parse("""
                (@custom "last" "a" "b") (func) (@custom "b4" (before func) "c") (@custom "after" (after type))
                (@custom "first" (before first))
                """);
        List<String> sections = sections(module);
        assertEquals("0006056669727374", sections.get(0));
        assertEquals("01", sections.get(1).substring(0, 2));
        assertEquals("0006056166746572", sections.get(2));
        assertEquals("000402" + "623463", sections.get(3));
        assertEquals("03", sections.get(4).substring(0, 2));
        assertEquals("0007046c6173746162", sections.getLast());
    }

    @Test
    void branchHintsSayWhereTheBranchesAre() {
        byte[] module = WebAssemblyText.parse("""
                (func) (func (local i32 i64) (@metadata.code.branch_hint "\\00") (if (i32.const 1) (then))
                  i32.const 0 (@metadata.code.branch_hint "\\01") br_if 0)
                """);
        String name = HexFormat.of().formatHex("metadata.code.branch_hint".getBytes(StandardCharsets.US_ASCII));
        assertTrue(
                sections(module).stream().anyMatch(section -> section.endsWith("19" + name + "0101020701000c0101")),
                () -> sections(module).toString());
    }

    @Test
    void aTrapHasTheNamesOfTheText() {
        byte[] module = WebAssemblyText.parse("""
                (func $outer (export "run") (call $inner)) (func $inner unreachable)
                """);
        Instance instance = Engine.create().load(module).instantiate(Imports.none());
        Trap trap = Assertions.assertThrows(
                Trap.class, () -> instance.function("run").orElseThrow().call());
        assertTrue(trap.toString().contains("unreachable"), trap::toString);
        assertEquals(
                "[inner, outer]",
                trap.frames().stream().map(Trap.Frame::name).toList().toString());
    }

    @Test
    void textIsToldFromBinary() {
        byte[] text = " \n(module)".getBytes(StandardCharsets.UTF_8);
        byte[] binary = WebAssemblyText.parse("");
        assertTrue(WebAssemblyText.isText(text));
        assertTrue(!WebAssemblyText.isText(binary) && !WebAssemblyText.isText(new byte[0]));
        assertArrayEquals(binary, WebAssemblyText.binary(text));
        assertArrayEquals(binary, WebAssemblyText.binary(binary));
    }
}
