package io.selvage.wasm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a module consists of, for people and tools that want to look into one, whether the engine can run it or not.
 *
 * @param name the module's name from its name section
 * @param bytes the length of the module
 * @param sections its sections, in order
 * @param features the extensions of WebAssembly 1.0 that it uses; incomplete if there is a {@code problem}
 * @param imports what it needs from outside
 * @param exports what it gives to the outside
 * @param memories its linear memories, imported ones first
 * @param tables its tables, imported ones first
 * @param functions how many functions of its own it has
 * @param globals how many globals of its own it has
 * @param largest its largest functions, the largest first, at most {@value #LARGEST}
 * @param start the index of its start function
 * @param problem why the engine does not run it; then what stands after the place of the problem may be missing from
 *     everything but {@code sections}
 */
public record ModuleSummary(
        Optional<String> name,
        int bytes,
        List<Section> sections,
        Set<Feature> features,
        List<ImportDescriptor> imports,
        List<ExportDescriptor> exports,
        List<MemoryType> memories,
        List<TableType> tables,
        int functions,
        int globals,
        List<FunctionSize> largest,
        Optional<Integer> start,
        Optional<String> problem) {

    private static final int LARGEST = 10;

    /**
     * A function of the module's own.
     *
     * @param index its index in the function index space
     * @param name its name, else empty
     * @param bytes the length of its instructions
     */
    public record FunctionSize(int index, String name, int bytes) {}

    /**
     * One section.
     *
     * @param kind what the specification calls it, for example {@code data count}
     * @param name the name of a custom section, else empty
     * @param offset where its contents begin in the module
     * @param length how many bytes its contents are
     * @param items how many things it holds: types, imports, bodies …; 0 for a custom section
     */
    public record Section(String kind, String name, int offset, int length, int items) {}

    /** Copies the collections. */
    public ModuleSummary {
        sections = List.copyOf(sections);
        EnumSet<Feature> used = EnumSet.noneOf(Feature.class);
        used.addAll(features);
        features = Collections.unmodifiableSet(used);
        imports = List.copyOf(imports);
        exports = List.copyOf(exports);
        memories = List.copyOf(memories);
        tables = List.copyOf(tables);
        largest = List.copyOf(largest);
    }

    /**
     * Looks into a module.
     *
     * @throws MalformedException if the bytes are not even a row of sections
     * @throws UnsupportedException if there is a section of a kind that the engine does not know
     */
    public static ModuleSummary of(byte[] binary) {
        List<Section> sections = sections(binary);
        Decoder decoder = new Decoder(binary);
        Optional<String> problem = Optional.empty();
        try {
            decoder.validator(decoder.sections()).validateAll();
        } catch (WasmException e) {
            problem = Optional.of(String.valueOf(e.getMessage()));
        }
        ModuleData module = decoder.module();
        return new ModuleSummary(
                Optional.ofNullable(module.moduleName()),
                binary.length,
                sections,
                decoder.features(),
                module.imports(),
                exports(module),
                module.memories(),
                module.tables(),
                module.functionTypes().length - module.importedFunctions(),
                module.globals().size() - module.importedGlobals(),
                largest(module),
                module.start() < 0 ? Optional.empty() : Optional.of(module.start()),
                problem);
    }

    private static List<FunctionSize> largest(ModuleData module) {
        List<ModuleData.Body> bodies = module.bodies();
        return IntStream.range(0, bodies.size())
                .boxed()
                .sorted(Comparator.comparingInt(
                        i -> bodies.get(i).start() - bodies.get(i).end()))
                .limit(LARGEST)
                .map(i -> {
                    int index = module.importedFunctions() + i;
                    String name = module.functionNames().getOrDefault(index, "");
                    return new FunctionSize(
                            index, name, bodies.get(i).end() - bodies.get(i).start());
                })
                .toList();
    }

    private static List<Section> sections(byte[] binary) {
        List<Section> sections = new ArrayList<>();
        BinaryReader in = new BinaryReader(binary);
        Decoder.preamble(in);
        while (!in.atEnd()) {
            int offset = in.position();
            SectionId id = SectionId.of(in.u8(), offset);
            int length = in.length();
            int start = in.position();
            BinaryReader contents = new BinaryReader(binary, start + length);
            contents.position(start);
            String name = id == SectionId.CUSTOM ? contents.name() : "";
            int items = id == SectionId.CUSTOM || id == SectionId.START ? 0 : contents.u32();
            sections.add(new Section(id.toString(), name, start, length, items));
            in.skip(length);
        }
        return sections;
    }

    private static List<ExportDescriptor> exports(ModuleData module) {
        List<ExportDescriptor> exports = new ArrayList<>(module.exports().size());
        for (ModuleData.Export export : module.exports()) {
            ExternType type = switch (export.kind()) {
                case FUNCTION -> module.functionType(export.index());
                case TABLE -> module.tables().get(export.index());
                case MEMORY -> module.memories().get(export.index());
                case GLOBAL -> module.globals().get(export.index());
                case TAG -> module.tagType(export.index());
            };
            exports.add(new ExportDescriptor(export.name(), type));
        }
        return exports;
    }
}
