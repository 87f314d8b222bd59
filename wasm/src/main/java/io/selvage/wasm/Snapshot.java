package io.selvage.wasm;

import io.selvage.wasm.ModuleData.DataSegment;
import io.selvage.wasm.ModuleData.Expression;
import io.selvage.wasm.internal.BinaryWriter;
import io.selvage.wasm.internal.CompiledFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a module that begins where an instance is: what its initializer has done to memories and globals becomes data
 * segments and initial values. The code and its indices stay as they are.
 */
final class Snapshot {
    /** As many zeros in a row are left out; fewer would cost more than they spare. */
    private static final int ZEROS = 32;

    /** More segments than this other engines refuse. */
    private static final int MAXIMUM_SEGMENTS = 100_000;

    private static final int PASSIVE = 1;

    /** The contents of a memory from {@code start} to {@code end}. */
    private record Run(int memory, int start, int end) {}

    private final ModuleData module;
    private final GuestRuntime runtime;
    private final GuestRuntime fresh;
    private final Set<String> withoutExports;

    private Snapshot(GuestRuntime runtime, GuestRuntime fresh, Set<String> withoutExports) {
        this.runtime = runtime;
        this.fresh = fresh;
        this.withoutExports = withoutExports;
        module = runtime.module().data();
    }

    /**
     * The module in the binary format.
     *
     * @param fresh an instance that has just been made
     * @param withoutExports the exports to leave out, such as the initializer
     * @throws UnsupportedException if something has changed that a module cannot say
     */
    static byte[] write(GuestRuntime runtime, GuestRuntime fresh, Set<String> withoutExports) {
        return new Snapshot(runtime, fresh, withoutExports).write();
    }

    private byte[] write() {
        check();
        List<Run> runs = runs();
        boolean counted = false;
        boolean written = false;
        BinaryWriter out = new BinaryWriter();
        BinaryReader in = new BinaryReader(module.binary());
        out.bytes(Arrays.copyOf(module.binary(), 8));
        in.position(8);
        while (!in.atEnd()) {
            int from = in.position();
            SectionId id = SectionId.of(in.u8(), from);
            int length = in.length();
            int end = in.position() + length;
            switch (id) {
                case MEMORY -> memories(out);
                case GLOBAL -> globals(in, out);
                case EXPORT -> exports(out);
                case START -> {}
                case DATA_COUNT -> {
                    counted = true;
                    section(out, 12, new BinaryWriter().u32(module.data().size() + runs.size()));
                }
                case DATA -> {
                    data(out, counted, runs);
                    written = true;
                }
                default -> out.bytes(Arrays.copyOfRange(module.binary(), from, end));
            }
            in.position(end);
        }
        if (!written && !runs.isEmpty()) {
            data(out, counted, runs);
        }
        return out.toByteArray();
    }

    private static void section(BinaryWriter out, int id, BinaryWriter contents) {
        out.u8(id).sized(contents.toByteArray());
    }

    // What a snapshot cannot have

    private void check() {
        if (module.importedMemories() + module.importedTables() > 0) {
            throw refused("it imports a memory or a table, which is not its own to keep");
        }
        for (int i = 0; i < module.globals().size(); i++) {
            GlobalType type = module.globals().get(i);
            if (type.mutable() && (i < module.importedGlobals() || type.type().isReference())) {
                throw refused("global " + i + " can change and is "
                        + (i < module.importedGlobals() ? "imported" : "a reference"));
            }
            if (type.type().isReference() && type.type().heap().top() == AbstractHeapType.ANY) {
                throw refused("global " + i + " refers to objects, and these can change");
            }
        }
        for (int i = 0; i < module.tables().size(); i++) {
            checkTable(i);
        }
        if (runtime.hasDroppedElements()) {
            throw refused("the initializer has dropped an element segment");
        }
    }

    private void checkTable(int index) {
        Table table = runtime.table(index);
        Table before = fresh.table(index);
        boolean same = table.size() == before.size();
        for (int i = 0; same && i < table.size(); i++) {
            same = isSame(table.get(i), before.get(i));
        }
        if (!same) {
            throw refused(
                    "the initializer has changed table " + index + ", and a snapshot holds memories and globals only");
        }
    }

    private static boolean isSame(@Nullable Object now, @Nullable Object before) {
        return now instanceof CompiledFunction a && before instanceof CompiledFunction b
                ? a.index == b.index && (a.index >= 0 || a == b)
                : now == before;
    }

    private static UnsupportedException refused(String why) {
        return new UnsupportedException("no snapshot can be made of this instance: " + why);
    }

    // Sections

    private void memories(BinaryWriter out) {
        BinaryWriter contents = new BinaryWriter().u32(module.memories().size());
        for (int i = 0; i < module.memories().size(); i++) {
            MemoryType type = module.memories().get(i);
            boolean bounded = type.limits().maximum().isPresent();
            contents.u8((bounded ? 1 : 0) | (type.address() == ValueType.I64 ? 4 : 0));
            contents.u64(runtime.memory(i).pages());
            type.limits().maximum().ifPresent(contents::u64);
        }
        section(out, 5, contents);
    }

    /** Copies each global with its type; what follows is the initial value of one that stays, or the present value. */
    private void globals(BinaryReader in, BinaryWriter out) {
        int own = in.u32();
        int from = in.position();
        BinaryWriter contents = new BinaryWriter().u32(own);
        for (int i = 0; i < own; i++) {
            int index = module.importedGlobals() + i;
            Expression initial = module.globalInitials().get(i);
            if (module.globals().get(index).mutable()) {
                contents.bytes(Arrays.copyOfRange(module.binary(), from, initial.start()));
                constant(contents, runtime.globalValue(index));
            } else {
                contents.bytes(Arrays.copyOfRange(module.binary(), from, initial.end()));
            }
            from = initial.end();
        }
        section(out, 6, contents);
    }

    private static void constant(BinaryWriter out, @Nullable Object value) {
        switch (value) {
            case Integer number -> out.u8(Opcode.I32_CONST).s64(number);
            case Long number -> out.u8(Opcode.I64_CONST).s64(number);
            case Float number -> out.u8(Opcode.F32_CONST).fixed(Float.floatToRawIntBits(number), 4);
            case Double number -> out.u8(Opcode.F64_CONST).fixed(Double.doubleToRawLongBits(number), 8);
            case V128 vector ->
                out.u8(Opcode.PREFIX_FD)
                        .u32(VectorOpcode.V128_CONST)
                        .fixed(vector.low(), 8)
                        .fixed(vector.high(), 8);
            case null, default -> throw refused("a global is neither a number nor a vector");
        }
        out.u8(Opcode.END);
    }

    private void exports(BinaryWriter out) {
        List<ModuleData.Export> kept = module.exports().stream()
                .filter(export -> !withoutExports.contains(export.name()))
                .toList();
        BinaryWriter contents = new BinaryWriter().u32(kept.size());
        for (ModuleData.Export export : kept) {
            contents.name(export.name()).u8(export.kind().ordinal()).u32(export.index());
        }
        section(out, 7, contents);
    }

    /** The old segments keep their indices if instructions name them, emptied if they are used up; then the runs. */
    private void data(BinaryWriter out, boolean counted, List<Run> runs) {
        int old = counted ? module.data().size() : 0;
        BinaryWriter contents = new BinaryWriter().u32(old + runs.size());
        for (int i = 0; i < old; i++) {
            DataSegment segment = module.data().get(i);
            boolean usedUp = segment.mode() == ModuleData.Mode.ACTIVE || runtime.isDropped(i);
            int length = usedUp ? 0 : segment.length();
            contents.u8(PASSIVE).sized(Arrays.copyOfRange(module.binary(), segment.start(), segment.start() + length));
        }
        for (Run run : runs) {
            boolean wide = module.memories().get(run.memory).address() == ValueType.I64;
            contents.u8(2).u32(run.memory).u8(wide ? Opcode.I64_CONST : Opcode.I32_CONST);
            contents.s64(run.start).u8(Opcode.END);
            contents.sized(Arrays.copyOfRange(runtime.memory(run.memory).bytes(), run.start, run.end));
        }
        section(out, 11, contents);
    }

    /** What the memories hold besides zeros, in few enough pieces. */
    private List<Run> runs() {
        for (int zeros = ZEROS; ; zeros *= 4) {
            List<Run> runs = new ArrayList<>();
            for (int i = 0; i < module.memories().size(); i++) {
                runs(i, runtime.memory(i).bytes(), zeros, runs);
            }
            if (runs.size() + module.data().size() <= MAXIMUM_SEGMENTS) {
                return runs;
            }
        }
    }

    private static void runs(int memory, byte[] bytes, int zeros, List<Run> runs) {
        int start = -1;
        int end = -1;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                continue;
            }
            if (start >= 0 && i - end >= zeros) {
                runs.add(new Run(memory, start, end));
                start = -1;
            }
            start = start < 0 ? i : start;
            end = i + 1;
        }
        if (start >= 0) {
            runs.add(new Run(memory, start, end));
        }
    }
}
