package io.selvage.wasi;

import io.selvage.wasm.Memory;
import java.nio.charset.StandardCharsets;
import java.util.Collection;

/** Arguments or environment variables as C programs get them: zero-terminated UTF-8, one after the other. */
final class StringList {
    private final byte[][] strings;
    private final int bytes;

    StringList(Collection<String> strings) {
        this.strings = new byte[strings.size()][];
        int total = 0;
        int i = 0;
        for (String string : strings) {
            byte[] encoded = string.getBytes(StandardCharsets.UTF_8);
            this.strings[i++] = encoded;
            total += encoded.length + 1;
        }
        bytes = total;
    }

    void writeSizes(Memory memory, int countAddress, int bytesAddress) {
        memory.writeInt(countAddress, strings.length);
        memory.writeInt(bytesAddress, bytes);
    }

    void write(Memory memory, int pointersAddress, int bytesAddress) {
        memory.check(pointersAddress, strings.length * 4);
        memory.check(bytesAddress, bytes);
        int pointer = pointersAddress;
        int address = bytesAddress;
        for (byte[] string : strings) {
            memory.writeInt(pointer, address);
            memory.write(address, string);
            memory.writeByte(address + string.length, 0);
            pointer += 4;
            address += string.length + 1;
        }
    }
}
