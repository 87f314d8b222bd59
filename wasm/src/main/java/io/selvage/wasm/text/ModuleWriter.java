package io.selvage.wasm.text;

import io.selvage.wasm.internal.BinaryWriter;
import java.util.ArrayList;
import java.util.List;

/** Collects the sections of a module and puts them together (core spec §5.5). */
final class ModuleWriter {
    /** The sections that hold a vector, in the order of the binary format. */
    enum Section {
        TYPE(1),
        IMPORT(2),
        FUNCTION(3),
        TABLE(4),
        MEMORY(5),
        TAG(13),
        GLOBAL(6),
        EXPORT(7),
        START(8),
        ELEMENT(9),
        DATA_COUNT(12),
        CODE(10),
        DATA(11);

        private final int id;

        Section(int id) {
            this.id = id;
        }
    }

    private static final byte[] PREAMBLE = {0, 'a', 's', 'm', 1, 0, 0, 0};
    private static final List<Section> SECTIONS = List.of(Section.values());

    private final BinaryWriter[] contents = new BinaryWriter[SECTIONS.size()];
    private final int[] counts = new int[SECTIONS.size()];

    private final List<CustomSection> customs = new ArrayList<>();

    ModuleWriter() {
        for (int i = 0; i < contents.length; i++) {
            contents[i] = new BinaryWriter();
        }
    }

    /** Begins another entry of a section. */
    BinaryWriter entry(Section section) {
        counts[section.ordinal()]++;
        return last(section);
    }

    /** Goes on with the last entry of a section. */
    BinaryWriter last(Section section) {
        return contents[section.ordinal()];
    }

    int count(Section section) {
        return counts[section.ordinal()];
    }

    /** The types come last, when it is known which ones are used. */
    void types(Types types) {
        counts[Section.TYPE.ordinal()] = types.groupCount();
        contents[Section.TYPE.ordinal()].clear();
        contents[Section.TYPE.ordinal()].bytes(types.groups());
    }

    void custom(CustomSection section) {
        customs.add(section);
    }

    /** The module; empty sections are left away. */
    byte[] module(byte[] names) {
        BinaryWriter out = new BinaryWriter().bytes(PREAMBLE);
        for (Section section : SECTIONS) {
            customs(section.ordinal(), out);
            section(section, out);
        }
        if (names.length > 0) {
            custom("name", names, out);
        }
        customs(SECTIONS.size(), out);
        return out.toByteArray();
    }

    private void customs(int before, BinaryWriter out) {
        for (CustomSection section : customs) {
            if (section.before() == before) {
                custom(section.name(), section.content(), out);
            }
        }
    }

    private static void custom(String name, byte[] content, BinaryWriter out) {
        out.u8(0).sized(new BinaryWriter().name(name).bytes(content).toByteArray());
    }

    private void section(Section section, BinaryWriter out) {
        int count = counts[section.ordinal()];
        if (count == 0) {
            return;
        }
        BinaryWriter content = new BinaryWriter();
        if (section != Section.START && section != Section.DATA_COUNT) {
            content.u32(count);
        }
        content.bytes(contents[section.ordinal()].toByteArray());
        out.u8(section.id).sized(content.toByteArray());
    }
}
