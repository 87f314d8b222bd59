package io.selvage.wasm;

import io.selvage.wasm.ModuleData.Body;
import io.selvage.wasm.ModuleData.CustomSection;
import io.selvage.wasm.ModuleData.DataSegment;
import io.selvage.wasm.ModuleData.ElementSegment;
import io.selvage.wasm.ModuleData.Export;
import io.selvage.wasm.ModuleData.Expression;
import io.selvage.wasm.ModuleData.Kind;
import io.selvage.wasm.ModuleData.LocalTypes;
import io.selvage.wasm.ModuleData.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Turns the bytes of a module into {@link ModuleData} (core spec §5.5) and sees to it that the module is valid (§3.4):
 * its sections while they are read, the bodies of its functions, through {@link Validator}, after the last section.
 *
 * <p>What it reserves is in proportion to the bytes that are there, never to a count that the module announces.
 */
final class Decoder {
    private static final int MAGIC = 0x6d736100;
    private static final int VERSION = 1;
    private static final int COMPONENT_VERSION = 0x0001000d;

    private static final LocalTypes NO_LOCALS = new LocalTypes(new int[0], new ValueType[0]);
    /** The type of elements that are given as function indices: {@code (ref func)}. */
    private static final ValueType FUNCTIONS = ValueType.reference(AbstractHeapType.FUNC, false);

    private static final int[] NO_FUNCTIONS = {};
    private static final int TABLE_WITH_INITIAL = 0x40;
    private static final long LOCALS_IN_FORMAT = 0xffff_ffffL;

    private final byte[] binary;
    private final BinaryReader in;
    private final ConstantValidator constants;
    private final EnumSet<Feature> features = EnumSet.noneOf(Feature.class);

    private final ModuleTypes types = new ModuleTypes();
    private final List<ImportDescriptor> imports = new ArrayList<>();
    private int importedFunctions;
    private int[] functionTypes = new int[0];
    private int functions;
    private int importedTables;
    private final List<TableType> tables = new ArrayList<>();
    /** For each table of the module's own. */
    private final List<Optional<Expression>> tableInitials = new ArrayList<>();

    private int importedMemories;
    private final List<MemoryType> memories = new ArrayList<>();
    private int importedTags;
    private int[] tagTypes = new int[0];
    private int importedGlobals;
    private final List<GlobalType> globals = new ArrayList<>();
    private final List<Expression> globalInitials = new ArrayList<>();
    private final List<Export> exports = new ArrayList<>();
    private int start = -1;
    private final List<ElementSegment> elements = new ArrayList<>();
    private int dataCount = -1;
    private final List<DataSegment> data = new ArrayList<>();
    private final List<Body> bodies = new ArrayList<>();
    private final List<CustomSection> customSections = new ArrayList<>();
    private NameSection names = NameSection.NONE;

    /** The functions that occur outside function bodies, so that a body may take references to them (§3.4.10). */
    private final BitSet referencedFunctions = new BitSet();

    Decoder(byte[] binary) {
        this.binary = binary;
        in = new BinaryReader(binary);
        constants = new ConstantValidator(binary, in, types, globals, referencedFunctions, features);
    }

    /**
     * Decodes a module and validates all of it.
     *
     * @throws MalformedException if the bytes are not a module
     * @throws InvalidException if the module breaks a rule of validation
     * @throws UnsupportedException if it needs a feature that the engine does not run, or is larger than
     *     {@link ModuleLimits} allow
     */
    static ModuleData decode(byte[] binary) {
        Decoder decoder = new Decoder(binary);
        ModuleData module = decoder.sections();
        decoder.validator(module).validateAll();
        return module;
    }

    /** Reads every section; only the bodies of functions remain to be validated. */
    ModuleData sections() {
        preamble(in);
        SectionId last = SectionId.CUSTOM;
        while (!in.atEnd()) {
            int offset = in.position();
            SectionId id = SectionId.of(in.u8(), offset);
            if (id != SectionId.CUSTOM) {
                if (id.compareTo(last) <= 0) {
                    throw new MalformedException(
                            "unexpected content after last section: a " + id + " section "
                                    + (id == last ? "for the second time" : "after the " + last + " section"),
                            offset);
                }
                last = id;
            }
            section(id);
        }
        checkCounts();
        return module();
    }

    Validator validator(ModuleData module) {
        return new Validator(module, dataCount >= 0, referencedFunctions, features);
    }

    /** What the sections read so far use; once the bodies are validated also what these use. */
    Set<Feature> features() {
        return features;
    }

    /** What begins with these four bytes instead of a module, as an addition to a message. */
    private static String whatElse(int magic) {
        if ((magic & 0xffff) == 0x8b1f) {
            return ": this looks compressed with gzip, decompress it first";
        }
        return switch (magic) {
            case 0xfd2fb528 -> ": this looks compressed with zstd, decompress it first";
            case 0x04034b50 -> ": this looks like a zip archive, take the module out of it first";
            case 0x464c457f -> ": this looks like a native program, build it for WebAssembly";
            default -> (magic & 0xff) == '(' ? ": this looks like the text format, which WebAssemblyText reads" : "";
        };
    }

    /** Reads the magic number and the version. */
    static void preamble(BinaryReader in) {
        int magic = fixed32(in);
        if (magic != MAGIC) {
            throw new MalformedException("magic header not detected" + whatElse(magic), 0);
        }
        int version = fixed32(in);
        if (version != VERSION) {
            throw new MalformedException(
                    "unknown binary version"
                            + (version == COMPONENT_VERSION
                                    ? ": this is a component, not a core module"
                                    : ": 1 expected, found " + Integer.toUnsignedString(version)),
                    4);
        }
    }

    private static int fixed32(BinaryReader in) {
        return in.u8() | in.u8() << 8 | in.u8() << 16 | in.u8() << 24;
    }

    private void section(SectionId id) {
        int length = in.length();
        int end = in.position() + length;
        switch (id) {
            case CUSTOM -> custom(end);
            case TYPE -> typeSection();
            case IMPORT -> importSection();
            case FUNCTION -> functionSection();
            case TABLE -> tableSection();
            case MEMORY -> memorySection();
            case TAG -> tagSection();
            case GLOBAL -> globalSection();
            case EXPORT -> exportSection();
            case START -> startSection();
            case ELEMENT -> elementSection();
            case DATA_COUNT -> dataCountSection();
            case CODE -> codeSection();
            case DATA -> dataSection();
        }
        if (in.position() != end) {
            throw new MalformedException(
                    "section size mismatch: the " + id + " section ends at byte " + in.position() + ", its length says "
                            + end,
                    in.position());
        }
    }

    private void custom(int end) {
        String name = in.name();
        if (in.position() > end) {
            throw new MalformedException("unexpected end of section or function: in the name of a custom section", end);
        }
        if (customSections.size() == ModuleLimits.CUSTOM_SECTIONS) {
            throw tooMany("custom sections", ModuleLimits.CUSTOM_SECTIONS, in.position());
        }
        customSections.add(new CustomSection(name, in.position(), end));
        if (name.equals(NameSection.SECTION) && names == NameSection.NONE) {
            names = NameSection.read(binary, in.position(), end);
        }
        in.position(end);
    }

    private void typeSection() {
        int count = count("types", ModuleLimits.TYPES, 0);
        for (int i = 0; i < count; i++) {
            group(TypeReader.group(in, types));
        }
    }

    private void group(RecursiveGroup group) {
        types.add(group);
        int index = types.size() - group.types().size();
        for (DefinedType member : group.types()) {
            checkSupertype(member, index++);
            if (member.composite() instanceof FunctionType type) {
                if (type.results().size() > 1) {
                    features.add(Feature.MULTI_VALUE);
                }
                noteReferences(type.parameters());
                noteReferences(type.results());
            }
            if (!(member.composite() instanceof FunctionType)
                    || !member.isFinal()
                    || group.types().size() > 1) {
                features.add(Feature.GARBAGE_COLLECTION);
            } else if (!member.isPlainFunction()) {
                features.add(Feature.FUNCTION_REFERENCES);
            }
        }
    }

    private void checkSupertype(DefinedType type, int index) {
        if (type.supertype().isEmpty()) {
            return;
        }
        DefinedType above = type.supertype().get();
        if (above.isFinal() || !type.composite().matches(above.composite())) {
            throw new InvalidException(
                    "sub type " + index + " does not match super type: " + type.composite() + " is not below "
                            + (above.isFinal() ? "the final " : "") + above.composite(),
                    in.position());
        }
        if (type.runtimeType().depth() > ModuleLimits.SUBTYPING_DEPTH) {
            throw tooMany("supertypes above one another", ModuleLimits.SUBTYPING_DEPTH, in.position());
        }
    }

    private void noteReferences(List<ValueType> types) {
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i).isReference()) {
                features.add(Feature.REFERENCE_TYPES);
            }
        }
    }

    private void importSection() {
        int count = count("imports", ModuleLimits.IMPORTS, 0);
        for (int i = 0; i < count; i++) {
            String module = in.name();
            String name = in.name();
            imports.add(new ImportDescriptor(module, name, importedType()));
        }
        importedFunctions = functions;
        importedTables = tables.size();
        importedMemories = memories.size();
        importedTags = tagTypes.length;
        importedGlobals = globals.size();
        constants.functions(functions, index -> functionTypes[index]);
    }

    private ExternType importedType() {
        int offset = in.position();
        int kind = in.u8();
        return switch (kind) {
            case 0 -> {
                int type = typeIndex("of a function");
                addFunction(type);
                yield types.function(type);
            }
            case 1 -> addTable(TypeReader.table(in, types), offset);
            case 2 -> addMemory(TypeReader.memory(in), offset);
            case 3 -> {
                GlobalType type = TypeReader.global(in, types);
                noteGlobal(type);
                if (type.mutable()) {
                    features.add(Feature.MUTABLE_GLOBALS);
                }
                globals.add(type);
                yield type;
            }
            case 4 -> {
                addTags(1);
                yield new TagType(types.function(tagTypes[tagTypes.length - 1]));
            }
            default -> throw new MalformedException("malformed import kind " + kind, offset);
        };
    }

    private void tagSection() {
        addTags(count("tags", ModuleLimits.TAGS, tagTypes.length));
    }

    private void addTags(int count) {
        features.add(Feature.EXCEPTION_HANDLING);
        int known = tagTypes.length;
        tagTypes = Arrays.copyOf(tagTypes, known + count);
        for (int i = known; i < tagTypes.length; i++) {
            int offset = in.position();
            int attribute = in.u8();
            if (attribute != 0) {
                throw new MalformedException("malformed tag attribute: 0 expected, found " + attribute, offset);
            }
            tagTypes[i] = typeIndex("of a tag");
            if (!types.function(tagTypes[i]).results().isEmpty()) {
                throw new InvalidException("non-empty tag result type: " + types.function(tagTypes[i]), offset);
            }
        }
    }

    private void noteGlobal(GlobalType type) {
        if (type.type().isReference()) {
            features.add(Feature.REFERENCE_TYPES);
        }
    }

    private TableType addTable(TableType type, int offset) {
        if (tables.size() == ModuleLimits.TABLES) {
            throw tooMany("tables", ModuleLimits.TABLES, offset);
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

    private MemoryType addMemory(MemoryType type, int offset) {
        if (memories.size() == ModuleLimits.MEMORIES) {
            throw tooMany("memories", ModuleLimits.MEMORIES, offset);
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

    private void addFunction(int type) {
        if (functions == functionTypes.length) {
            functionTypes = Arrays.copyOf(functionTypes, Math.max(16, functions * 2));
        }
        functionTypes[functions++] = type;
    }

    private void functionSection() {
        int count = count("functions", ModuleLimits.FUNCTIONS, functions);
        functionTypes = Arrays.copyOf(functionTypes, functions + count);
        for (int i = 0; i < count; i++) {
            addFunction(typeIndex("of a function"));
        }
        constants.functions(functions, index -> functionTypes[index]);
    }

    private void tableSection() {
        int count = in.length();
        for (int i = 0; i < count; i++) {
            int offset = in.position();
            boolean initialized = in.peek() == TABLE_WITH_INITIAL;
            if (initialized) {
                features.add(Feature.FUNCTION_REFERENCES);
                in.u8();
                if (in.u8() != 0) {
                    throw new MalformedException("malformed table: zero byte expected after 0x40", offset);
                }
            }
            TableType type = addTable(TypeReader.table(in, types), offset);
            if (!initialized && !type.element().isNullable()) {
                throw new InvalidException(
                        "type mismatch: a table of " + type.element() + " needs an initial value", offset);
            }
            tableInitials.add(
                    initialized
                            ? Optional.of(constants.expression(type.element(), "the initial value of a table"))
                            : Optional.empty());
        }
    }

    private void memorySection() {
        int count = in.length();
        for (int i = 0; i < count; i++) {
            addMemory(TypeReader.memory(in), in.position());
        }
    }

    private void globalSection() {
        int count = count("globals", ModuleLimits.GLOBALS, globals.size());
        for (int i = 0; i < count; i++) {
            GlobalType type = TypeReader.global(in, types);
            noteGlobal(type);
            globalInitials.add(constants.expression(type.type(), "the initial value of a global"));
            globals.add(type);
        }
    }

    private void exportSection() {
        int count = count("exports", ModuleLimits.EXPORTS, 0);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int offset = in.position();
            String name = in.name();
            int kindOffset = in.position();
            int code = in.u8();
            int index = in.u32();
            Kind kind = switch (code) {
                case 0 -> Kind.FUNCTION;
                case 1 -> Kind.TABLE;
                case 2 -> Kind.MEMORY;
                case 3 -> Kind.GLOBAL;
                case 4 -> Kind.TAG;
                default -> throw new MalformedException("malformed export kind " + code, kindOffset);
            };
            checkExport(kind, index, name, kindOffset);
            if (!seen.add(name)) {
                throw new InvalidException("duplicate export name \"" + name + "\"", offset);
            }
            exports.add(new Export(name, kind, index));
        }
    }

    private void checkExport(Kind kind, int index, String name, int offset) {
        int size = switch (kind) {
            case FUNCTION -> functions;
            case TABLE -> tables.size();
            case MEMORY -> memories.size();
            case GLOBAL -> globals.size();
            case TAG -> tagTypes.length;
        };
        if (Integer.compareUnsigned(index, size) >= 0) {
            throw unknown(
                    switch (kind) {
                        case FUNCTION -> "function";
                        case TABLE -> "table";
                        case MEMORY -> "memory";
                        case GLOBAL -> "global";
                        case TAG -> "tag";
                    },
                    index,
                    "exported as \"" + name + "\"",
                    offset);
        }
        if (kind == Kind.FUNCTION) {
            referencedFunctions.set(index);
        } else if (kind == Kind.GLOBAL && globals.get(index).mutable()) {
            features.add(Feature.MUTABLE_GLOBALS);
        }
    }

    private void startSection() {
        int offset = in.position();
        int index = in.u32();
        if (Integer.compareUnsigned(index, functions) >= 0) {
            throw unknown("function", index, "the start function", offset);
        }
        FunctionType type = types.function(functionTypes[index]);
        if (!type.parameters().isEmpty() || !type.results().isEmpty()) {
            throw new InvalidException(
                    "start function must have no parameters and no results, function " + index + " is " + type, offset);
        }
        start = index;
    }

    private void elementSection() {
        int count = count("element segments", ModuleLimits.ELEMENT_SEGMENTS, 0);
        for (int i = 0; i < count; i++) {
            elements.add(elementSegment());
        }
    }

    /** An element segment; bit 0 of its flags: not active, bit 1: explicit table or declarative, bit 2: expressions. */
    private ElementSegment elementSegment() {
        int offset = in.position();
        int flags = in.u32();
        if (Integer.compareUnsigned(flags, 7) > 0) {
            throw new MalformedException("malformed elements segment kind " + Integer.toUnsignedString(flags), offset);
        }
        if (flags != 0) {
            features.add((flags & 1) != 0 ? Feature.BULK_MEMORY : Feature.REFERENCE_TYPES);
        }
        boolean active = (flags & 1) == 0;
        boolean expressions = (flags & 4) != 0;
        int table = active && (flags & 2) != 0 ? in.u32() : 0;
        Expression place = null;
        if (active) {
            if (Integer.compareUnsigned(table, tables.size()) >= 0) {
                throw unknown("table", table, "of an element segment", offset);
            }
            place = constants.expression(tables.get(table).address(), "the offset of an element segment");
        }
        ValueType type = (flags & 3) != 0 ? elementType(expressions) : expressions ? ValueType.FUNCREF : FUNCTIONS;
        if (active && !type.isSubtypeOf(tables.get(table).element())) {
            throw new InvalidException(
                    "type mismatch: an element segment of " + type + " for table " + table + " of "
                            + tables.get(table).element(),
                    offset);
        }
        Mode mode = active ? Mode.ACTIVE : (flags & 2) == 0 ? Mode.PASSIVE : Mode.DECLARATIVE;
        return new ElementSegment(
                type,
                mode,
                table,
                place,
                expressions ? NO_FUNCTIONS : elementFunctions(),
                expressions ? elementExpressions(type) : List.of());
    }

    private ValueType elementType(boolean expressions) {
        if (expressions) {
            return TypeReader.reference(in, types);
        }
        int offset = in.position();
        int kind = in.u8();
        if (kind != 0) {
            throw new MalformedException("malformed element kind " + kind, offset);
        }
        return FUNCTIONS;
    }

    private int[] elementFunctions() {
        int count = count("elements in a segment", ModuleLimits.SEGMENT_ELEMENTS, 0);
        int[] indices = count == 0 ? NO_FUNCTIONS : new int[count];
        for (int i = 0; i < count; i++) {
            int offset = in.position();
            int index = in.u32();
            if (Integer.compareUnsigned(index, functions) >= 0) {
                throw unknown("function", index, "in an element segment", offset);
            }
            referencedFunctions.set(index);
            indices[i] = index;
        }
        return indices;
    }

    private List<Expression> elementExpressions(ValueType type) {
        int count = count("elements in a segment", ModuleLimits.SEGMENT_ELEMENTS, 0);
        List<Expression> expressions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            expressions.add(constants.expression(type, "an element"));
        }
        return expressions;
    }

    private void codeSection() {
        int offset = in.position();
        int count = in.length();
        if (count != functions - importedFunctions) {
            throw inconsistentCode(count, offset);
        }
        bodies.clear();
        for (int i = 0; i < count; i++) {
            bodies.add(body(importedFunctions + i));
        }
    }

    private Body body(int function) {
        int offset = in.position();
        int length = in.length();
        int end = in.position() + length;
        if (length > ModuleLimits.BODY_BYTES) {
            throw new UnsupportedException(
                    "function too large: function " + function + " has " + length + " bytes, the limit is "
                            + ModuleLimits.BODY_BYTES,
                    offset);
        }
        LocalTypes locals = locals(function);
        if (in.position() > end) {
            throw new MalformedException(
                    "unexpected end of section or function: in the locals of function " + function, end);
        }
        Body body = new Body(in.position(), end, locals);
        in.position(end);
        return body;
    }

    private LocalTypes locals(int function) {
        int offset = in.position();
        int runs = in.length();
        if (runs == 0) {
            return NO_LOCALS;
        }
        if (runs > in.remaining() / 2) {
            throw new MalformedException(
                    "unexpected end of section or function: too few declarations of locals", offset);
        }
        int[] counts = new int[runs];
        ValueType[] localTypes = new ValueType[runs];
        long total = types.function(functionTypes[function]).parameters().size();
        for (int i = 0; i < runs; i++) {
            counts[i] = in.u32();
            total += Integer.toUnsignedLong(counts[i]);
            if (total > LOCALS_IN_FORMAT) {
                throw new MalformedException("too many locals in function " + function, offset);
            }
            localTypes[i] = TypeReader.value(in, types);
        }
        if (total > ModuleLimits.LOCALS) {
            throw new UnsupportedException(
                    "too many locals: function " + function + " has " + total + " with its parameters, the limit is "
                            + ModuleLimits.LOCALS,
                    offset);
        }
        return new LocalTypes(counts, localTypes);
    }

    private void dataCountSection() {
        int offset = in.position();
        dataCount = in.u32();
        if (dataCount < 0 || dataCount > ModuleLimits.DATA_SEGMENTS) {
            throw tooMany("data segments", ModuleLimits.DATA_SEGMENTS, offset);
        }
        features.add(Feature.BULK_MEMORY);
    }

    private void dataSection() {
        int count = count("data segments", ModuleLimits.DATA_SEGMENTS, 0);
        for (int i = 0; i < count; i++) {
            data.add(dataSegment());
        }
    }

    private DataSegment dataSegment() {
        int offset = in.position();
        int flags = in.u32();
        if (Integer.compareUnsigned(flags, 2) > 0) {
            throw new MalformedException("malformed data segment kind " + Integer.toUnsignedString(flags), offset);
        }
        if (flags != 0) {
            features.add(Feature.BULK_MEMORY);
        }
        Mode mode = flags == 1 ? Mode.PASSIVE : Mode.ACTIVE;
        int memory = flags == 2 ? in.u32() : 0;
        Expression place = null;
        if (mode == Mode.ACTIVE) {
            if (Integer.compareUnsigned(memory, memories.size()) >= 0) {
                throw unknown("memory", memory, "of a data segment", offset);
            }
            place = constants.expression(memories.get(memory).address(), "the offset of a data segment");
        }
        int length = in.length();
        int from = in.position();
        in.skip(length);
        return new DataSegment(mode, memory, place, from, length);
    }

    private void checkCounts() {
        if (bodies.size() != functions - importedFunctions) {
            throw inconsistentCode(bodies.size(), in.position());
        }
        if (dataCount != -1 && dataCount != data.size()) {
            throw new MalformedException(
                    "data count and data section have inconsistent lengths: " + Integer.toUnsignedString(dataCount)
                            + " and " + data.size(),
                    in.position());
        }
    }

    private MalformedException inconsistentCode(int count, int offset) {
        return new MalformedException(
                "function and code section have inconsistent lengths: " + (functions - importedFunctions) + " and "
                        + count,
                offset);
    }

    /** What has been read so far. */
    ModuleData module() {
        return new ModuleData(
                binary,
                types,
                List.copyOf(imports),
                importedFunctions,
                Arrays.copyOf(functionTypes, functions),
                importedTables,
                List.copyOf(tables),
                List.copyOf(tableInitials),
                importedMemories,
                List.copyOf(memories),
                importedTags,
                tagTypes,
                importedGlobals,
                List.copyOf(globals),
                List.copyOf(globalInitials),
                List.copyOf(exports),
                start,
                List.copyOf(elements),
                List.copyOf(data),
                List.copyOf(bodies),
                List.copyOf(customSections),
                names.functions(),
                names.module());
    }

    /** The index of a function type. */
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

    /** A count of things of which {@code present} are there already. */
    private int count(String what, int limit, int present) {
        int offset = in.position();
        int count = in.length();
        if (count > limit - present) {
            throw tooMany(what, limit, offset);
        }
        return count;
    }

    private static UnsupportedException tooMany(String what, int limit, int offset) {
        return new UnsupportedException("too many " + what + ": the limit is " + limit, offset);
    }

    private static InvalidException unknown(String what, int index, String where, int offset) {
        return new InvalidException("unknown " + what + " " + Integer.toUnsignedString(index) + ", " + where, offset);
    }
}
