package io.selvage.wasm;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the line of the source that an instruction was made of, in the DWARF line number tables (versions 2 to 5, §6.2 of
 * DWARF 5) that a module may carry in custom sections.
 *
 * <p>The tables are read only when a line is asked for, from their beginning, and nothing of them is kept but the answers:
 * they can be larger than the code, and traps are few. What is broken in them is as if it was not there.
 */
final class DwarfLines {
    private static final int MOST_ANSWERS = 1_000;

    private static final int PATH = 1, DIRECTORY = 2;
    private static final int COPY = 1, ADVANCE_PC = 2, ADVANCE_LINE = 3, SET_FILE = 4, SET_COLUMN = 5;
    private static final int CONST_ADD_PC = 8, FIXED_ADVANCE_PC = 9, SET_ISA = 12;
    private static final int END_SEQUENCE = 1, SET_ADDRESS = 2;

    private final ModuleData module;

    /** The latest answers by offset. */
    private final Map<Integer, Optional<SourceLine>> answers = new LinkedHashMap<>();

    DwarfLines(ModuleData module) {
        this.module = module;
    }

    /** The line of the instruction at {@code offset} of the binary. */
    synchronized Optional<SourceLine> at(int offset) {
        Optional<SourceLine> known = answers.get(offset);
        if (known == null) {
            known = find(offset);
            if (answers.size() == MOST_ANSWERS) {
                answers.clear();
            }
            answers.put(offset, known);
        }
        return known;
    }

    private Optional<SourceLine> find(int offset) {
        for (ModuleData.CustomSection section : module.customSections()) {
            if (section.name().equals(".debug_line")) {
                try {
                    return find(new BinaryReader(module.binary(), section.end()), section.start(), offset);
                } catch (MalformedException | IndexOutOfBoundsException _) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private Optional<SourceLine> find(BinaryReader in, int start, int offset) {
        // Addresses count from the contents of the code section.
        long address = offset - codeSection();
        in.position(start);
        while (!in.atEnd()) {
            Unit unit = new Unit(in);
            Optional<SourceLine> line = unit.find(address);
            if (line.isPresent()) {
                return line;
            }
            in.position(unit.end);
        }
        return Optional.empty();
    }

    private int codeSection() {
        BinaryReader in = new BinaryReader(module.binary());
        Decoder.preamble(in);
        while (true) {
            SectionId id = SectionId.of(in.u8(), in.position());
            int length = in.length();
            if (id == SectionId.CODE) {
                return in.position();
            }
            in.skip(length);
        }
    }

    /** A file of the table. */
    private record SourceFile(String name, int directory) {}

    /** The line number program of one compilation unit. */
    private final class Unit {
        private final BinaryReader in;
        private final boolean wide;
        private final int end;
        private final int version;
        private final int minimumLength;
        private final int lineBase;
        private final int lineRange;
        private final int[] operands;
        private final List<String> directories = new ArrayList<>();
        private final List<SourceFile> files = new ArrayList<>();

        Unit(BinaryReader in) {
            this.in = in;
            long length = fixed(4);
            wide = length == 0xffff_ffffL;
            end = in.position() + size(wide ? fixed(8) : length);
            version = (int) fixed(2);
            if (version >= 5) {
                in.skip(2); // the sizes of addresses and of segment selectors
            }
            int headerLength = size(offset());
            int program = in.position() + headerLength;
            minimumLength = in.u8();
            in.skip(version >= 4 ? 2 : 1); // operations per instruction, default_is_stmt
            lineBase = (byte) in.u8();
            lineRange = Math.max(1, in.u8());
            operands = new int[Math.max(1, in.u8())];
            for (int i = 1; i < operands.length; i++) {
                operands[i] = in.u8();
            }
            if (version >= 5) {
                entries().forEach(entry -> directories.add(entry.name()));
                files.addAll(entries());
            } else if (version >= 2) {
                oldEntries();
            }
            in.position(program);
        }

        private int size(long number) {
            if (number < 0 || number > in.remaining()) {
                throw new MalformedException("unexpected end", in.position());
            }
            return (int) number;
        }

        /** A little-endian number of so many bytes. */
        private long fixed(int bytes) {
            long number = 0;
            for (int i = 0; i < bytes; i++) {
                number |= (long) in.u8() << 8 * i;
            }
            return number;
        }

        private long offset() {
            return fixed(wide ? 8 : 4);
        }

        private String string() {
            int start = in.position();
            while (in.u8() != 0) {
                // on to the end of the text
            }
            return new String(module.binary(), start, in.position() - 1 - start, StandardCharsets.UTF_8);
        }

        private void oldEntries() {
            directories.add("");
            for (String name = string(); !name.isEmpty(); name = string()) {
                directories.add(name);
            }
            files.add(new SourceFile("", 0));
            for (String name = string(); !name.isEmpty(); name = string()) {
                files.add(new SourceFile(name, (int) in.u64()));
                in.u64(); // when it was changed
                in.u64(); // its size
            }
        }

        /** Directories or files of version 5, whose form is told before them. */
        private List<SourceFile> entries() {
            int[] format = new int[2 * in.u8()];
            for (int i = 0; i < format.length; i++) {
                format[i] = (int) in.u64();
            }
            int count = size(in.u64());
            List<SourceFile> entries = new ArrayList<>();
            for (int i = 0; i < count && format.length > 0; i++) {
                String name = "";
                int directory = 0;
                for (int part = 0; part < format.length; part += 2) {
                    switch (format[part]) {
                        case PATH -> name = text(format[part + 1]);
                        case DIRECTORY -> directory = (int) number(format[part + 1]);
                        default -> number(format[part + 1]);
                    }
                }
                entries.add(new SourceFile(name, directory));
            }
            return entries;
        }

        private String text(int form) {
            return switch (form) {
                case 0x08 -> string();
                case 0x0e -> elsewhere(".debug_str", offset());
                case 0x1f -> elsewhere(".debug_line_str", offset());
                default -> throw new MalformedException("unknown form", in.position());
            };
        }

        private long number(int form) {
            return switch (form) {
                case 0x0b -> fixed(1);
                case 0x05 -> fixed(2);
                case 0x06 -> fixed(4);
                case 0x07 -> fixed(8);
                case 0x0f -> in.u64();
                case 0x1e -> {
                    in.skip(16); // an MD5 sum
                    yield 0;
                }
                case 0x09 -> {
                    in.skip(size(in.u64()));
                    yield 0;
                }
                default -> {
                    text(form);
                    yield 0;
                }
            };
        }

        private String elsewhere(String section, long offset) {
            for (ModuleData.CustomSection custom : module.customSections()) {
                if (custom.name().equals(section) && offset >= 0 && offset < custom.end() - custom.start()) {
                    int start = custom.start() + (int) offset;
                    int zero = start;
                    while (zero < custom.end() && module.binary()[zero] != 0) {
                        zero++;
                    }
                    return new String(module.binary(), start, zero - start, StandardCharsets.UTF_8);
                }
            }
            return "";
        }

        // The state machine (§6.2.2)

        private long address;
        private int file;
        private int line;
        /** The row before the present one, in the same sequence; its line is 0 if there is none. */
        private long lastAddress;

        private int lastFile;
        private int lastLine;
        /** A sequence of code that the linker has left out begins at 0. */
        private boolean live;

        /** Runs the program up to the row that covers {@code wanted}. */
        Optional<SourceLine> find(long wanted) {
            reset();
            while (in.position() < end) {
                int opcode = in.u8();
                boolean row = false;
                boolean last = false;
                if (opcode >= operands.length) {
                    int adjusted = opcode - operands.length;
                    address += (long) (adjusted / lineRange) * minimumLength;
                    line += lineBase + adjusted % lineRange;
                    row = true;
                } else if (opcode == 0) {
                    last = extended();
                    row = last;
                } else {
                    row = standard(opcode);
                }
                if (row) {
                    if (live && lastLine > 0 && lastAddress <= wanted && wanted < address) {
                        return Optional.of(new SourceLine(path(lastFile), lastLine));
                    }
                    lastAddress = address;
                    lastFile = file;
                    lastLine = line;
                }
                if (last) {
                    reset();
                }
            }
            return Optional.empty();
        }

        private void reset() {
            address = 0;
            file = 1;
            line = 1;
            lastLine = 0;
            live = false;
        }

        /** A standard opcode; answers whether it makes a row. */
        private boolean standard(int opcode) {
            switch (opcode) {
                case COPY -> {
                    return true;
                }
                case ADVANCE_PC -> address += in.u64() * minimumLength;
                case ADVANCE_LINE -> line += (int) in.s64();
                case SET_FILE -> file = (int) in.u64();
                case CONST_ADD_PC -> address += (long) ((255 - operands.length) / lineRange) * minimumLength;
                case FIXED_ADVANCE_PC -> address += fixed(2);
                case SET_COLUMN, SET_ISA -> in.u64();
                default -> {
                    for (int i = 0; i < operands[opcode]; i++) {
                        in.u64();
                    }
                }
            }
            return false;
        }

        /** An extended opcode; answers whether it ends the sequence. */
        private boolean extended() {
            int length = size(in.u64());
            int next = in.position() + length;
            int opcode = length == 0 ? 0 : in.u8();
            if (opcode == SET_ADDRESS) {
                address = fixed(Math.min(8, length - 1));
                live = address != 0 && address < 0x7fff_ffffL;
            }
            in.position(next);
            return opcode == END_SEQUENCE;
        }

        private String path(int index) {
            if (index < 0 || index >= files.size()) {
                return "?";
            }
            SourceFile found = files.get(index);
            int directory = found.directory();
            boolean bare = directory <= 0
                    || directory >= directories.size()
                    || found.name().startsWith("/");
            return bare ? found.name() : directories.get(directory) + "/" + found.name();
        }
    }
}
