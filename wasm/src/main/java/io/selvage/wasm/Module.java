package io.selvage.wasm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A decoded and validated module (core spec §2.5). Immutable and thread-safe; its compiled code goes when it goes. */
public final class Module {
    private final ModuleData data;
    private final ModuleCode code;
    private final DwarfLines lines;
    private final Map<String, ModuleData.Export> exports = new LinkedHashMap<>();

    Module(ModuleData data, CodeCache.@Nullable Stored stored, CompileLimits limits) {
        this.data = data;
        code = new ModuleCode(data, stored, limits);
        lines = new DwarfLines(data);
        data.exports().forEach(export -> exports.put(export.name(), export));
    }

    ModuleData data() {
        return data;
    }

    ModuleCode code() {
        return code;
    }

    Optional<ModuleData.Export> exportNamed(String name) {
        return Optional.ofNullable(exports.get(name));
    }

    /** The name in its name section, if it has one. */
    public Optional<String> name() {
        return Optional.ofNullable(data.moduleName());
    }

    /** What it needs from outside, in order. */
    public List<ImportDescriptor> imports() {
        return data.imports();
    }

    /** What it gives to the outside, in order. */
    public List<ExportDescriptor> exports() {
        List<ExportDescriptor> descriptors = new ArrayList<>();
        data.exports().forEach(export -> descriptors.add(new ExportDescriptor(export.name(), typeOf(export))));
        return descriptors;
    }

    private ExternType typeOf(ModuleData.Export export) {
        return switch (export.kind()) {
            case FUNCTION -> data.functionType(export.index());
            case TABLE -> data.tables().get(export.index());
            case MEMORY -> data.memories().get(export.index());
            case GLOBAL -> data.globals().get(export.index());
            case TAG -> data.tagType(export.index());
        };
    }

    /** A copy of the contents of each custom section of this name, in order. */
    public List<byte[]> customSections(String name) {
        return data.customSections().stream()
                .filter(section -> section.name().equals(name))
                .map(section -> Arrays.copyOfRange(data.binary(), section.start(), section.end()))
                .toList();
    }

    /** The line of the source that the instruction at {@code offset} of the binary was made of, if DWARF says so. */
    Optional<SourceLine> source(int offset) {
        return lines.at(offset);
    }

    /** A function's name for people: from the name section, else an export, else {@code $index}. */
    String functionName(int function) {
        String name = data.functionNames().get(function);
        if (name != null) {
            return name;
        }
        return data.exports().stream()
                .filter(e -> e.kind() == ModuleData.Kind.FUNCTION && e.index() == function)
                .map(ModuleData.Export::name)
                .findFirst()
                .orElse("$" + function);
    }

    /**
     * Compiles every function now, and lets the JVM verify its code; each is otherwise compiled when it is first called. Takes about
     * 0.2 s for each MB, and the memory of the code as long as the module is there.
     *
     * @throws Trap of {@link Trap.Kind#COMPILE_LIMIT} if that is more than the engine's {@link CompileLimits} allow
     */
    public void compile() {
        code.compileLarge(0);
    }

    /**
     * Compiles now what would let a call wait: every function with a body of so many bytes or more, and those that are compiled
     * together with one.
     *
     * @throws UnsupportedException if one is larger than this engine can compile
     * @throws Trap of {@link Trap.Kind#COMPILE_LIMIT} if that is more than the engine's {@link CompileLimits} allow
     */
    public void compileLarge(int bodyBytes) {
        code.compileLarge(bodyBytes);
    }

    /**
     * Finds every import, once for all instances to come.
     *
     * @throws LinkException if an import is missing or of another type
     */
    public LinkedModule link(Imports imports) {
        return new LinkedModule(this, new Linker(this, imports));
    }

    /** Links and instantiates, without limits and without data. */
    public Instance instantiate(Imports imports) {
        return link(imports).instantiate(RunLimits.none());
    }
}
