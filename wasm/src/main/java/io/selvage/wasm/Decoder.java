package io.selvage.wasm;

import io.selvage.wasm.ModuleData.Body;
import io.selvage.wasm.ModuleData.CustomSection;
import io.selvage.wasm.ModuleData.DataSegment;
import io.selvage.wasm.ModuleData.ElementSegment;
import io.selvage.wasm.ModuleData.Export;
import io.selvage.wasm.ModuleData.Expression;
import io.selvage.wasm.ModuleData.Kind;
import java.util.ArrayList;
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

    private static final int TABLE_WITH_INITIAL = 0x40;

    private final byte[] binary;
    private final BinaryReader in;
    private final EnumSet<Feature> features = EnumSet.noneOf(Feature.class);
    private final IndexSpaces spaces;
    private final ConstantValidator constants;

    private final List<ImportDescriptor> imports = new ArrayList<>();
    /** For each table of the module's own. */
    private final List<Optional<Expression>> tableInitials = new ArrayList<>();

    private final List<Expression> globalInitials = new ArrayList<>();
    private final List<Export> exports = new ArrayList<>();
    private int start = -1;
    private final List<ElementSegment> elements = new ArrayList<>();
    private int dataCount = -1;
    private final List<DataSegment> data = new ArrayList<>();
    private final List<Body> bodies = new ArrayList<>();
    private final List<CustomSection> customSections = new ArrayList<>();
    private NameSection names = NameSection.NONE;

    Decoder(byte[] binary) {
        this.binary = binary;
        in = new BinaryReader(binary);
        spaces = new IndexSpaces(in, features);
        constants = new ConstantValidator(binary, in, spaces, features);
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
        return new Validator(module, dataCount >= 0, spaces.referencedFunctions(), features);
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
            case TYPE -> TypeSection.read(in, spaces.types(), features);
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
            throw ModuleLimits.tooMany("custom sections", ModuleLimits.CUSTOM_SECTIONS, in.position());
        }
        customSections.add(new CustomSection(name, in.position(), end));
        if (name.equals(NameSection.SECTION) && names == NameSection.NONE) {
            names = NameSection.read(binary, in.position(), end);
        }
        in.position(end);
    }

    private void importSection() {
        int count = ModuleLimits.count(in, "imports", ModuleLimits.IMPORTS, 0);
        for (int i = 0; i < count; i++) {
            String module = in.name();
            String name = in.name();
            imports.add(new ImportDescriptor(module, name, importedType()));
        }
        spaces.endOfImports();
    }

    private ExternType importedType() {
        int offset = in.position();
        int kind = in.u8();
        return switch (kind) {
            case 0 -> spaces.addFunction();
            case 1 -> spaces.addTable(TypeReader.table(in, spaces.types()), offset);
            case 2 -> spaces.addMemory(TypeReader.memory(in), offset);
            case 3 -> {
                GlobalType type = spaces.addGlobal(TypeReader.global(in, spaces.types()));
                if (type.mutable()) {
                    features.add(Feature.MUTABLE_GLOBALS);
                }
                yield type;
            }
            case 4 -> spaces.addTag();
            default -> throw new MalformedException("malformed import kind " + kind, offset);
        };
    }

    private void functionSection() {
        int count = ModuleLimits.count(in, "functions", ModuleLimits.FUNCTIONS, spaces.functions());
        spaces.reserveFunctions(count);
        for (int i = 0; i < count; i++) {
            spaces.addFunction();
        }
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
            TableType type = spaces.addTable(TypeReader.table(in, spaces.types()), offset);
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
            spaces.addMemory(TypeReader.memory(in), in.position());
        }
    }

    private void tagSection() {
        int count = ModuleLimits.count(in, "tags", ModuleLimits.TAGS, spaces.size(Kind.TAG));
        features.add(Feature.EXCEPTION_HANDLING);
        for (int i = 0; i < count; i++) {
            spaces.addTag();
        }
    }

    private void globalSection() {
        int count = ModuleLimits.count(in, "globals", ModuleLimits.GLOBALS, spaces.size(Kind.GLOBAL));
        for (int i = 0; i < count; i++) {
            GlobalType type = TypeReader.global(in, spaces.types());
            globalInitials.add(constants.expression(type.type(), "the initial value of a global"));
            spaces.addGlobal(type);
        }
    }

    private void exportSection() {
        int count = ModuleLimits.count(in, "exports", ModuleLimits.EXPORTS, 0);
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
        if (!spaces.has(kind, index)) {
            throw IndexSpaces.unknown(kind.toString(), index, "exported as \"" + name + "\"", offset);
        }
        if (kind == Kind.FUNCTION) {
            spaces.refer(index);
        } else if (kind == Kind.GLOBAL && spaces.globals().get(index).mutable()) {
            features.add(Feature.MUTABLE_GLOBALS);
        }
    }

    private void startSection() {
        int offset = in.position();
        int index = spaces.index(Kind.FUNCTION, "the start function");
        FunctionType type = spaces.functionType(index);
        if (!type.parameters().isEmpty() || !type.results().isEmpty()) {
            throw new InvalidException(
                    "start function must have no parameters and no results, function " + index + " is " + type, offset);
        }
        start = index;
    }

    private void elementSection() {
        int count = ModuleLimits.count(in, "element segments", ModuleLimits.ELEMENT_SEGMENTS, 0);
        SegmentReader segments = new SegmentReader(in, spaces, constants, features);
        for (int i = 0; i < count; i++) {
            elements.add(segments.elements());
        }
    }

    private void codeSection() {
        int offset = in.position();
        int count = in.length();
        if (count != ownFunctions()) {
            throw inconsistentCode(count, offset);
        }
        BodyReader reader = new BodyReader(in, spaces);
        for (int i = 0; i < count; i++) {
            bodies.add(reader.body(spaces.imported().functions() + i));
        }
    }

    private int ownFunctions() {
        return spaces.functions() - spaces.imported().functions();
    }

    private void dataCountSection() {
        int offset = in.position();
        dataCount = in.u32();
        if (dataCount < 0 || dataCount > ModuleLimits.DATA_SEGMENTS) {
            throw ModuleLimits.tooMany("data segments", ModuleLimits.DATA_SEGMENTS, offset);
        }
        features.add(Feature.BULK_MEMORY);
    }

    private void dataSection() {
        int count = ModuleLimits.count(in, "data segments", ModuleLimits.DATA_SEGMENTS, 0);
        SegmentReader segments = new SegmentReader(in, spaces, constants, features);
        for (int i = 0; i < count; i++) {
            data.add(segments.data());
        }
    }

    private void checkCounts() {
        if (bodies.size() != ownFunctions()) {
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
                "function and code section have inconsistent lengths: " + ownFunctions() + " and " + count, offset);
    }

    /** What has been read so far. */
    ModuleData module() {
        IndexSpaces.Imported imported = spaces.imported();
        return new ModuleData(
                binary,
                spaces.types(),
                List.copyOf(imports),
                imported.functions(),
                spaces.functionTypes(),
                imported.tables(),
                List.copyOf(spaces.tables()),
                List.copyOf(tableInitials),
                imported.memories(),
                List.copyOf(spaces.memories()),
                imported.tags(),
                spaces.tagTypes(),
                imported.globals(),
                List.copyOf(spaces.globals()),
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
}
