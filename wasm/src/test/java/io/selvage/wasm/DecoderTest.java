package io.selvage.wasm;

import static io.selvage.wasm.ModuleBuilder.CODE;
import static io.selvage.wasm.ModuleBuilder.EXPORT;
import static io.selvage.wasm.ModuleBuilder.FUNCTION;
import static io.selvage.wasm.ModuleBuilder.IMPORT;
import static io.selvage.wasm.ModuleBuilder.TYPE;
import static io.selvage.wasm.ModuleBuilder.body;
import static io.selvage.wasm.ModuleBuilder.concat;
import static io.selvage.wasm.ModuleBuilder.everything;
import static io.selvage.wasm.ModuleBuilder.hex;
import static io.selvage.wasm.ModuleBuilder.module;
import static io.selvage.wasm.ModuleBuilder.name;
import static io.selvage.wasm.ModuleBuilder.repeat;
import static io.selvage.wasm.ModuleBuilder.sized;
import static io.selvage.wasm.ModuleBuilder.u32;
import static io.selvage.wasm.ModuleBuilder.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.wasm.text.WebAssemblyText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {
    private static void rejects(Class<? extends WasmException> kind, String words, byte[] binary) {
        WasmException e = assertThrows(kind, () -> Decoder.decode(binary));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith(words), message);
    }

    @Test
    void anEmptyModuleIsAModule() {
        ModuleData module = Decoder.decode(module(""));
        assertEquals(0, module.types().size());
        assertEquals(0, module.functionTypes().length);
        assertEquals(-1, module.start());
        assertNull(module.moduleName());
    }

    @Test
    void typesImportsAndFunctionsAreRead() {
        ModuleData module = Decoder.decode(everything());
        assertEquals(
                List.of(
                        FunctionType.of(),
                        FunctionType.of(ValueType.I32).returning(ValueType.I32),
                        FunctionType.of(ValueType.I32, ValueType.I64).returning(ValueType.F32, ValueType.F64),
                        FunctionType.of(ValueType.EXTERNREF).returning(ValueType.FUNCREF)),
                IntStream.range(0, 4).mapToObj(module.types()::function).toList());
        assertEquals(
                List.of(
                        new ImportDescriptor("env", "f", module.types().function(1)),
                        new ImportDescriptor("env", "t", new TableType(ValueType.FUNCREF, Limits.between(2, 16))),
                        new ImportDescriptor("env", "g", new GlobalType(ValueType.I32, false)),
                        new ImportDescriptor("ümlaut", "€𝄞", new GlobalType(ValueType.I64, true))),
                module.imports());
        assertEquals(1, module.importedFunctions());
        assertEquals(1, module.importedTables());
        assertEquals(0, module.importedMemories());
        assertEquals(2, module.importedGlobals());
        assertArrayEquals(new int[] {1, 0, 1, 2, 3}, module.functionTypes());
        assertEquals(1, module.start());
    }

    @Test
    void tablesMemoriesAndGlobalsAreRead() {
        ModuleData module = Decoder.decode(everything());
        assertEquals(
                List.of(
                        new TableType(ValueType.FUNCREF, Limits.between(2, 16)),
                        new TableType(ValueType.EXTERNREF, Limits.atLeast(3))),
                module.tables());
        assertEquals(List.of(new MemoryType(Limits.between(1, 65_536))), module.memories());
        assertEquals(
                List.of(
                        new GlobalType(ValueType.I32, false),
                        new GlobalType(ValueType.I64, true),
                        new GlobalType(ValueType.I32, false),
                        new GlobalType(ValueType.FUNCREF, true),
                        new GlobalType(ValueType.EXTERNREF, false)),
                module.globals());
        assertEquals(
                "2300 4102 6a 0b".replace(" ", ""),
                text(module, module.globalInitials().getFirst()));
        assertEquals(
                List.of(
                        new ModuleData.Export("run", ModuleData.Kind.FUNCTION, 2),
                        new ModuleData.Export("memory", ModuleData.Kind.MEMORY, 0),
                        new ModuleData.Export("table", ModuleData.Kind.TABLE, 1),
                        new ModuleData.Export("global", ModuleData.Kind.GLOBAL, 1)),
                module.exports());
    }

    @Test
    void everyFormOfElementSegmentIsRead() {
        ModuleData module = Decoder.decode(everything());
        List<ModuleData.ElementSegment> elements = module.elements();
        assertEquals(8, elements.size());
        for (int form = 0; form < 8; form++) {
            ModuleData.ElementSegment segment = elements.get(form);
            assertEquals(
                    (form & 1) == 0
                            ? ModuleData.Mode.ACTIVE
                            : (form & 2) == 0 ? ModuleData.Mode.PASSIVE : ModuleData.Mode.DECLARATIVE,
                    segment.mode());
            assertEquals(form == 6 ? 1 : 0, segment.table());
            assertEquals((form & 1) == 0, segment.offset() != null);
            ValueType functions = form < 4 ? ValueType.reference(AbstractHeapType.FUNC, false) : ValueType.FUNCREF;
            assertEquals(form == 5 || form == 6 ? ValueType.EXTERNREF : functions, segment.type());
        }
        assertArrayEquals(new int[] {0, 1}, elements.get(0).functions());
        assertEquals(2, elements.get(0).size());
        assertEquals("d2020b", text(module, elements.get(4).expressions().getFirst()));
        assertEquals(0, elements.get(6).size());
    }

    @Test
    void everyFormOfDataSegmentIsRead() {
        ModuleData module = Decoder.decode(everything());
        assertEquals(3, module.data().size());
        ModuleData.DataSegment active = module.data().get(0);
        assertEquals(ModuleData.Mode.ACTIVE, active.mode());
        assertEquals("abc", string(module, active));
        ModuleData.DataSegment passive = module.data().get(1);
        assertEquals(ModuleData.Mode.PASSIVE, passive.mode());
        assertNull(passive.offset());
        assertEquals("passive", string(module, passive));
        assertEquals("", string(module, module.data().get(2)));
        assertNotNull(module.data().get(2).offset());
    }

    @Test
    void bodiesAreFoundWithTheirLocals() {
        ModuleData module = Decoder.decode(everything());
        assertEquals(4, module.bodies().size());
        ModuleData.Body body = module.bodies().get(1);
        assertEquals(3, body.locals().size());
        assertArrayEquals(new int[] {2, 1}, body.locals().counts());
        assertArrayEquals(
                new ValueType[] {ValueType.I32, ValueType.I64}, body.locals().types());
        assertEquals(0x20, module.binary()[body.start()]);
        assertEquals(0x0b, module.binary()[body.end() - 1]);
        assertEquals(0, module.bodies().getFirst().locals().size());
    }

    @Test
    void namesAndCustomSectionsAreKept() {
        ModuleData module = Decoder.decode(everything());
        assertEquals("sample", module.moduleName());
        assertEquals(Map.of(0, "imported", 2, "run"), module.functionNames());
        assertEquals(
                List.of("before", "name", "after"),
                module.customSections().stream()
                        .map(ModuleData.CustomSection::name)
                        .toList());
        ModuleData.CustomSection before = module.customSections().getFirst();
        assertArrayEquals(new byte[] {1, 2, 3}, Arrays.copyOfRange(module.binary(), before.start(), before.end()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "05",
                "00 05 04 61 62",
                "00 03 02 61",
                "00 02 01 ff",
                "01 01 ff ff ff ff 0f",
                "01 04 01 00 01 ff",
                "01 80",
                "01 06 ff ff ff 7f 00 01"
            })
    void aMalformedNameSectionCountsAsNone(String contents) {
        ModuleData module =
                Decoder.decode(new ModuleBuilder().custom("name", hex(contents)).build());
        assertNull(module.moduleName());
        assertEquals(Map.of(), module.functionNames());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            no bytes             | unexpected end                         |
            half a magic number  | unexpected end                         | 00 61 73
            another magic number | magic header not detected              | 00 61 73 6e 01 00 00 00
            the text format      | magic header not detected: this looks  | 28 6d 6f 64 75 6c 65 29
            compressed, gzip     | magic header not detected: this looks compressed with gzip | 1f 8b 08 00 00 00 00 00
            compressed, zstd     | magic header not detected: this looks compressed with zstd | 28 b5 2f fd 00 00 00 00
            in a zip archive     | magic header not detected: this looks like a zip archive | 50 4b 03 04 00 00 00 00
            a native program     | magic header not detected: this looks like a native program | 7f 45 4c 46 02 01 01 00
            no version           | unexpected end                         | 00 61 73 6d
            half a version       | unexpected end                         | 00 61 73 6d 01 00 00
            another version      | unknown binary version: 1 expected     | 00 61 73 6d 02 00 00 00
            a component          | unknown binary version: this is a comp | 00 61 73 6d 0d 00 01 00
            """)
    void whatDoesNotBeginAsAModuleIsMalformed(String what, String words, String bytes) {
        rejects(MalformedException.class, words, bytes == null ? new byte[0] : hex(bytes));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            unknown section                | malformed section id                   | 0e 01 00
            section id of two bytes        | malformed section id                   | 81 00 01 00
            section without a length       | unexpected end                         | 01
            section past the end           | length out of bounds                   | 01 07 02 60 00 00
            section longer than its things | section size mismatch                  | 01 07 01 60 00 00 60 00 00
            section shorter                | section size mismatch                  | 01 02 01 60 00 00
            fewer things than counted      | unexpected end of section or function  | 01 05 02 60 00 00 60
            section twice                  | unexpected content after last section  | 01 01 00 01 01 00
            sections out of order          | unexpected content after last section  | 03 01 00 01 01 00
            data count after code          | unexpected content after last section  | 0a 01 00 0c 01 00
            junk after the last section    | malformed section id                   | 01 01 00 ff
            custom section without a name  | unexpected end                         | 00 00
            custom name past its section   | unexpected end                         | 00 01 02 61 62
            custom name not UTF-8          | malformed UTF-8 encoding               | 00 03 02 c0 80
            function type of another form  | malformed definition type              | 01 04 01 61 00 00
            form of a type overlong        | integer representation too long        | 01 05 01 e0 7f 00 00
            parameter of no type           | malformed value type                   | 01 05 01 60 01 7a 00
            import of no kind              | malformed import kind                  | 02 04 01 00 00 05
            import name not UTF-8          | malformed UTF-8 encoding               | 02 06 01 01 ff 00 00 00
            table of numbers               | malformed reference type               | 04 04 01 7f 00 00
            limits with an unknown flag    | malformed limits flags                 | 05 03 01 10 00
            limits with an overlong flag   | integer representation too long        | 05 04 01 81 00 00
            minimum past 64 bits | integer too large | 05 0c 01 00 80 80 80 80 80 80 80 80 80 02
            global half mutable            | malformed mutability                   | 06 06 01 7f 02 41 00 0b
            export of no kind              | malformed export kind                  | 07 05 01 01 61 05 00
            element segment of no kind     | malformed elements segment kind        | 09 04 01 08 00 00
            elements of no kind            | malformed element kind                 | 09 04 01 01 01 00
            elements of a number type      | malformed reference type               | 09 05 01 05 7f 01 00
            element that is no expression | illegal opcode | 04 04 01 70 00 00 09 07 01 05 70 01 f3 00 0b
            data segment of no kind        | malformed data segment kind            | 0b 03 01 03 00
            data past the end | unexpected end of section or function | 05 03 01 00 01 0b 06 01 01 04 61 62 63
            data count without data        | data count and data section have incon | 0c 01 01
            data count of another number   | data count and data section have incon | 0c 01 02 0b 03 01 01 00
            function without code          | function and code section have inconsi | F
            code without function          | function and code section have inconsi | 0a 04 01 02 00 0b
            code for one of two functions | function and code section have inconsi | 01 04 01 60 00 00 03 03 02 00 00 0a 04 01 02 00 0b
            body without its end           | unexpected end of section or function  | F 0a 06 01 04 00 41 01 1a
            body that ends early           | section size mismatch                  | F 0a 06 01 04 00 0b 01 0b
            body that ends late | section size mismatch | F 0a 06 01 04 00 41 01 1a 0b 03 01 01 00
            locals past their body         | unexpected end of section or function  | F 0a 06 01 02 01 01 7f 0b
            locals past 32 bits | too many locals | F 0a 0c 01 0a 02 ff ff ff ff 0f 7f 02 7e 0b
            a local of no type             | malformed value type                   | F 0a 06 01 04 01 01 10 0b
            else without if                | END opcode expected                    | F 0a 05 01 03 00 05 0b
            opcode without meaning         | illegal opcode                         | F 0a 05 01 03 00 f3 0b
            0xfc opcode without meaning    | illegal opcode                         | F 0a 06 01 04 00 fc 12 0b
            negative block type            | malformed value type                   | F 0a 08 01 06 00 02 80 7f 0b 0b
            memory.init without data count | data count section required | F 05 03 01 00 00 0a 0e 01 0c 00 41 00 41 00 41 00 fc 08 00 00 0b 0b 03 01 01 00
            data.drop without data count | data count section required | F 05 03 01 00 00 0a 07 01 05 00 fc 09 00 0b 0b 03 01 01 00
            malformed and invalid at once  | unexpected end of section or function  | F 0a 06 01 04 00 1a 41 80
            """)
    void whatIsNotInTheBinaryFormatIsMalformed(String what, String words, String bytes) {
        rejects(MalformedException.class, words, module(bytes));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            import of an unknown type        | unknown type 0                            | 02 04 01 00 00 00 00
            function of an unknown type      | unknown type 1                            | 01 04 01 60 00 00 03 02 01 01
            shared memory without a maximum | shared memory must have maximum | 05 03 01 02 00
            another memory of an unknown number | unknown memory 1 | F 05 03 01 00 00 0a 09 01 07 00 41 00 40 01 1a 0b
            memory past 4 GiB                | memory size must be at most 65536 pages   | 05 05 01 00 81 80 04
            memory that may grow past 4 GiB  | memory size must be at most 65536 pages   | 05 06 01 01 00 81 80 04
            minimum past maximum             | size minimum must not be greater than max | 05 04 01 01 02 01
            table's minimum past its maximum | size minimum must not be greater than max | 04 05 01 70 01 02 01
            global without a value           | type mismatch                             | 06 04 01 7f 00 0b
            global with two values           | type mismatch                             | 06 08 01 7f 00 41 00 41 00 0b
            global of another type           | type mismatch                             | 06 06 01 7f 00 42 00 0b
            global with a computation        | constant expression required              | 06 07 01 7f 00 41 00 45 0b
            global with a nop                | constant expression required              | 06 07 01 7f 00 41 00 01 0b
            global from a later global | unknown global 1 | 06 0b 02 7f 00 23 01 0b 7f 00 41 00 0b
            global from a mutable global | constant expression required | 02 06 01 00 00 03 7f 01 06 06 01 7f 00 23 00 0b
            global from an unknown function  | unknown function 0                        | 06 06 01 70 00 d2 00 0b
            sum of different types | type mismatch | 06 09 01 7f 00 41 00 42 00 6a 0b
            sum of one                       | type mismatch                             | 06 07 01 7f 00 41 00 6a 0b
            export of an unknown function    | unknown function 0                        | 07 05 01 01 61 00 00
            export of an unknown table       | unknown table 0                           | 07 05 01 01 61 01 00
            export of an unknown memory      | unknown memory 0                          | 07 05 01 01 61 02 00
            export of an unknown global      | unknown global 0                          | 07 05 01 01 61 03 00
            one name for two exports | duplicate export name | 05 03 01 00 00 07 09 02 01 61 02 00 01 61 02 00
            unknown start function           | unknown function 3                        | 08 01 03
            start function with a parameter | start function | 01 05 01 60 01 7f 00 02 05 01 00 00 00 00 08 01 00
            start function with a result | start function | 01 05 01 60 00 01 7f 02 05 01 00 00 00 00 08 01 00
            elements without a table         | unknown table 0                           | 09 06 01 00 41 00 0b 00
            elements for table 3 | unknown table 3 | 04 04 01 70 00 00 09 08 01 02 03 41 00 0b 00 00
            elements at an i64 | type mismatch | 04 04 01 70 00 00 09 06 01 00 42 00 0b 00
            elements of another type | type mismatch | 04 04 01 6f 00 00 09 06 01 00 41 00 0b 00
            element of another type          | type mismatch                             | 09 07 01 05 70 01 d0 6f 0b
            unknown function as an element   | unknown function 7                        | 09 05 01 01 00 01 07
            unknown function in an element   | unknown function 7                        | 09 07 01 05 70 01 d2 07 0b
            arithmetic in an element | type mismatch | 09 0a 01 05 70 01 41 00 41 01 6a 0b
            data without a memory            | unknown memory 0                          | 0b 06 01 00 41 00 0b 00
            data for memory 1 | unknown memory 1 | 05 03 01 00 00 0b 07 01 02 01 41 00 0b 00
            data at an f32 | type mismatch | 05 03 01 00 00 0b 09 01 00 43 00 00 00 00 0b 00
            """)
    void whatBreaksARuleOfModulesIsInvalid(String what, String words, String bytes) {
        rejects(InvalidException.class, words, module(bytes));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            two memories               | 05 05 02 00 00 00 00
            an imported and an own one | 02 06 01 00 00 02 00 00 05 03 01 00 00
            a shared memory            | 05 04 01 03 00 01
            a 64-bit memory            | 05 03 01 04 00
            a number overlong          | F 05 03 01 00 00 0a 08 01 06 00 3f 80 00 1a 0b
            a global from another      | 06 0b 02 7f 00 41 00 0b 7f 00 23 00 0b
            a tag section              | 0d 01 00
            an imported tag            | 01 04 01 60 00 00 02 06 01 00 00 04 00 00
            a try block                | F 0a 08 01 06 00 06 40 19 0b 0b
            a struct type              | 01 03 01 5f 00
            a recursive group          | 01 03 01 4e 00
            a reference to anything    | 06 06 01 6e 00 d0 71 0b
            a typed reference          | F 06 07 01 63 00 00 d0 00 0b 0a 04 01 02 00 0b
            a table with a first value | 04 09 01 40 00 70 00 00 d0 70 0b
            """)
    void whatCameAfterTheFirstVersionIsRead(String what, String bytes) {
        assertNotNull(Decoder.decode(module(bytes)));
    }

    @Test
    void aMessageTellsTheByte() {
        MalformedException e = assertThrows(MalformedException.class, () -> Decoder.decode(module("0e 00")));
        assertEquals(8, e.offset());
        assertTrue(String.valueOf(e.getMessage()).endsWith("(at byte 8)"));
    }

    @Test
    void whatTheBrowsersLimitIsLimitedHere() {
        byte[] empty = hex("60 00 00");
        rejects(
                UnsupportedException.class,
                "too many types",
                new ModuleBuilder()
                        .section(TYPE, u32(1_000_001), repeat(empty, 1_000_001))
                        .build());
        rejects(
                UnsupportedException.class,
                "too many functions",
                new ModuleBuilder()
                        .section(TYPE, vector(empty))
                        .section(FUNCTION, u32(1_000_001), new byte[1_000_001])
                        .build());
        rejects(
                UnsupportedException.class,
                "too many parameters",
                new ModuleBuilder()
                        .section(TYPE, hex("01 60"), u32(1001), repeat(hex("7f"), 1001), hex("00"))
                        .build());
        rejects(
                UnsupportedException.class,
                "too many results",
                new ModuleBuilder()
                        .section(TYPE, hex("01 60 00"), u32(1001), repeat(hex("7f"), 1001))
                        .build());
        byte[] withLocals = new ModuleBuilder()
                .section(TYPE, vector(hex("60 01 7f 00")))
                .section(FUNCTION, "01 00")
                .section(CODE, vector(body(concat(hex("01"), u32(50_000), hex("7f")), new byte[0])))
                .build();
        rejects(UnsupportedException.class, "too many locals", withLocals);
    }

    @Test
    void asManyAsTheLimitAreTaken() {
        byte[] thousand = concat(u32(1000), repeat(hex("7e"), 1000));
        ModuleData module = Decoder.decode(new ModuleBuilder()
                .section(TYPE, vector(concat(hex("60"), thousand, thousand)))
                .section(IMPORT, vector(concat(name(""), name(""), hex("00 00"))))
                .section(FUNCTION, "01 00")
                .section(
                        CODE,
                        vector(body(
                                concat(hex("01"), u32(49_000), hex("7c")),
                                concat(hex("20"), u32(49_999), hex("21"), u32(49_999), hex("00")))))
                .build());
        assertEquals(49_000, module.bodies().getFirst().locals().size());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11})
    void aHugeCountReservesNothing(int section) {
        for (String count : List.of("ff ff ff ff 0f", "ff ff ff ff 07", "80 80 80 80 01")) {
            assertThrows(
                    MalformedException.class,
                    () -> Decoder.decode(
                            new ModuleBuilder().section(section, count).build()));
        }
    }

    @Test
    void hugeCountsInsideOfThingsReserveNothing() {
        String huge = "ff ff ff ff 07";
        for (String bytes : List.of(
                "01 07 01 60 " + huge,
                "09 08 01 01 00 " + huge,
                "09 08 01 05 70 " + huge,
                "05 03 01 00 00 0b 07 01 01 " + huge,
                "F 0a 08 01 06 " + huge + " 0b",
                "F 0a 0b 01 09 00 41 00 0e " + huge,
                "F 0a 09 01 07 00 1c " + huge)) {
            assertThrows(MalformedException.class, () -> Decoder.decode(module(bytes)));
        }
    }

    @Test
    void manyExportsWithNamesOfOneHashAreToldApartFast() {
        // "Aa" and "BB" have one hash code, and so do all strings of n such pairs.
        int pairs = 15;
        byte[][] exports = new byte[1 << pairs][];
        for (int i = 0; i < exports.length; i++) {
            StringBuilder name = new StringBuilder();
            for (int k = 0; k < pairs; k++) {
                name.append((i >> k & 1) == 0 ? "Aa" : "BB");
            }
            exports[i] = concat(sized(name.toString().getBytes(StandardCharsets.UTF_8)), hex("02 00"));
        }
        ModuleData module = Decoder.decode(new ModuleBuilder()
                .section(ModuleBuilder.MEMORY, "01 00 00")
                .section(EXPORT, vector(exports))
                .build());
        assertEquals(exports.length, module.exports().size());
    }

    /** Each type knows all above it, so that a chain of n of them would take n² of memory. */
    @Test
    void aLongChainOfSupertypesIsRefusedBeforeItIsMade() {
        String chain = IntStream.range(1, 100_000)
                .mapToObj(i -> "(type (sub %d (struct)))".formatted(i - 1))
                .collect(Collectors.joining());
        byte[] group = WebAssemblyText.parse("(module (rec (type (sub (struct)))" + chain + "))");
        assertTrue(String.valueOf(assertThrows(UnsupportedException.class, () -> Decoder.decode(group))
                        .getMessage())
                .startsWith("too many supertypes above one another: the limit is 63"));
        assertNotNull(Decoder.decode(WebAssemblyText.parse(
                "(module (rec (type (sub (struct)))" + chain.substring(0, chain.indexOf("(type (sub 63 ")) + "))")));
    }

    private static String text(ModuleData module, ModuleData.Expression expression) {
        return HexFormat.of().formatHex(module.binary(), expression.start(), expression.end());
    }

    private static String string(ModuleData module, ModuleData.DataSegment segment) {
        return new String(module.binary(), segment.start(), segment.length(), StandardCharsets.UTF_8);
    }
}
