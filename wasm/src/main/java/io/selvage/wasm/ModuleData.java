package io.selvage.wasm;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A decoded and validated module, as the compiler and the linker read it. Index spaces begin with what is imported
 * (core spec §2.5.1). Function bodies and constant expressions stay in the binary; they are known to be valid.
 *
 * @param binary the whole module
 * @param types the types, by type index
 * @param imports what is imported, in order
 * @param importedFunctions how many functions are imported
 * @param functionTypes the type index of each function, imported ones first
 * @param importedTables how many tables are imported
 * @param tables the tables, imported ones first
 * @param tableInitials the initial value of the elements of each table of the module's own, if it is not null
 * @param importedMemories how many memories are imported
 * @param memories the memories, imported ones first
 * @param importedTags how many tags are imported
 * @param tagTypes the type index of each tag, imported ones first
 * @param importedGlobals how many globals are imported
 * @param globals the globals, imported ones first
 * @param globalInitials the initial value of each global of the module's own
 * @param exports what is exported, in order
 * @param start the function index of the start function, or -1
 * @param elements the element segments
 * @param data the data segments
 * @param bodies the body of each function of the module's own
 * @param customSections the custom sections, in order
 * @param functionNames the names of functions from the name section, by function index
 * @param moduleName the module's name from the name section
 */
record ModuleData(
        byte[] binary,
        ModuleTypes types,
        List<ImportDescriptor> imports,
        int importedFunctions,
        int[] functionTypes,
        int importedTables,
        List<TableType> tables,
        List<Optional<Expression>> tableInitials,
        int importedMemories,
        List<MemoryType> memories,
        int importedTags,
        int[] tagTypes,
        int importedGlobals,
        List<GlobalType> globals,
        List<Expression> globalInitials,
        List<Export> exports,
        int start,
        List<ElementSegment> elements,
        List<DataSegment> data,
        List<Body> bodies,
        List<CustomSection> customSections,
        Map<Integer, String> functionNames,
        @Nullable String moduleName) {

    /** What kind of thing an index counts; the order is that of the binary format (§5.5.5, §5.5.10). */
    enum Kind {
        FUNCTION,
        TABLE,
        MEMORY,
        GLOBAL,
        TAG;

        /** As messages name it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** An export and the index of what is exported. */
    record Export(String name, Kind kind, int index) {}

    /** A constant expression: its instructions in {@code binary} from {@code start} up to and with the {@code end} opcode. */
    record Expression(int start, int end) {}

    /**
     * The code of a function: {@code binary} from {@code start} (the first instruction, after the declarations of
     * locals) to {@code end} (after the last {@code end} opcode).
     *
     * @param locals the types of the locals that are not parameters
     */
    record Body(int start, int end, LocalTypes locals) {}

    /**
     * The declared locals in runs, as in the binary format, so that a hostile count costs nothing.
     *
     * @param counts how many locals each run has
     * @param types the type of each run
     */
    record LocalTypes(int[] counts, ValueType[] types) {
        /** How many locals there are together. */
        int size() {
            int sum = 0;
            for (int count : counts) {
                sum += count;
            }
            return sum;
        }
    }

    /** How a segment is used (§2.5.7, §2.5.8). */
    enum Mode {
        ACTIVE,
        PASSIVE,
        DECLARATIVE
    }

    /**
     * An element segment.
     *
     * @param functions the function indices if the segment is a plain vector of them, else empty
     * @param expressions one constant expression an element if it is not, else empty
     * @param offset where an active segment goes
     */
    record ElementSegment(
            ValueType type,
            Mode mode,
            int table,
            @Nullable Expression offset,
            int[] functions,
            List<Expression> expressions) {
        int size() {
            return functions.length + expressions.size();
        }
    }

    /** A data segment: {@code length} bytes of the binary from {@code start}; {@code offset} is where an active one goes. */
    record DataSegment(Mode mode, int memory, @Nullable Expression offset, int start, int length) {}

    /** A custom section: its name, and its contents in the binary from {@code start} to {@code end}. */
    record CustomSection(String name, int start, int end) {}

    /** The type of the tag with this index. */
    TagType tagType(int tag) {
        return new TagType(types.function(tagTypes[tag]));
    }

    /** The module's name from its name section, or an empty text. */
    String nameForPeople() {
        return moduleName == null ? "" : moduleName;
    }

    /** The type of the function with this index. */
    FunctionType functionType(int function) {
        return types.function(functionTypes[function]);
    }
}
