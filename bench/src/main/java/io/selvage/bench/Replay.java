package io.selvage.bench;

import io.selvage.bench.Trace.Event;
import io.selvage.bench.Trace.Kind;
import io.selvage.wasm.Engine;
import io.selvage.wasm.ExportDescriptor;
import io.selvage.wasm.Function;
import io.selvage.wasm.FunctionType;
import io.selvage.wasm.HostFunction;
import io.selvage.wasm.ImportDescriptor;
import io.selvage.wasm.Imports;
import io.selvage.wasm.Instance;
import io.selvage.wasm.Limits;
import io.selvage.wasm.LinkedModule;
import io.selvage.wasm.Memory;
import io.selvage.wasm.MemoryType;
import io.selvage.wasm.Module;
import io.selvage.wasm.RunLimits;
import io.selvage.wasm.Table;
import io.selvage.wasm.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Runs a trace: a new instance of its module, and everything that the package's JavaScript did with it. */
final class Replay {
    /** What an import threw. */
    private static final class Replayed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Replayed() {
            super(null, null, false, false);
        }
    }

    private final Trace trace;
    private final Event[] events;
    private final Module module;
    private final @Nullable LinkedModule linked;

    private int at;
    private Memory memory;
    private @Nullable Table table;
    private Map<String, Function> functions = new HashMap<>();

    Replay(Trace trace, Engine engine) throws IOException {
        this.trace = trace;
        events = trace.events().toArray(Event[]::new);
        module = engine.load(Files.readAllBytes(trace.module()));
        memory = new Memory(new MemoryType(new Limits(0, OptionalLong.empty())));
        linked = events[0].kind() == Kind.MEMORY ? null : module.link(imports());
    }

    /**
     * Does it all.
     *
     * @throws BenchmarkException if the guest does anything else than it did when the trace was made
     */
    void run() {
        at = 0;
        functions = new HashMap<>();
        if (linked == null) {
            Number[] limits = events[at++].numbers();
            memory = new Memory(
                    new MemoryType(new Limits(limits[0].longValue(), OptionalLong.of(limits[1].longValue()))));
        }
        Instance instance = linked == null ? module.instantiate(imports()) : linked.instantiate(RunLimits.none());
        for (ExportDescriptor export : module.exports()) {
            switch (instance.export(export.name()).orElseThrow()) {
                case Function function -> functions.put("e:" + export.name(), function);
                case Memory exported -> memory = exported;
                case Table exported -> table = exported;
                default -> {}
            }
        }
        host();
        if (at != events.length) {
            throw diverged("the trace goes on");
        }
    }

    private Imports imports() {
        Imports.Builder builder = Imports.builder();
        List<ImportDescriptor> wanted = module.imports();
        for (int i = 0; i < wanted.size(); i++) {
            ImportDescriptor descriptor = wanted.get(i);
            if (descriptor.type() instanceof FunctionType type) {
                int index = i;
                builder.function(
                        descriptor.module(),
                        descriptor.name(),
                        HostFunction.of(type, (caller, arguments) -> imported(index, type)));
            } else {
                builder.define(descriptor.module(), descriptor.name(), memory);
            }
        }
        return builder.build();
    }

    /** Does what the host did, up to where it gave control back to the guest. */
    private void host() {
        while (at < events.length) {
            Event event = events[at];
            switch (event.kind()) {
                case WRITE -> memory.write(event.numbers()[0].intValue(), event.bytes());
                case GROW -> memory.grow(event.numbers()[0].intValue());
                case CALL -> {
                    call(event);
                    continue;
                }
                default -> {
                    return;
                }
            }
            at++;
        }
    }

    private void call(Event event) {
        Function function = function(event.target());
        List<ValueType> parameters = function.type().parameters();
        Object[] arguments = new Object[parameters.size()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = value(parameters.get(i), event.numbers()[i]);
        }
        at++;
        @Nullable Object[] results;
        try {
            results = function.call(arguments);
        } catch (Replayed _) {
            expect(Kind.THREW, 0);
            return;
        }
        List<ValueType> types = function.type().results();
        Number[] expected = expect(Kind.RETURNED, 0);
        if (results.length == 1 && !value(types.getFirst(), expected[0]).equals(results[0])) {
            at--;
            throw diverged(event.target() + " answered " + results[0]);
        }
    }

    private Object[] imported(int index, FunctionType type) {
        Number[] numbers = expect(Kind.IMPORT, index);
        if (numbers[0].intValue() != index) {
            at--;
            throw diverged("the guest calls import " + index);
        }
        host();
        Event end = events[at++];
        if (end.kind() == Kind.THROW) {
            throw new Replayed();
        }
        return type.results().isEmpty()
                ? new Object[0]
                : new Object[] {value(type.results().getFirst(), end.numbers()[0])};
    }

    private Function function(String target) {
        return functions.computeIfAbsent(
                target,
                t -> Optional.ofNullable(table)
                        .map(elements -> (Function) elements.get(Integer.parseInt(t.substring(2))))
                        .orElseThrow(() -> diverged("there is no " + t)));
    }

    private Number[] expect(Kind kind, int index) {
        if (at == events.length || events[at].kind() != kind) {
            throw diverged("the guest does " + kind + " " + index);
        }
        return events[at++].numbers();
    }

    private static Object value(ValueType type, Number number) {
        return switch (type.kind()) {
            case I32 -> (int) number.longValue();
            case I64 -> number.longValue();
            case F32 -> number.floatValue();
            case F64 -> number.doubleValue();
            default -> throw new BenchmarkException("a trace with a value of type " + type);
        };
    }

    private BenchmarkException diverged(String what) {
        return new BenchmarkException("%s: event %d: %s; the trace says %s"
                .formatted(
                        trace.file(),
                        at + 1,
                        what,
                        at < events.length
                                ? new ArrayList<>(List.of(events[at].kind(), List.of(events[at].numbers())))
                                : "the end"));
    }
}
