package io.selvage.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.selvage.wasm.ExportDescriptor;
import io.selvage.wasm.ExternType;
import io.selvage.wasm.FunctionType;
import io.selvage.wasm.GlobalType;
import io.selvage.wasm.ImportDescriptor;
import io.selvage.wasm.Limits;
import io.selvage.wasm.MemoryType;
import io.selvage.wasm.ModuleSummary;
import io.selvage.wasm.TableType;
import io.selvage.wasm.TagType;
import io.selvage.wasm.ValueType;
import io.selvage.wasm.WasmException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage wasm inspect}: shows what a module consists of, even one that the engine cannot run. */
@Command(
        name = "inspect",
        description = "Show what a module consists of: sections, imports, exports, features, the largest functions.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the module can be run", "1:the file is no module, or one that the engine does not run"})
final class WasmInspectCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(paramLabel = "FILE", description = "A module in the binary format or the text format.")
    private Path file = Path.of(".");

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws JsonProcessingException {
        ModuleSummary summary;
        try {
            summary = ModuleSummary.of(WasmFile.read(file));
        } catch (UncheckedIOException e) {
            return fail(String.valueOf(e.getMessage()));
        } catch (WasmException e) {
            return fail(file + " is not a module: " + e.getMessage());
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(document(summary)));
        } else {
            print(summary, out);
        }
        out.flush();
        return summary.problem().isPresent() ? 1 : 0;
    }

    private int fail(String message) {
        spec.commandLine().getErr().println("selvage: " + Visible.message(message));
        spec.commandLine().getErr().flush();
        return 1;
    }

    private void print(ModuleSummary summary, PrintWriter out) {
        out.println(file + ": " + summary.bytes() + " bytes"
                + summary.name().map(name -> ", named " + Visible.name(name)).orElse(""));
        out.println("functions " + summary.functions() + ", globals " + summary.globals() + ", memories "
                + summary.memories().size() + ", tables " + summary.tables().size()
                + summary.start().map(start -> ", start function " + start).orElse(""));
        summary.memories().forEach(memory -> out.println(show((ExternType) memory)));
        summary.tables().forEach(table -> out.println(show((ExternType) table)));
        out.println("features " + (summary.features().isEmpty() ? "none beyond WebAssembly 1.0" : features(summary)));
        out.println("sections");
        for (ModuleSummary.Section section : summary.sections()) {
            String name = section.name().isEmpty()
                    ? section.kind()
                    : section.kind() + " \"" + Visible.name(section.name()) + "\"";
            out.printf("  %-32s %10d bytes at %d%s%n", name, section.length(), section.offset(), items(section));
        }
        out.println("imports");
        for (ImportDescriptor item : summary.imports()) {
            out.println("  " + Visible.name(item.module() + "." + item.name()) + ": " + show(item.type()));
        }
        out.println("exports");
        for (ExportDescriptor item : summary.exports()) {
            out.println("  " + Visible.name(item.name()) + ": " + show(item.type()));
        }
        out.println("largest functions");
        for (ModuleSummary.FunctionSize function : summary.largest()) {
            String name = function.name().isEmpty() ? "" : ", " + Visible.name(function.name());
            out.printf("  %10d bytes, function %d%s%n", function.bytes(), function.index(), name);
        }
        summary.problem().ifPresent(problem -> out.println("the engine does not run it: " + Visible.message(problem)));
    }

    private static String items(ModuleSummary.Section section) {
        return section.items() == 0 ? "" : ", " + section.items() + " items";
    }

    private static String features(ModuleSummary summary) {
        return String.join(
                ", ", summary.features().stream().map(Object::toString).toList());
    }

    private static String show(ExternType type) {
        return switch (type) {
            case FunctionType function -> "function " + function;
            case TableType table ->
                "table of " + table.element() + addresses(table.address()) + ", " + show(table.limits(), "elements");
            case MemoryType memory -> "memory" + addresses(memory.address()) + ", " + show(memory.limits(), "pages");
            case TagType tag -> "tag of exceptions that carry " + tag.type().parameters();
            case GlobalType global -> (global.mutable() ? "mutable global " : "global ") + global.type();
        };
    }

    private static String addresses(ValueType type) {
        return type == ValueType.I64 ? " with addresses of 64 bits" : "";
    }

    private static String show(Limits limits, String unit) {
        return limits.minimum() + " to "
                + (limits.maximum().isPresent() ? limits.maximum().getAsLong() : "any number of") + " " + unit;
    }

    private static Map<String, @Nullable Object> document(ModuleSummary summary) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("name", summary.name().orElse(null));
        document.put("bytes", summary.bytes());
        document.put(
                "features", summary.features().stream().map(Object::toString).toList());
        document.put("functions", summary.functions());
        document.put("globals", summary.globals());
        document.put(
                "memories",
                summary.memories().stream()
                        .map(memory -> limits(memory.limits()))
                        .toList());
        document.put(
                "tables",
                summary.tables().stream().map(WasmInspectCommand::table).toList());
        document.put("start", summary.start().orElse(null));
        document.put(
                "sections",
                summary.sections().stream().map(WasmInspectCommand::section).toList());
        document.put(
                "imports",
                summary.imports().stream()
                        .map(item -> item(item.module(), item.name(), item.type()))
                        .toList());
        document.put(
                "exports",
                summary.exports().stream()
                        .map(item -> item(null, item.name(), item.type()))
                        .toList());
        document.put(
                "largest",
                summary.largest().stream().map(WasmInspectCommand::function).toList());
        document.put("problem", summary.problem().orElse(null));
        return document;
    }

    private static Map<String, Object> limits(Limits limits) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("minimum", limits.minimum());
        limits.maximum().ifPresent(maximum -> map.put("maximum", maximum));
        return map;
    }

    private static Map<String, Object> table(TableType table) {
        Map<String, Object> map = limits(table.limits());
        map.put("element", table.element().toString());
        return map;
    }

    private static Map<String, Object> section(ModuleSummary.Section section) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("kind", section.kind());
        if (!section.name().isEmpty()) {
            map.put("name", section.name());
        }
        map.put("offset", section.offset());
        map.put("bytes", section.length());
        map.put("items", section.items());
        return map;
    }

    private static Map<String, Object> function(ModuleSummary.FunctionSize function) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("index", function.index());
        map.put("name", function.name());
        map.put("bytes", function.bytes());
        return map;
    }

    private static Map<String, Object> item(@Nullable String module, String name, ExternType type) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (module != null) {
            map.put("module", module);
        }
        map.put("name", name);
        map.put("kind", kind(type));
        map.put("type", show(type));
        return map;
    }

    private static String kind(ExternType type) {
        return switch (type) {
            case FunctionType _ -> "function";
            case TableType _ -> "table";
            case MemoryType _ -> "memory";
            case GlobalType _ -> "global";
            case TagType _ -> "tag";
        };
    }
}
