package io.selvage.wasm;

import org.jspecify.annotations.Nullable;

/**
 * Which tables of a module can be filled when their elements are first read: those of its own whose active segments are
 * plain function indices at constant offsets within bounds. Worked out once, for all instances.
 */
final class TablePlan {
    /** For each table the function index plus one of each element; null if the table is filled at instantiation. */
    private final int[] @Nullable [] later;

    TablePlan(ModuleData module) {
        later = new int[module.tables().size()][];
        for (int i = module.importedTables(); i < later.length; i++) {
            TableType type = module.tables().get(i);
            if (type.element() == ValueType.FUNCREF
                    && module.tableInitials().get(i - module.importedTables()).isEmpty()
                    && Long.compareUnsigned(type.limits().minimum(), Table.MAXIMUM_SIZE) <= 0) {
                later[i] = plan(module, i, (int) type.limits().minimum());
            }
        }
    }

    private static int @Nullable [] plan(ModuleData module, int table, int size) {
        int[] functions = new int[size];
        for (ModuleData.ElementSegment segment : module.elements()) {
            if (segment.mode() != ModuleData.Mode.ACTIVE || segment.table() != table) {
                continue;
            }
            int offset = segment.offset() == null ? -1 : constantOffset(module, segment.offset());
            if (!segment.expressions().isEmpty() || offset < 0 || offset > size - segment.size()) {
                return null;
            }
            for (int i = 0; i < segment.functions().length; i++) {
                functions[offset + i] = segment.functions()[i] + 1;
            }
        }
        return functions;
    }

    private static int constantOffset(ModuleData module, ModuleData.Expression expression) {
        InstructionReader in = new InstructionReader(module.binary(), expression.start());
        if (in.u8() != Opcode.I32_CONST) {
            return -1;
        }
        int offset = in.s32();
        return in.u8() == Opcode.END ? offset : -1;
    }

    /** The function index plus one of each element, or 0; null if the table is filled at instantiation. */
    int @Nullable [] later(int table) {
        return later[table];
    }
}
