package io.selvage.wasm;

import io.selvage.wasm.ModuleData.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/**
 * What a module has imported and defined so far, while its sections are read: the types of all that an index can stand for
 * (core spec §2.5.1), within what {@link ModuleLimits} allow, and the features that this uses.
 */
final class IndexSpaces {
    /** How many of each kind are imported. */
    record Imported(int functions, int tables, int memories, int tags, int globals) {}

    private final BinaryReader in;
    private final Set<Feature> features;
    private final ModuleTypes types = new ModuleTypes();
    private int[] functionTypes = new int[0];
    private int functions;
    private final List<TableType> tables = new ArrayList<>();
    private final List<MemoryType> memories = new ArrayList<>();
    private int[] tagTypes = new int[0];
    private int tags;
    private final List<GlobalType> globals = new ArrayList<>();
    private Imported imported = new Imported(0, 0, 0, 0, 0);
    private final BitSet referencedFunctions = new BitSet();

    /**
     * None yet.
     *
     * @param in where the sections are read; it says where a mistake is
     * @param features where those are noted that are used
     */
    IndexSpaces(BinaryReader in, Set<Feature> features) {
        this.in = in;
        this.features = features;
    }

    /** All that there is so far is imported, and nothing else is. */
    void endOfImports() {
        imported = new Imported(functions, tables.size(), memories.size(), tags, globals.size());
    }

    Imported imported() {
        return imported;
    }

    ModuleTypes types() {
        return types;
    }

    /** How many functions there are. */
    int functions() {
        return functions;
    }

    /** The type of a function. */
    FunctionType functionType(int index) {
        return types.function(functionTypes[index]);
    }

    /** The type index of a function. */
    int typeOf(int index) {
        return functionTypes[index];
    }

    /** The type index of each function. */
    int[] functionTypes() {
        return Arrays.copyOf(functionTypes, functions);
    }

    List<TableType> tables() {
        return tables;
    }

    List<MemoryType> memories() {
        return memories;
    }

    List<GlobalType> globals() {
        return globals;
    }

    /** The type index of each tag. */
    int[] tagTypes() {
        return Arrays.copyOf(tagTypes, tags);
    }

    /** How many there are of a kind. */
    int size(Kind kind) {
        return switch (kind) {
            case FUNCTION -> functions;
            case TABLE -> tables.size();
            case MEMORY -> memories.size();
            case GLOBAL -> globals.size();
            case TAG -> tags;
        };
    }

    /** Whether there is something of a kind at an index, which is unsigned. */
    boolean has(Kind kind, int index) {
        return Integer.compareUnsigned(index, size(kind)) < 0;
    }

    /** Room for so many more functions. */
    void reserveFunctions(int count) {
        functionTypes = Arrays.copyOf(functionTypes, functions + count);
    }

    /** Reads the type index of a function, which is the next; its type. */
    FunctionType addFunction() {
        int type = typeIndex("of a function");
        if (functions == functionTypes.length) {
            functionTypes = Arrays.copyOf(functionTypes, Math.max(16, functions * 2));
        }
        functionTypes[functions++] = type;
        return types.function(type);
    }

    /** Adds a table, which begins at {@code offset} of the binary. */
    TableType addTable(TableType type, int offset) {
        if (tables.size() == ModuleLimits.TABLES) {
            throw ModuleLimits.tooMany("tables", ModuleLimits.TABLES, offset);
        }
        if (type.address() == ValueType.I64) {
            features.add(Feature.MEMORY64);
        }
        tables.add(type);
        if (tables.size() > 1 || type.element() != ValueType.FUNCREF) {
            features.add(Feature.REFERENCE_TYPES);
        }
        return type;
    }

    /** Adds a memory, which begins at {@code offset} of the binary. */
    MemoryType addMemory(MemoryType type, int offset) {
        if (memories.size() == ModuleLimits.MEMORIES) {
            throw ModuleLimits.tooMany("memories", ModuleLimits.MEMORIES, offset);
        }
        if (!memories.isEmpty()) {
            features.add(Feature.MULTI_MEMORY);
        }
        if (type.address() == ValueType.I64) {
            features.add(Feature.MEMORY64);
        }
        memories.add(type);
        return type;
    }

    /** Reads a tag (§5.5.16), which is the next. */
    TagType addTag() {
        features.add(Feature.EXCEPTION_HANDLING);
        int offset = in.position();
        int attribute = in.u8();
        if (attribute != 0) {
            throw new MalformedException("malformed tag attribute: 0 expected, found " + attribute, offset);
        }
        int type = typeIndex("of a tag");
        if (!types.function(type).results().isEmpty()) {
            throw new InvalidException("non-empty tag result type: " + types.function(type), offset);
        }
        if (tags == tagTypes.length) {
            tagTypes = Arrays.copyOf(tagTypes, Math.max(4, tags * 2));
        }
        tagTypes[tags++] = type;
        return new TagType(types.function(type));
    }

    /** Adds a global. */
    GlobalType addGlobal(GlobalType type) {
        if (type.type().isReference()) {
            features.add(Feature.REFERENCE_TYPES);
        }
        globals.add(type);
        return type;
    }

    /** Notes that a function occurs outside function bodies: a body may then take references to it (§3.4.10). */
    void refer(int function) {
        referencedFunctions.set(function);
    }

    /** The functions that occur outside function bodies. */
    BitSet referencedFunctions() {
        return referencedFunctions;
    }

    /** Reads the index of something; {@code where} says to a person what for. */
    int index(Kind kind, String where) {
        int offset = in.position();
        return check(kind, in.u32(), where, offset);
    }

    /** An index that was read at {@code offset}, if there is something of this kind there. */
    int check(Kind kind, int index, String where, int offset) {
        if (!has(kind, index)) {
            throw unknown(kind.toString(), index, where, offset);
        }
        return index;
    }

    /** Reads the index of a function type. */
    private int typeIndex(String use) {
        int offset = in.position();
        int index = in.u32();
        if (Integer.compareUnsigned(index, types.size()) >= 0) {
            throw unknown("type", index, use, offset);
        }
        if (!types.isFunction(index)) {
            throw new InvalidException("type mismatch: type " + index + ", " + use + ", is no function type", offset);
        }
        return index;
    }

    /** Says that there is nothing at an index. */
    static InvalidException unknown(String what, int index, String where, int offset) {
        return new InvalidException("unknown " + what + " " + Integer.toUnsignedString(index) + ", " + where, offset);
    }
}
