package io.selvage.wasm;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes modules that would be too large to commit, in the binary format (core spec §5). */
final class WasmBuilder {
    /** The instructions of one function. */
    static final class Code {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Code op(int code) {
            bytes.write(code);
            return this;
        }

        Code ops(int... codes) {
            for (int code : codes) {
                bytes.write(code);
            }
            return this;
        }

        Code bytes(byte[] more) {
            bytes.writeBytes(more);
            return this;
        }

        /** An opcode with one index, for example a local's or a label's. */
        Code op(int code, int index) {
            bytes.write(code);
            return u32(index);
        }

        Code i32(int value) {
            bytes.write(Opcode.I32_CONST);
            signed(value);
            return this;
        }

        Code i64(long value) {
            bytes.write(Opcode.I64_CONST);
            signed(value);
            return this;
        }

        /** A constant of a float type by its bits. */
        Code f32(int bits) {
            bytes.write(Opcode.F32_CONST);
            for (int shift = 0; shift < 32; shift += 8) {
                bytes.write(bits >>> shift);
            }
            return this;
        }

        /** A constant of a float type by its bits. */
        Code f64(long bits) {
            bytes.write(Opcode.F64_CONST);
            for (int shift = 0; shift < 64; shift += 8) {
                bytes.write((int) (bits >>> shift));
            }
            return this;
        }

        Code get(int local) {
            return op(Opcode.LOCAL_GET, local);
        }

        Code set(int local) {
            return op(Opcode.LOCAL_SET, local);
        }

        Code u32(int value) {
            unsigned(bytes, value);
            return this;
        }

        int size() {
            return bytes.size();
        }

        byte[] toByteArray() {
            return bytes.toByteArray();
        }

        private void signed(long value) {
            long rest = value;
            while (true) {
                int low = (int) (rest & 0x7f);
                rest >>= 7;
                if ((rest == 0 && (low & 0x40) == 0) || (rest == -1 && (low & 0x40) != 0)) {
                    bytes.write(low);
                    return;
                }
                bytes.write(low | 0x80);
            }
        }
    }

    /** A block type without parameters and results. */
    static final int EMPTY = 0x40;

    private final List<FunctionType> types = new ArrayList<>();
    private final List<Integer> functions = new ArrayList<>();
    private final List<byte[]> bodies = new ArrayList<>();
    private final List<String> exports = new ArrayList<>();
    private final List<Integer> exported = new ArrayList<>();
    private int globals;
    private int tableSize;
    private boolean memory;

    /** The index of a type. */
    int type(FunctionType type) {
        if (!types.contains(type)) {
            types.add(type);
        }
        return types.indexOf(type);
    }

    /** Adds a function whose additional locals are {@code localCount} of {@code localType}; answers its index. */
    int function(FunctionType type, int localCount, ValueType localType, Code code) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        unsigned(body, localCount == 0 ? 0 : 1);
        if (localCount != 0) {
            unsigned(body, localCount);
            body.write(localType.code());
        }
        body.writeBytes(code.toByteArray());
        body.write(Opcode.END);
        functions.add(type(type));
        bodies.add(body.toByteArray());
        return functions.size() - 1;
    }

    int function(FunctionType type, Code code) {
        return function(type, 0, ValueType.I32, code);
    }

    WasmBuilder export(String name, int function) {
        exports.add(name);
        exported.add(function);
        return this;
    }

    /** So many mutable i32 globals, each with its index as its first value. */
    WasmBuilder globals(int count) {
        globals = count;
        return this;
    }

    /** A table with the functions 0 to {@code size - 1}. */
    WasmBuilder table(int size) {
        tableSize = size;
        return this;
    }

    /** A memory of one page. */
    WasmBuilder memory() {
        memory = true;
        return this;
    }

    byte[] build() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        section(out, 1, typeSection());
        section(out, 3, vector(functions));
        if (tableSize > 0) {
            ByteArrayOutputStream table = new ByteArrayOutputStream();
            table.writeBytes(new byte[] {1, 0x70, 0});
            unsigned(table, tableSize);
            section(out, 4, table);
        }
        if (memory) {
            ByteArrayOutputStream memories = new ByteArrayOutputStream();
            memories.writeBytes(new byte[] {1, 0, 1});
            section(out, 5, memories);
        }
        if (globals > 0) {
            section(out, 6, globalSection());
        }
        section(out, 7, exportSection());
        if (tableSize > 0) {
            section(out, 9, elementSection());
        }
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        unsigned(code, bodies.size());
        for (byte[] body : bodies) {
            unsigned(code, body.length);
            code.writeBytes(body);
        }
        section(out, 10, code);
        return out.toByteArray();
    }

    private ByteArrayOutputStream typeSection() {
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        unsigned(section, types.size());
        for (FunctionType type : types) {
            section.write(0x60);
            section.writeBytes(
                    vector(type.parameters().stream().map(ValueType::code).toList())
                            .toByteArray());
            section.writeBytes(
                    vector(type.results().stream().map(ValueType::code).toList())
                            .toByteArray());
        }
        return section;
    }

    private ByteArrayOutputStream globalSection() {
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        unsigned(section, globals);
        for (int i = 0; i < globals; i++) {
            section.write(ValueType.I32.code());
            section.write(1);
            section.writeBytes(new Code().i32(i).op(Opcode.END).toByteArray());
        }
        return section;
    }

    private ByteArrayOutputStream exportSection() {
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        unsigned(section, exports.size());
        for (int i = 0; i < exports.size(); i++) {
            byte[] name = exports.get(i).getBytes(StandardCharsets.UTF_8);
            unsigned(section, name.length);
            section.writeBytes(name);
            section.write(0);
            unsigned(section, exported.get(i));
        }
        return section;
    }

    private ByteArrayOutputStream elementSection() {
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        section.writeBytes(new byte[] {1, 0, Opcode.I32_CONST, 0, Opcode.END});
        unsigned(section, tableSize);
        for (int i = 0; i < tableSize; i++) {
            unsigned(section, i);
        }
        return section;
    }

    private static void section(ByteArrayOutputStream out, int id, ByteArrayOutputStream contents) {
        out.write(id);
        unsigned(out, contents.size());
        out.writeBytes(contents.toByteArray());
    }

    private static ByteArrayOutputStream vector(List<Integer> numbers) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        unsigned(out, numbers.size());
        numbers.forEach(number -> unsigned(out, number));
        return out;
    }

    private static void unsigned(ByteArrayOutputStream out, int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            out.write((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }
}
