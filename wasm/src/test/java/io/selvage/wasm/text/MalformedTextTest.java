package io.selvage.wasm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.TextException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a text is said in the test suite's words, with the place. */
class MalformedTextTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            (module                                        | 1:8  | unexpected token the end: expected )
            (module))                                      | 1:9  | unexpected token ): expected the end
            module                                         | 1:1  | unexpected token module: expected the field of a module
            (modul)                                        | 1:2  | unknown operator modul: expected the field of a module
            (func (i32.addd))                              | 1:8  | unknown operator i32.addd: expected an instruction
            (func param)                                   | 1:7  | unexpected token param: expected an instruction
            (func (then))                                  | 1:8  | unexpected token then: expected an instruction
            (func (result i32) (param i32))                | 1:21 | unexpected token param: expected no parameter
            (func (param i33))                             | 1:14 | unknown operator i33: expected a value type
            (func (param $x i32 i32))                      | 1:21 | unexpected token i32: expected )
            (func (block (param $x i32)))                  | 1:21 | unexpected token $x: expected a value type
            (func block nop)                               | 1:16 | unexpected token ): expected an instruction or end
            (func nop end)                                 | 1:11 | unexpected token end: expected an instruction
            (func (nop) else)                              | 1:13 | unexpected token else: expected an instruction
            (func (i32.eqz nop))                           | 1:16 | unexpected token nop: expected a folded instruction or )
            (func (if (nop)))                              | 1:16 | unexpected token ): expected a folded instruction or (then …)
            (func (if (then) (then)))                      | 1:19 | unexpected token then: expected (else …)
            (func (if (then) (else) (else)))               | 1:25 | unexpected token (: expected )
            (func (try (do) (delegate 0) (delegate 0)))    | 1:30 | unexpected token (: expected )
            (func block $a end $b)                         | 1:20 | mismatching label $b: the block is labelled $a
            (func block end $b)                            | 1:17 | mismatching label $b: the block has no label
            (func (br $a))                                 | 1:11 | unknown label $a
            (func (call $f))                               | 1:13 | unknown function $f
            (func (local.get $x))                          | 1:18 | unknown local $x
            (func $f) (func $f)                            | 1:17 | duplicate function $f
            (func (param $x i32) (local $x i32))           | 1:29 | duplicate local $x
            (type $t (struct (field $x i8) (field $x i8))) | 1:39 | duplicate field $x
            (type $t (func)) (func (type $t) (param i32))  | 1:24 | inline function type does not match explicit type
            (func (type 7) (param i32))                    | 1:13 | unknown type 7
            (type $s (struct)) (func (type $s) (param i32))| 1:32 | non-function type 0
            (func) (import "a" "b" (func))                 | 1:16 | import after function definition
            (memory 0) (memory (import "a" "b") 0)         | 1:20 | import after memory definition
            (start 0) (start 0) (func)                     | 1:18 | multiple start sections
            (func i32.const 0x1_0000_0000)                 | 1:17 | constant out of range: 0x1_0000_0000
            (func i32.const -2147483649)                   | 1:17 | constant out of range: -2147483649
            (func f32.const 1e39)                          | 1:17 | constant out of range: 1e39
            (func f64.const nan:0x10000000000000)          | 1:17 | constant out of range: nan:0x10000000000000
            (func i32.const 1_)                            | 1:17 | unknown operator 1_: expected an integer
            (func i32.const)                               | 1:16 | unexpected token ): expected an integer
            (func br 4294967296)                           | 1:10 | i32 constant out of range: 4294967296 as a label
            (func i32.load align=3)                        | 1:16 | alignment must be a power of two
            (func i32.load offset=x)                       | 1:16 | unknown operator offset=x
            (func i8x16.extract_lane_s 256)                | 1:28 | i8 constant out of range: 256
            (func i8x16.shuffle 0 1)                       | 1:21 | invalid lane length: 2 lanes where 16 belong
            (func v128.const i32x4 0 0 0)                  | 1:29 | wrong number of lane literals: i32x4 has 4
            (func v128.const i7x4 0 0 0)                   | 1:18 | unknown operator i7x4: expected the shape of a vector
            (export "\\ff" (func 0))                        | 1:9  | malformed UTF-8 encoding of a name
            (data "abc)                                    | 1:7  | unclosed string literal
            (data "\\g0")                                   | 1:8  | illegal escape
            (data "\\u{d800}")                              | 1:8  | illegal escape
            (data "a""b")                                  | 1:7  | unknown operator "a""b"
            (func $)                                       | 1:7  | empty identifier
            (@)                                            | 1:1  | empty annotation id
            (@a (b)                                        | 1:1  | unclosed annotation
            (; (; ;)                                       | 1:1  | unclosed comment
            (func) €                                       | 1:8  | misplaced unicode character
            (func nop (@name "x"))                         | 1:11 | misplaced @name annotation
            (@custom 1)                                    | 1:10 | @custom annotation: missing section name
            """)
    void whatIsWrongIsSaidWithItsPlace(String text, String place, String message) {
        TextException e = assertThrows(TextException.class, () -> WebAssemblyText.parse(text));
        assertTrue(String.valueOf(e.getMessage()).startsWith(message), e::getMessage);
        assertEquals(place, e.line() + ":" + e.column());
        assertTrue(String.valueOf(e.getMessage()).endsWith("(at " + place + ")"), e::getMessage);
    }

    @Test
    void everyKindOfLineEndCounts() {
        TextException e =
                assertThrows(TextException.class, () -> WebAssemblyText.parse("\n\r\n\r;; é𝄞 é\n (; 𝄞é ;) x"));
        assertEquals("5:11", e.line() + ":" + e.column());
    }

    @Test
    void bytesThatAreNotUtf8AreRefusedEverywhere() {
        for (String around : new String[] {";; ?", "(; ? ;)", "(data \"?\")", "(@a ?)", "(func $?)", "?"}) {
            byte[] text = around.getBytes(StandardCharsets.UTF_8);
            text[around.indexOf('?')] = (byte) 0x80;
            TextException e = assertThrows(TextException.class, () -> WebAssemblyText.parse(text));
            assertTrue(
                    String.valueOf(e.getMessage()).matches("(malformed UTF-8 encoding|empty identifier).*"),
                    e::getMessage);
        }
        assertThrows(TextException.class, () -> WebAssemblyText.parse(";; \ud800"));
    }
}
