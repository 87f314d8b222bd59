package io.selvage.wasm.text;

import io.selvage.wasm.internal.BinaryWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes the names of a text into a name section (core spec §7.4.1), so that they show in messages. */
final class NameWriter {
    private NameWriter() {}

    /**
     * The contents of the section; empty if nothing has a name.
     *
     * @param locals the names of each function's parameters and locals, by function index
     */
    static byte[] names(Optional<String> module, Spaces spaces, List<IndexSpace> locals) {
        BinaryWriter out = new BinaryWriter();
        module.ifPresent(
                name -> subsection(out, 0, new BinaryWriter().name(name).toByteArray()));
        map(out, 1, spaces.functions());
        indirect(out, 2, locals);
        map(out, 4, spaces.types().space());
        map(out, 5, spaces.tables());
        map(out, 6, spaces.memories());
        map(out, 7, spaces.globals());
        map(out, 8, spaces.elements());
        map(out, 9, spaces.data());
        indirect(out, 10, spaces.types().fields());
        map(out, 11, spaces.tags());
        return out.toByteArray();
    }

    private static void subsection(BinaryWriter out, int id, byte[] content) {
        out.u8(id).sized(content);
    }

    private static void map(BinaryWriter out, int id, IndexSpace space) {
        byte[] map = map(space.names());
        if (map.length > 0) {
            subsection(out, id, map);
        }
    }

    /** Indices with their names; empty if there are none. */
    private static byte[] map(List<@Nullable String> names) {
        BinaryWriter entries = new BinaryWriter();
        int count = 0;
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (name != null) {
                entries.u32(i).name(name);
                count++;
            }
        }
        return count == 0
                ? new byte[0]
                : new BinaryWriter().u32(count).bytes(entries.toByteArray()).toByteArray();
    }

    private static void indirect(BinaryWriter out, int id, List<IndexSpace> spaces) {
        List<byte[]> entries = new ArrayList<>();
        for (int i = 0; i < spaces.size(); i++) {
            byte[] map = map(spaces.get(i).names());
            if (map.length > 0) {
                entries.add(new BinaryWriter().u32(i).bytes(map).toByteArray());
            }
        }
        if (!entries.isEmpty()) {
            BinaryWriter content = new BinaryWriter().u32(entries.size());
            entries.forEach(content::bytes);
            subsection(out, id, content.toByteArray());
        }
    }
}
