package io.selvage.wasm;

import static io.selvage.wasm.ModuleBuilder.CODE;
import static io.selvage.wasm.ModuleBuilder.DATA;
import static io.selvage.wasm.ModuleBuilder.DATA_COUNT;
import static io.selvage.wasm.ModuleBuilder.ELEMENT;
import static io.selvage.wasm.ModuleBuilder.FUNCTION;
import static io.selvage.wasm.ModuleBuilder.GLOBAL;
import static io.selvage.wasm.ModuleBuilder.IMPORT;
import static io.selvage.wasm.ModuleBuilder.MEMORY;
import static io.selvage.wasm.ModuleBuilder.TABLE;
import static io.selvage.wasm.ModuleBuilder.TYPE;
import static io.selvage.wasm.ModuleBuilder.body;
import static io.selvage.wasm.ModuleBuilder.concat;
import static io.selvage.wasm.ModuleBuilder.hex;
import static io.selvage.wasm.ModuleBuilder.name;
import static io.selvage.wasm.ModuleBuilder.repeat;
import static io.selvage.wasm.ModuleBuilder.sized;
import static io.selvage.wasm.ModuleBuilder.u32;
import static io.selvage.wasm.ModuleBuilder.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Validates single bodies inside one furnished module: function 2 under test has the type and code of the case and the
 * locals i64 f32 f64 funcref externref after its parameters.
 *
 * <p>The types are 0: () → (), 1: (i32) → (i32), 2: () → (i32 i64), 3: (i32 i64) → (), 4: () → (funcref),
 * 5: (i32 i64) → (i32 i64), 6: () → (i32). Function 0 (imported) is of type 1, function 1 (imported, exported nowhere)
 * of type 5. Global 0 is an immutable i32, global 1 a mutable i64. Table 0 is of funcref, table 1 of externref. There
 * is a memory, a passive funcref segment that declares function 0, a passive externref segment, and a data segment.
 */
class ValidatorTest {
    private static final byte[] LOCALS = vector(hex("01 7e"), hex("01 7d"), hex("01 7c"), hex("01 70"), hex("01 6f"));

    /** The instruction that puts a value of a type on the stack. */
    private static final Map<String, String> CONSTANTS = Map.of(
            "i32", "41 00",
            "i64", "42 00",
            "f32", "43 00 00 00 00",
            "f64", "44 00 00 00 00 00 00 00 00",
            "funcref", "d0 70",
            "externref", "d0 6f");

    private static byte[] furnished(int type, String code) {
        return new ModuleBuilder()
                .section(
                        TYPE,
                        vector(
                                hex("60 00 00"),
                                hex("60 01 7f 01 7f"),
                                hex("60 00 02 7f 7e"),
                                hex("60 02 7f 7e 00"),
                                hex("60 00 01 70"),
                                hex("60 02 7f 7e 02 7f 7e"),
                                hex("60 00 01 7f")))
                .section(
                        IMPORT,
                        vector(concat(name("m"), name("f"), hex("00 01")), concat(name("m"), name("g"), hex("00 05"))))
                .section(FUNCTION, vector(u32(type)))
                .section(TABLE, vector(hex("70 00 01"), hex("6f 00 01")))
                .section(MEMORY, "01 00 01")
                .section(GLOBAL, vector(hex("7f 00 41 00 0b"), hex("7e 01 42 00 0b")))
                .section(ELEMENT, vector(hex("01 00 01 00"), hex("05 6f 00")))
                .section(DATA_COUNT, "01")
                .section(CODE, vector(body(LOCALS, hex(code))))
                .section(DATA, vector(hex("01 00")))
                .custom("name", concat(hex("01"), sized(vector(concat(hex("02"), name("tested"))))))
                .build();
    }

    /** The module is valid, and its body is in the format whoever looks at it. */
    private static void takes(byte[] binary) {
        ModuleData module = Decoder.decode(binary);
        assertEquals(1, module.bodies().size());
        BodyFormat.check(binary, module.bodies().getFirst());
    }

    private static void rejects(String words, byte[] binary) {
        InvalidException e = assertThrows(InvalidException.class, () -> Decoder.decode(binary));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith(words), message);
    }

    /** Each line: a signature, the first opcode, how many opcodes have it. */
    @ParameterizedTest
    @CsvSource({
        "i32 -> i32, 45, 1",
        "i32 i32 -> i32, 46, 10",
        "i64 -> i32, 50, 1",
        "i64 i64 -> i32, 51, 10",
        "f32 f32 -> i32, 5b, 6",
        "f64 f64 -> i32, 61, 6",
        "i32 -> i32, 67, 3",
        "i32 i32 -> i32, 6a, 15",
        "i64 -> i64, 79, 3",
        "i64 i64 -> i64, 7c, 15",
        "f32 -> f32, 8b, 7",
        "f32 f32 -> f32, 92, 7",
        "f64 -> f64, 99, 7",
        "f64 f64 -> f64, a0, 7",
        "i64 -> i32, a7, 1",
        "f32 -> i32, a8, 2",
        "f64 -> i32, aa, 2",
        "i32 -> i64, ac, 2",
        "f32 -> i64, ae, 2",
        "f64 -> i64, b0, 2",
        "i32 -> f32, b2, 2",
        "i64 -> f32, b4, 2",
        "f64 -> f32, b6, 1",
        "i32 -> f64, b7, 2",
        "i64 -> f64, b9, 2",
        "f32 -> f64, bb, 1",
        "f32 -> i32, bc, 1",
        "f64 -> i64, bd, 1",
        "i32 -> f32, be, 1",
        "i64 -> f64, bf, 1",
        "i32 -> i32, c0, 2",
        "i64 -> i64, c2, 3",
        "f32 -> i32, fc 00, 2",
        "f64 -> i32, fc 02, 2",
        "f32 -> i64, fc 04, 2",
        "f64 -> i64, fc 06, 2",
        "i32 -> i32, 28 02 00, 1",
        "i32 -> i64, 29 03 00, 1",
        "i32 -> f32, 2a 02 00, 1",
        "i32 -> f64, 2b 03 00, 1",
        "i32 -> i32, 2c 00 00, 1",
        "i32 -> i32, 2d 00 00, 1",
        "i32 -> i32, 2e 01 00, 1",
        "i32 -> i32, 2f 01 00, 1",
        "i32 -> i64, 30 00 00, 1",
        "i32 -> i64, 31 00 00, 1",
        "i32 -> i64, 32 01 00, 1",
        "i32 -> i64, 33 01 00, 1",
        "i32 -> i64, 34 02 00, 1",
        "i32 -> i64, 35 02 ff ff ff ff 0f, 1",
        "i32 i32 -> , 36 02 00, 1",
        "i32 i64 -> , 37 03 00, 1",
        "i32 f32 -> , 38 02 00, 1",
        "i32 f64 -> , 39 03 00, 1",
        "i32 i32 -> , 3a 00 00, 1",
        "i32 i32 -> , 3b 01 00, 1",
        "i32 i64 -> , 3c 00 00, 1",
        "i32 i64 -> , 3d 01 00, 1",
        "i32 i64 -> , 3e 02 00, 1",
        " -> i32, 3f 00, 1",
        "i32 -> i32, 40 00, 1",
        "i32 i32 i32 -> , fc 08 00 00, 1",
        " -> , fc 09 00, 1",
        "i32 i32 i32 -> , fc 0a 00 00, 1",
        "i32 i32 i32 -> , fc 0b 00, 1",
        "i32 i32 i32 -> , fc 0c 00 00, 1",
        "i32 i32 i32 -> , fc 0c 01 01, 1",
        " -> , fc 0d 01, 1",
        "i32 i32 i32 -> , fc 0e 00 00, 1",
        "i32 i32 i32 -> , fc 0e 01 01, 1",
        "funcref i32 -> i32, fc 0f 00, 1",
        "externref i32 -> i32, fc 0f 01, 1",
        " -> i32, fc 10 01, 1",
        "i32 funcref i32 -> , fc 11 00, 1",
        "i32 externref i32 -> , fc 11 01, 1",
        "i32 -> funcref, 25 00, 1",
        "i32 -> externref, 25 01, 1",
        "i32 funcref -> , 26 00, 1",
        "i32 externref -> , 26 01, 1",
        " -> i32, 23 00, 1",
        " -> i64, 23 01, 1",
        "i64 -> , 24 01, 1",
        " -> i64, 20 00, 1",
        " -> f32, 20 01, 1",
        " -> f64, 20 02, 1",
        " -> funcref, 20 03, 1",
        " -> externref, 20 04, 1",
        "i64 -> , 21 00, 1",
        "funcref -> , 21 03, 1",
        "f64 -> f64, 22 02, 1",
        "externref -> externref, 22 04, 1",
        "funcref -> i32, d1, 1",
        "externref -> i32, d1, 1",
        " -> funcref, d2 00, 1",
        "i32 -> i32, 10 00, 1",
        "i32 i64 -> i32 i64, 10 01, 1",
        "i32 i32 -> i32, 11 01 00, 1",
        "i32 i64 i32 -> i32 i64, 11 05 00, 1",
        "f64 -> , 1a, 1",
        "externref -> , 1a, 1",
        "i32 i32 i32 -> i32, 1b, 1",
        "f64 f64 i32 -> f64, 1b, 1",
        "i64 i64 i32 -> i64, 1c 01 7e, 1",
        "funcref funcref i32 -> funcref, 1c 01 70, 1",
        "externref externref i32 -> externref, 1c 01 6f, 1",
        "i32 i64 -> i32 i64, 02 05 0b, 1",
        "i32 i64 -> i32 i64, 03 05 0b, 1",
        "i32 i64 i32 -> i32 i64, 04 05 0b, 1",
        "i32 i64 i32 -> i32 i64, 04 05 05 0b, 1",
        " -> f32, 02 7d 43 00 00 00 00 0b, 1",
        "i32 -> i32, 04 7f 41 00 05 41 01 0b, 1"
    })
    void anInstructionTakesAndLeavesItsTypesAndNoOthers(String signature, String opcode, int count) {
        List<String> in = types(signature, 0);
        List<String> out = types(signature, 1);
        byte[] bytes = hex(opcode);
        for (int i = 0; i < count; i++) {
            String code = HexFormat.of().formatHex(bytes);
            takes(furnished(0, constants(in) + code + "1a".repeat(out.size())));
            for (int k = 0; k < out.size(); k++) {
                String rest = constants(in) + code + "1a".repeat(out.size() - 1 - k);
                takes(furnished(0, rest + consume(out.get(k)) + "1a".repeat(k)));
                String wrong = out.get(k).equals("i64") ? "f32" : "i64";
                rejects("type mismatch", furnished(0, rest + consume(wrong) + "1a".repeat(k)));
            }
            rejects("type mismatch", furnished(0, constants(in) + code + "1a".repeat(out.size() + 1)));
            for (int k = 0; k < in.size(); k++) {
                rejectsOperand(in, k, code, out.size());
            }
            bytes[bytes.length - 1]++;
        }
    }

    /** One operand less is always wrong, and so is one of another type where the instruction does not take any. */
    private static void rejectsOperand(List<String> in, int k, String code, int results) {
        rejects("type mismatch", furnished(0, constants(in.subList(0, k)) + code + "1a".repeat(results)));
        boolean takesAny = code.equals("1a") || (code.equals("d1") && in.get(k).endsWith("ref"));
        for (String other : CONSTANTS.keySet()) {
            if (!other.equals(in.get(k)) && !takesAny) {
                List<String> operands = new ArrayList<>(in);
                operands.set(k, other);
                rejects("type mismatch", furnished(0, constants(operands) + code + "1a".repeat(results)));
            }
        }
    }

    private static List<String> types(String signature, int side) {
        String[] sides = signature.split("->", -1);
        String types = sides[side].strip();
        return types.isEmpty() ? List.of() : List.of(types.split(" "));
    }

    private static String constants(List<String> types) {
        StringBuilder code = new StringBuilder();
        types.forEach(type -> code.append(CONSTANTS.get(type)));
        return code.toString();
    }

    /** Takes a value of the type and of no other. */
    private static String consume(String type) {
        int local = List.of("i64", "f32", "f64", "funcref", "externref").indexOf(type);
        return local < 0 ? "45 1a" : "21 0" + local;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            an empty function                         | 0 |
            a result                                  | 6 | 41 00
            several results                           | 2 | 41 00 42 00
            parameters are locals                     | 1 | 20 00
            locals follow parameters                  | 1 | 42 01 21 01 20 00
            return with values below                  | 6 | 42 00 41 01 0f
            br carries the results                    | 2 | 41 00 42 00 0c 00
            br_if keeps what it carries               | 2 | 41 00 42 00 41 00 0d 00
            br_if to a loop carries its parameters    | 0 | 41 00 42 00 03 03 1a 1a 41 00 42 00 41 00 0d 00 1a 1a 0b
            br to a loop carries no results           | 6 | 03 7f 0c 00 0b
            br_table to labels that carry alike       | 6 | 02 7f 41 05 41 01 0e 01 00 01 0b
            br_table with no target but the default   | 0 | 41 00 0e 00 00
            unreachable gives what is asked for       | 2 | 00
            unreachable gives operands                | 6 | 00 6a
            unreachable gives some operands           | 6 | 00 41 01 6a
            unreachable gives references              | 0 | 00 d1 1a
            unreachable select of anything            | 6 | 00 1b
            unreachable select with one value         | 6 | 00 41 00 41 00 1b
            an unreachable select is of any type      | 0 | 00 1b 21 01
            what follows a br is unreachable          | 0 | 0c 00 6a 1a
            what follows a return is unreachable      | 2 | 00 0f
            what follows a br_table is unreachable    | 6 | 41 00 41 00 0e 00 00 7c 1a
            br_if after unreachable pushes its types  | 0 | 02 7f 00 0d 00 45 0b 1a
            br_table after unreachable, other types   | 0 | 02 7f 02 7e 00 0e 01 00 01 0b 1a 41 00 0b 1a
            call after unreachable                    | 0 | 00 10 01 1a 1a
            some operands of a call after unreachable | 0 | 00 42 00 10 01 1a 1a
            an unreachable block ends as it must      | 0 | 00 02 05 00 0b 1a 1a
            blocks of unreachable code                | 0 | 00 02 01 0b 1a
            if with else                              | 6 | 41 00 04 7f 41 01 05 41 02 0b
            if whose arms do not come back            | 6 | 41 00 04 7f 00 05 41 00 0c 01 0b
            tail call                                 | 1 | 20 00 12 00
            tail call leaves nothing reachable        | 1 | 20 00 12 00 6a 6a
            indirect tail call                        | 1 | 20 00 41 00 13 01 00
            a reference to a declared function        | 4 | d2 00
            select of references by type              | 4 | d0 70 d2 00 41 00 1c 01 70
            nested blocks                             | 0 | 02 40 02 40 02 40 0c 02 0b 0b 0b
            """)
    void whatIsValidIsTaken(String what, int type, String code) {
        takes(furnished(type, code == null ? "" : code));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            no result                         | 6 | type mismatch                       |
            another result                    | 6 | type mismatch                       | 42 00
            one result too many               | 6 | type mismatch                       | 41 00 41 00
            a value left                      | 0 | type mismatch                       | 41 00
            results in another order          | 2 | type mismatch                       | 42 00 41 00
            a value left in a block           | 0 | type mismatch                       | 02 40 41 00 0b
            a block takes from outside        | 0 | type mismatch                       | 41 00 02 40 1a 0b
            a block without its result        | 0 | type mismatch                       | 02 7f 0b 1a
            a block without its parameters    | 0 | type mismatch                       | 02 03 1a 1a 0b
            block of an unknown type          | 0 | unknown type 7                      | 02 07 0b
            if without a condition            | 0 | type mismatch                       | 04 40 0b
            if without else has no result     | 0 | type mismatch                       | 41 00 04 7f 41 00 0b 1a
            if whose else lacks the result    | 0 | type mismatch                       | 41 00 04 7f 41 00 05 0b 1a
            if whose then lacks the result    | 0 | type mismatch                       | 41 00 04 7f 05 41 00 0b 1a
            else sees what then left          | 0 | type mismatch                       | 41 00 04 40 41 00 05 1a 0b
            br without its value              | 6 | type mismatch                       | 0c 00
            br with another value             | 6 | type mismatch                       | 42 00 0c 00
            br too far out                    | 0 | unknown label 1                     | 0c 01
            br very far out                   | 0 | unknown label 4294967295            | 0c ff ff ff ff 0f
            br_if without a condition         | 0 | type mismatch                       | 0d 00
            br_if too far out                 | 0 | unknown label 2                     | 02 40 41 00 0d 02 0b
            br_if without what it carries     | 6 | type mismatch                       | 41 00 0d 00 00
            br_if fixes the types | 0 | type mismatch | 02 7f 00 0d 00 21 00 41 00 0b 1a
            br_table too far out              | 0 | unknown label 3                     | 41 00 0e 01 00 03
            br_table without an index         | 0 | type mismatch                       | 0e 00 00
            br_table to unlike labels | 6 | type mismatch | 02 40 41 01 41 00 0e 01 00 01 0b 41 00
            br_table with another value       | 6 | type mismatch                       | 42 00 41 00 0e 00 00
            br_table to labels of other types | 0 | type mismatch | 02 7f 02 7e 42 00 41 00 0e 01 00 01 0b 1a 41 00 0b 1a
            return without its value          | 6 | type mismatch                       | 0f
            call of an unknown function       | 0 | unknown function 3                  | 10 03
            call through an unknown table     | 0 | unknown table 2                     | 41 00 11 00 02
            call of an unknown type           | 0 | unknown type 7                      | 41 00 11 07 00
            call through externrefs           | 0 | type mismatch                       | 41 00 11 00 01
            tail call with other results      | 0 | type mismatch                       | 41 00 12 00
            tail call of an unknown function  | 0 | unknown function 9                  | 12 09
            tail call without its operand     | 1 | type mismatch                       | 12 00
            indirect tail call, other results | 0 | type mismatch                       | 41 00 41 00 13 01 00
            unknown local                     | 0 | unknown local 5                     | 20 05 1a
            local past all others             | 0 | unknown local 4294967295            | 20 ff ff ff ff 0f 1a
            set of an unknown local           | 1 | unknown local 6                     | 41 00 21 06 20 00
            tee of an unknown local           | 0 | unknown local 5                     | 41 00 22 05 1a
            unknown global                    | 0 | unknown global 2                    | 23 02 1a
            set of an unknown global          | 0 | unknown global 2                    | 41 00 24 02
            set of an immutable global        | 0 | global is immutable                 | 41 00 24 00
            unknown table                     | 0 | unknown table 2                     | 41 00 25 02 1a
            unknown table to set              | 0 | unknown table 2                     | 41 00 d0 70 26 02
            unknown table to grow             | 0 | unknown table 2                     | d0 70 41 00 fc 0f 02 1a
            unknown table to measure          | 0 | unknown table 2                     | fc 10 02 1a
            unknown table to fill             | 0 | unknown table 2                     | 41 00 d0 70 41 00 fc 11 02
            unknown table to copy             | 0 | unknown table 2                     | 41 00 41 00 41 00 fc 0e 00 02
            copy between tables of two types  | 0 | type mismatch                       | 41 00 41 00 41 00 fc 0e 00 01
            init of a table of another type   | 0 | type mismatch                       | 41 00 41 00 41 00 fc 0c 00 01
            init of an unknown table          | 0 | unknown table 2                     | 41 00 41 00 41 00 fc 0c 00 02
            init from unknown elements        | 0 | unknown elem segment 2              | 41 00 41 00 41 00 fc 0c 02 00
            drop of unknown elements          | 0 | unknown elem segment 2              | fc 0d 02
            init from unknown data            | 0 | unknown data segment 1              | 41 00 41 00 41 00 fc 08 01 00
            drop of unknown data              | 0 | unknown data segment 1              | fc 09 01
            reference to an unknown function  | 0 | unknown function 3                  | d2 03 1a
            reference to an undeclared one    | 0 | undeclared function reference       | d2 01 1a
            is_null of a number               | 0 | type mismatch                       | 41 00 d1 1a
            select of two types               | 0 | type mismatch                       | 41 00 42 00 41 00 1b 1a
            select of references without type | 0 | type mismatch                       | d0 70 d0 70 41 00 1b 1a
            select with no type               | 0 | invalid result arity                | 41 00 41 00 41 00 1c 00 1a
            select with two types | 0 | invalid result arity | 41 00 41 00 41 00 1c 02 7f 7f 1a
            alignment past the natural one    | 0 | alignment must not be larger than n | 41 00 28 03 00 1a
            byte load aligned                 | 0 | alignment must not be larger than n | 41 00 2d 01 00 1a
            store aligned too far             | 0 | alignment must not be larger than n | 41 00 42 00 37 04 00
            unreachable code has types too    | 0 | type mismatch                       | 00 42 00 45 1a
            unreachable code leaves nothing   | 0 | type mismatch                       | 00 41 00
            unreachable code knows its locals | 0 | unknown local 9                     | 00 20 09 1a
            unreachable blocks have types too | 0 | type mismatch                       | 00 02 7f 42 00 0b 1a
            """)
    void whatBreaksARuleOfCodeIsInvalid(String what, int type, String words, String code) {
        rejects(words, furnished(type, code == null ? "" : code));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "28 00 00",
        "36 00 00",
        "3f 00",
        "40 00",
        "fc 0a 00 00",
        "fc 0b 00",
        "fc 08 00 00",
    })
    void withoutAMemoryNothingGoesToMemory(String code) {
        rejects(
                "unknown memory 0",
                new ModuleBuilder()
                        .section(TYPE, "01 60 00 00")
                        .section(FUNCTION, "01 00")
                        .section(CODE, vector(body("00" + code + "00")))
                        .build());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "f3, illegal opcode",
        "fc 12, illegal opcode",
        "05, END opcode expected",
        "02 80 7f 0b, malformed value type",
        "20 80 80 80 80 10, integer too large",
        "41 80 80 80 80 80 00, integer representation too long",
        "28 80 01 00, malformed memop flags",
        "d0 7f, malformed heap type",
        "1c 01 20, malformed value type",
        "04 40 05 05 0b, END opcode expected",
        "0e 03 00 00, unexpected end",
        "44 00 00, unexpected end",
        "02 40, unexpected end"
    })
    void aBodyThatIsMalformedAfterItsMistakeIsMalformed(String code, String words) {
        byte[] binary = new ModuleBuilder()
                .section(TYPE, "01 60 00 00")
                .section(FUNCTION, "01 00")
                .section(CODE, vector(body("1a" + code)))
                .build();
        MalformedException e = assertThrows(MalformedException.class, () -> Decoder.decode(binary));
        assertTrue(String.valueOf(e.getMessage()).startsWith(words), e.getMessage());
    }

    @Test
    void aMessageTellsTheInstructionTheFunctionAndBothTypes() {
        InvalidException e =
                assertThrows(InvalidException.class, () -> Decoder.decode(furnished(0, "41 00 42 00 6a 1a")));
        String message = String.valueOf(e.getMessage());
        assertTrue(
                message.startsWith("type mismatch: i32 expected, found i64, at i32.add in function 2 (tested)"),
                message);
        byte[] binary = furnished(0, "41 00 42 00 6a 1a");
        assertEquals(0x6a, binary[(int) e.offset()]);
    }

    @Test
    void localsFarOutAreFoundHoweverManyRunsThereAre() {
        byte[] runs = repeat(hex("01 7f 00 7c 02 7e"), 10_000);
        byte[] code = hex("20 ad ea 01 1a 42 00 21 ae ea 01");
        ModuleData module = Decoder.decode(new ModuleBuilder()
                .section(TYPE, "01 60 00 00")
                .section(FUNCTION, "01 00")
                .section(CODE, vector(body(concat(u32(30_000), runs), code)))
                .build());
        assertEquals(30_000, module.bodies().getFirst().locals().size());
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.SECONDS)
    void tenMegabytesOfNopsAreValid() {
        byte[] nops = repeat(hex("01"), 10_000_000);
        assertEquals(1, Decoder.decode(single(nops)).bodies().size());
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.SECONDS)
    void deepNestingIsTakenUpToTheLimit() {
        int deep = ModuleLimits.NESTING - 1;
        byte[] blocks = concat(repeat(hex("02 40"), deep), repeat(hex("0b"), deep));
        assertEquals(1, Decoder.decode(single(blocks)).bodies().size());
        byte[] tooDeep = repeat(hex("02 40"), 10_000_000);
        unsupported("blocks nested too deeply", single(tooDeep));
        assertThrows(MalformedException.class, () -> Decoder.decode(single(repeat(hex("02 40"), deep))));
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.SECONDS)
    void aBranchTableMayHaveMillionsOfTargets() {
        byte[] table = concat(hex("41 00 0e"), u32(8_000_000), new byte[8_000_001]);
        assertEquals(1, Decoder.decode(single(table)).bodies().size());
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.SECONDS)
    void instructionsThatMoveAThousandValuesAreNoBurden() {
        byte[] thousand = concat(u32(1000), repeat(hex("7f"), 1000));
        byte[] types = vector(hex("60 00 00"), concat(hex("60"), thousand, thousand), concat(hex("60 00"), thousand));
        byte[] calls = concat(hex("10 02"), repeat(hex("10 01"), 2_000_000), repeat(hex("1a"), 1000));
        byte[] branches = concat(
                hex("10 02 02 01 41 00 0e"), u32(1_000_000), new byte[1_000_001], hex("0b"), repeat(hex("1a"), 1000));
        byte[] binary = new ModuleBuilder()
                .section(TYPE, types)
                .section(FUNCTION, "04 00 01 02 00")
                .section(CODE, vector(body(hex("00"), calls), body("00"), body("00"), body(hex("00"), branches)))
                .build();
        assertEquals(4, Decoder.decode(binary).bodies().size());
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.SECONDS)
    void theOperandStackHasALimit() {
        byte[] thousand = concat(u32(1000), repeat(hex("7f"), 1000));
        byte[] binary = new ModuleBuilder()
                .section(TYPE, vector(hex("60 00 00"), concat(hex("60 00"), thousand)))
                .section(FUNCTION, "02 00 01")
                .section(CODE, vector(body(hex("00"), repeat(hex("10 01"), 1_000_000)), body("00")))
                .build();
        unsupported("too many operands", binary);
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.SECONDS)
    void manyFunctionsWithManyLocalsAreNoBurden() {
        int count = 200_000;
        byte[] body = body(concat(hex("01"), u32(50_000), hex("7f")), new byte[0]);
        byte[] binary = new ModuleBuilder()
                .section(TYPE, "01 60 00 00")
                .section(FUNCTION, u32(count), new byte[count])
                .section(CODE, u32(count), repeat(body, count))
                .build();
        assertEquals(count, Decoder.decode(binary).bodies().size());
    }

    private static byte[] single(byte[] code) {
        return new ModuleBuilder()
                .section(TYPE, "01 60 00 00")
                .section(FUNCTION, "01 00")
                .section(CODE, vector(body(hex("00"), code)))
                .build();
    }

    private static void unsupported(String words, byte[] binary) {
        UnsupportedException e = assertThrows(UnsupportedException.class, () -> Decoder.decode(binary));
        assertTrue(String.valueOf(e.getMessage()).startsWith(words), e.getMessage());
    }
}
