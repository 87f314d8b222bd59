package io.selvage.wasm;

import java.util.Set;

/**
 * What the indices that instructions name stand for in a module: checks them, and knows the types of what they mean.
 */
final class ModuleIndices {
    private final ModuleData module;
    private final ModuleTypes types;
    private final boolean dataCounted;
    private final InstructionPlace place;
    private final Set<Feature> features;
    private final BinaryReader in;

    private final int[][] parameters;
    private final int[][] results;
    private final int[] functionTypes;
    private final int[] globals;
    private final int[] memories;
    private final int[] tableAddresses;
    private final int[] tableElements;

    ModuleIndices(
            ModuleData module, boolean dataCounted, InstructionPlace place, Set<Feature> features, BinaryReader in) {
        this.module = module;
        this.dataCounted = dataCounted;
        this.place = place;
        this.features = features;
        this.in = in;
        functionTypes = module.functionTypes();
        types = module.types();
        parameters = new int[types.size()][];
        results = new int[types.size()][];
        for (int i = 0; i < parameters.length; i++) {
            if (types.composite(i) instanceof FunctionType type) {
                parameters[i] = types.codes(type.parameters());
                results[i] = types.codes(type.results());
            }
        }
        memories = module.memories().stream()
                .mapToInt(memory -> TypeCode.code(memory.address()))
                .toArray();
        tableAddresses = module.tables().stream()
                .mapToInt(table -> TypeCode.code(table.address()))
                .toArray();
        tableElements = module.tables().stream()
                .mapToInt(table -> types.code(table.element()))
                .toArray();
        globals = new int[module.globals().size()];
        for (int i = 0; i < globals.length; i++) {
            globals[i] = types.code(module.globals().get(i).type());
        }
    }

    // Types

    /** The type index of a function. */
    int typeOf(int function) {
        return functionTypes[function];
    }

    /** The parameters of the function type at an index. */
    int[] parameters(int type) {
        return parameters[type];
    }

    /** The results of the function type at an index. */
    int[] results(int type) {
        return results[type];
    }

    int globalType(int index) {
        return globals[index];
    }

    /** The type of a table's indices. */
    int tableAddress(int index) {
        return tableAddresses[index];
    }

    /** The type of a table's elements. */
    int tableElement(int index) {
        return tableElements[index];
    }

    // Checks

    /** The index of a function, which is read next. */
    int functionIndex() {
        int index = in.u32();
        if (Integer.compareUnsigned(index, functionTypes.length) >= 0) {
            throw place.unknown("function", index, "the module has " + functionTypes.length);
        }
        return index;
    }

    /** An index, if it is one of a type. */
    int checkType(int index) {
        if (Integer.compareUnsigned(index, parameters.length) >= 0) {
            throw place.unknown("type", index, "the module has " + parameters.length);
        }
        return index;
    }

    /** The same if it is one of a function type. */
    int checkFunctionType(int index) {
        if (!types.isFunction(checkType(index))) {
            throw place.invalid("type mismatch: type " + index + " is no function type");
        }
        return index;
    }

    /** The index of a global, which is read next. */
    int globalIndex() {
        int index = in.u32();
        if (Integer.compareUnsigned(index, globals.length) >= 0) {
            throw place.unknown("global", index, "the module has " + globals.length);
        }
        return index;
    }

    /** The index of a table, which is read next. */
    int tableIndex() {
        int index = in.u32();
        if (Integer.compareUnsigned(index, module.tables().size()) >= 0) {
            throw place.unknown(
                    "table", index, "the module has " + module.tables().size());
        }
        return index;
    }

    /** The index of a table that an instruction reads or changes. */
    int accessedTable() {
        features.add(Feature.REFERENCE_TYPES);
        return tableIndex();
    }

    /** Sees that there is such an element segment. */
    void requireElements(int index) {
        features.add(Feature.BULK_MEMORY);
        if (Integer.compareUnsigned(index, module.elements().size()) >= 0) {
            throw place.unknown(
                    "elem segment", index, "the module has " + module.elements().size());
        }
    }

    /** Sees that there is such a data segment, and that the module says how many there are. */
    void requireData(int index) {
        features.add(Feature.BULK_MEMORY);
        int count = module.data().size();
        if (!dataCounted && count > 0) {
            throw new MalformedException("data count section required for " + place.instructionText(), place.offset());
        }
        if (Integer.compareUnsigned(index, count) >= 0) {
            throw place.unknown("data segment", index, "the module has " + count);
        }
    }

    /** The type of the addresses of the memory whose index is read next. */
    int memoryIndex() {
        return checkMemory(in.u32());
    }

    /** The type of the addresses of a memory. */
    int checkMemory(int index) {
        if (Integer.compareUnsigned(index, memories.length) >= 0) {
            throw place.unknown("memory", index, "the module has " + memories.length);
        }
        return memories[index];
    }

    /** Sees that elements of one type may be copied to where those of another are. */
    void requireSame(ValueType source, ValueType target) {
        if (!source.isSubtypeOf(target)) {
            throw new InvalidException(
                    "type mismatch: " + place.instructionText() + " from " + source + " to " + target, place.offset());
        }
    }
}
