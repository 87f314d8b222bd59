package io.selvage.wasm;

import io.selvage.wasm.internal.CompiledFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds a module's imports and checks that they fit (core spec §4.5.4). */
final class Linker {
    private final List<Object> functions = new ArrayList<>();
    private final List<Table> tables = new ArrayList<>();
    private final List<Memory> memories = new ArrayList<>();
    private final List<Tag> tags = new ArrayList<>();
    private final List<Global> globals = new ArrayList<>();
    private final ModuleData data;

    Linker(Module module, Imports imports) {
        data = module.data();
        for (ImportDescriptor wanted : module.imports()) {
            Object found = imports.find(wanted.module(), wanted.name())
                    .or(() -> imports.stubsMissing() && wanted.type() instanceof FunctionType type
                            ? Optional.of(stub(wanted, type))
                            : Optional.empty())
                    .orElseThrow(() -> new LinkException("unknown import: the module needs " + wanted.module() + "."
                            + wanted.name() + ", a " + describe(wanted.type()) + ", and nothing provides it"));
            add(wanted, found);
        }
    }

    private static HostFunction stub(ImportDescriptor wanted, FunctionType type) {
        return HostFunction.of(type, (caller, arguments) -> {
            throw new Trap(
                    Trap.Kind.MISSING_IMPORT,
                    Trap.Kind.MISSING_IMPORT.text() + ": " + wanted.module() + "." + wanted.name());
        });
    }

    private void add(ImportDescriptor wanted, Object found) {
        switch (wanted.type()) {
            case FunctionType _ -> addFunction(wanted, data.types().get(data.functionTypes()[functions.size()]), found);
            case TableType type -> {
                if (!(found instanceof Table table)
                        || table.type().address() != type.address()
                        || table.type().element() != type.element()
                        || !table.type().limits().matches(table.size(), type.limits())) {
                    throw mismatch(wanted, found);
                }
                tables.add(table);
            }
            case MemoryType type -> {
                if (!(found instanceof Memory memory)
                        || memory.type().address() != type.address()
                        || memory.type().shared() != type.shared()
                        || !memory.type().limits().matches(memory.pages(), type.limits())) {
                    throw mismatch(wanted, found);
                }
                memories.add(memory);
            }
            case TagType _ -> {
                DefinedType type = data.types().get(data.tagTypes()[tags.size()]);
                if (!(found instanceof Tag tag) || tag.definition() != type) {
                    throw mismatch(wanted, found);
                }
                tags.add(tag);
            }
            case GlobalType type -> {
                if (!(found instanceof Global global) || !matches(global.type(), type)) {
                    throw mismatch(wanted, found);
                }
                globals.add(global);
            }
        }
    }

    private void addFunction(ImportDescriptor wanted, DefinedType type, Object found) {
        switch (found) {
            case HostFunction host when host.type().isSubtypeOf((FunctionType) type.composite()) -> functions.add(host);
            case CompiledFunction function
            when function.runtimeType.isSubtypeOf(type.runtimeType()) -> functions.add(function);
            default -> throw mismatch(wanted, found);
        }
    }

    private static boolean matches(GlobalType found, GlobalType wanted) {
        return found.mutable() == wanted.mutable()
                && (wanted.mutable()
                        ? found.type() == wanted.type()
                        : found.type().isSubtypeOf(wanted.type()));
    }

    private static LinkException mismatch(ImportDescriptor wanted, Object found) {
        String is = switch (found) {
            case HostFunction host -> describe(host.type());
            case Extern extern -> describe(extern.type());
            default -> found.getClass().getSimpleName();
        };
        return new LinkException("incompatible import type: the module needs " + wanted.module() + "." + wanted.name()
                + " to be a " + describe(wanted.type()) + ", but it is a " + is);
    }

    private static String describe(ExternType type) {
        return switch (type) {
            case FunctionType function -> "function " + function;
            case TableType table ->
                "table of " + table.element() + addresses(table.address()) + sizes(table.limits(), "elements");
            case MemoryType memory ->
                (memory.shared() ? "shared " : "") + "memory" + addresses(memory.address())
                        + sizes(memory.limits(), "pages");
            case TagType tag -> "tag of exceptions that carry " + tag.type().parameters();
            case GlobalType global -> (global.mutable() ? "mutable " : "") + "global of " + global.type();
        };
    }

    private static String addresses(ValueType type) {
        return type == ValueType.I64 ? " with addresses of 64 bits" : "";
    }

    private static String sizes(Limits limits, String unit) {
        return " of " + Long.toUnsignedString(limits.minimum())
                + (limits.maximum().isPresent()
                        ? " to " + Long.toUnsignedString(limits.maximum().getAsLong())
                        : " or more")
                + " " + unit;
    }

    /** Each is a {@link HostFunction} or a {@link CompiledFunction}. */
    List<Object> functions() {
        return functions;
    }

    List<Table> tables() {
        return tables;
    }

    List<Memory> memories() {
        return memories;
    }

    List<Tag> tags() {
        return tags;
    }

    List<Global> globals() {
        return globals;
    }
}
