package io.selvage.wasm;

import static io.selvage.wasm.ModuleBuilder.hex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinaryReaderTest {
    @ParameterizedTest
    @CsvSource({
        "00, 0",
        "7f, 127",
        "80 01, 128",
        "80 80 00, 0",
        "e5 8e 26, 624485",
        "ff ff ff ff 07, 2147483647",
        "ff ff ff ff 0f, 4294967295",
        "82 80 80 80 00, 2"
    })
    void unsignedNumbersAreReadWithAnyPaddingThatFits(String bytes, long value) {
        BinaryReader in = new BinaryReader(hex(bytes));
        assertEquals(value, Integer.toUnsignedLong(in.u32()));
        assertTrue(in.atEnd());
    }

    @ParameterizedTest
    @CsvSource({
        "00, 0",
        "3f, 63",
        "40, -64",
        "7f, -1",
        "ff 7f, -1",
        "80 7f, -128",
        "c0 bb 78, -123456",
        "ff ff ff ff 07, 2147483647",
        "80 80 80 80 78, -2147483648",
        "ff ff ff ff 7f, -1"
    })
    void signedNumbersKeepTheirSign(String bytes, int value) {
        BinaryReader in = new BinaryReader(hex(bytes));
        assertEquals(value, in.s32());
        assertTrue(in.atEnd());
        BinaryReader wide = new BinaryReader(hex(bytes));
        assertEquals(value, wide.s64());
        BinaryReader index = new BinaryReader(hex(bytes));
        assertEquals(value, index.s33());
    }

    @ParameterizedTest
    @CsvSource({
        "ff ff ff ff ff ff ff ff ff 00, 9223372036854775807",
        "80 80 80 80 80 80 80 80 80 7f, -9223372036854775808",
        "ff ff ff ff ff ff ff ff ff 7f, -1"
    })
    void signedNumbersOf64BitsReachTheirEnds(String bytes, long value) {
        assertEquals(value, new BinaryReader(hex(bytes)).s64());
    }

    @ParameterizedTest
    @CsvSource({
        "u32, 80 80 80 80 10, integer too large",
        "u32, ff ff ff ff 1f, integer too large",
        "u32, 80 80 80 80 80 00, integer representation too long",
        "u32, 80 80, unexpected end",
        "s32, 80 80 80 80 70, integer too large",
        "s32, ff ff ff ff 0f, integer too large",
        "s32, ff ff ff ff 4f, integer too large",
        "s32, 80 80 80 80 80 00, integer representation too long",
        "s32, ff ff ff ff ff 7f, integer representation too long",
        "s32, ff, unexpected end",
        "s33, 80 80 80 80 20, integer too large",
        "s33, 80 80 80 80 80 00, integer representation too long",
        "s64, 80 80 80 80 80 80 80 80 80 7e, integer too large",
        "s64, ff ff ff ff ff ff ff ff ff 01, integer too large",
        "s64, ff ff ff ff ff ff ff ff ff ff 7f, integer representation too long",
        "s64, 80 80 80 80 80 80 80 80 80 80 00, integer representation too long"
    })
    void numbersThatDoNotFitAreMalformed(String kind, String bytes, String words) {
        Consumer<BinaryReader> read = switch (kind) {
            case "u32" -> BinaryReader::u32;
            case "s32" -> BinaryReader::s32;
            case "s33" -> BinaryReader::s33;
            default -> BinaryReader::s64;
        };
        MalformedException e = assertThrows(MalformedException.class, () -> read.accept(new BinaryReader(hex(bytes))));
        assertTrue(e.getMessage().startsWith(words), e.getMessage());
    }

    @Test
    void namesAreUtf8AsTheJdkUnderstandsIt() {
        Random random = new Random(7);
        int[] leads = {0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff};
        for (int i = 0; i < 50_000; i++) {
            byte[] text = new byte[1 + random.nextInt(5)];
            for (int k = 0; k < text.length; k++) {
                text[k] = (byte) (random.nextBoolean() ? leads[random.nextInt(leads.length)] : random.nextInt(256));
            }
            BinaryReader in = new BinaryReader(ModuleBuilder.sized(text));
            String expected;
            try {
                expected = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(text))
                        .toString();
            } catch (CharacterCodingException _) {
                assertThrows(MalformedException.class, in::name);
                continue;
            }
            assertEquals(expected, in.name());
        }
    }

    @Test
    void aLengthPastTheEndIsRefusedBeforeAnythingIsReserved() {
        for (String length : new String[] {"ff ff ff ff 0f", "ff ff ff ff 07", "10"}) {
            MalformedException e =
                    assertThrows(MalformedException.class, () -> new BinaryReader(hex(length + "61 62 63")).name());
            assertTrue(e.getMessage().startsWith("length out of bounds"), e.getMessage());
        }
    }
}
