package io.selvage.wasm;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Writes modules byte by byte, so that a test can write wrong ones too. */
final class ModuleBuilder {
    static final int CUSTOM = 0;
    static final int TYPE = 1;
    static final int IMPORT = 2;
    static final int FUNCTION = 3;
    static final int TABLE = 4;
    static final int MEMORY = 5;
    static final int GLOBAL = 6;
    static final int EXPORT = 7;
    static final int START = 8;
    static final int ELEMENT = 9;
    static final int CODE = 10;
    static final int DATA = 11;
    static final int DATA_COUNT = 12;

    private static final byte[] PREAMBLE = hex("00 61 73 6d 01 00 00 00");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ModuleBuilder() {
        out.writeBytes(PREAMBLE);
    }

    /** Bytes written in hexadecimal; spaces are free. */
    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replaceAll("\\s+", ""));
    }

    /**
     * The preamble and then these bytes. {@code F} stands for the sections that make a function of () → (): its type,
     * and its entry in the function section.
     */
    static byte[] module(String digits) {
        return concat(PREAMBLE, hex(digits.replace("F", "01 04 01 60 00 00 03 02 01 00")));
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] repeat(byte[] part, int times) {
        byte[] all = new byte[part.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(part, 0, all, i * part.length, part.length);
        }
        return all;
    }

    /** An unsigned LEB128 number. */
    static byte[] u32(long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long rest = value;
        while (rest > 0x7f) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return out.toByteArray();
    }

    /** Bytes with their number before them. */
    static byte[] sized(byte[]... parts) {
        byte[] contents = concat(parts);
        return concat(u32(contents.length), contents);
    }

    static byte[] name(String name) {
        return sized(name.getBytes(StandardCharsets.UTF_8));
    }

    /** Things with their number before them. */
    static byte[] vector(byte[]... items) {
        return concat(u32(items.length), concat(items));
    }

    /** A function body without locals; the last {@code end} is added. */
    static byte[] body(String code) {
        return body(hex("00"), hex(code));
    }

    /** A function body with a vector of locals; the last {@code end} is added. */
    static byte[] body(byte[] locals, byte[] code) {
        return sized(locals, code, hex("0b"));
    }

    /** Adds a section. */
    ModuleBuilder section(int id, byte[]... parts) {
        out.write(id);
        out.writeBytes(sized(parts));
        return this;
    }

    ModuleBuilder section(int id, String digits) {
        return section(id, hex(digits));
    }

    ModuleBuilder custom(String name, byte[] contents) {
        return section(CUSTOM, name(name), contents);
    }

    byte[] build() {
        return out.toByteArray();
    }

    /** A module with something in every section: valid, with every kind of import, export, segment and many bodies. */
    static byte[] everything() {
        return new ModuleBuilder()
                .custom("before", hex("01 02 03"))
                .section(
                        TYPE,
                        vector(
                                hex("60 00 00"),
                                hex("60 01 7f 01 7f"),
                                hex("60 02 7f 7e 02 7d 7c"),
                                hex("60 01 6f 01 70")))
                .section(
                        IMPORT,
                        vector(
                                concat(name("env"), name("f"), hex("00 01")),
                                concat(name("env"), name("t"), hex("01 70 01 02 10")),
                                concat(name("env"), name("g"), hex("03 7f 00")),
                                concat(name("ümlaut"), name("€𝄞"), hex("03 7e 01"))))
                .section(FUNCTION, vector(hex("00"), hex("01"), hex("02"), hex("03")))
                .section(TABLE, vector(hex("6f 00 03")))
                .section(MEMORY, vector(hex("01 01 80 80 04")))
                .section(GLOBAL, vector(hex("7f 00 23 00 41 02 6a 0b"), hex("70 01 d2 02 0b"), hex("6f 00 d0 6f 0b")))
                .section(
                        EXPORT,
                        vector(
                                concat(name("run"), hex("00 02")),
                                concat(name("memory"), hex("02 00")),
                                concat(name("table"), hex("01 01")),
                                concat(name("global"), hex("03 01"))))
                .section(START, "01")
                .section(
                        ELEMENT,
                        vector(
                                hex("00 41 00 0b 02 00 01"),
                                hex("01 00 01 02"),
                                hex("02 00 23 00 0b 00 01 03"),
                                hex("03 00 01 04"),
                                hex("04 41 01 0b 01 d2 02 0b"),
                                hex("05 6f 01 d0 6f 0b"),
                                hex("06 01 41 00 0b 6f 00"),
                                hex("07 70 01 d0 70 0b")))
                .section(DATA_COUNT, "03")
                .section(
                        CODE,
                        vector(
                                body("02 40 03 40 41 01 0d 00 41 00 0e 01 00 01 0b 0b"),
                                body(
                                        hex("02 02 7f 01 7e"),
                                        hex("20 00 04 7f 41 01 05 20 01 22 02 0b 10 00 b2 fc 00 1a 20 00")),
                                body("43 00 00 80 3f 44 00 00 00 00 00 00 f0 3f"),
                                body("20 00 d1 04 40 41 00 41 00 41 00 fc 08 01 00 fc 09 01 0b 41 00 25 00")))
                .section(
                        DATA,
                        vector(
                                concat(hex("00 41 00 0b"), name("abc")),
                                concat(hex("01"), name("passive")),
                                concat(hex("02 00 23 00 0b"), name(""))))
                .custom(
                        "name",
                        concat(
                                hex("00"),
                                sized(name("sample")),
                                hex("01"),
                                sized(vector(concat(hex("00"), name("imported")), concat(hex("02"), name("run")))),
                                hex("02 01 00")))
                .custom("after", new byte[0])
                .build();
    }

    /** The first bytes of another array. */
    static byte[] prefix(byte[] bytes, int length) {
        return Arrays.copyOf(bytes, length);
    }
}
