package io.selvage.cli;

import io.selvage.wasm.FunctionType;
import io.selvage.wasm.Global;
import io.selvage.wasm.GlobalType;
import io.selvage.wasm.HostFunction;
import io.selvage.wasm.Imports;
import io.selvage.wasm.Limits;
import io.selvage.wasm.Memory;
import io.selvage.wasm.MemoryType;
import io.selvage.wasm.Table;
import io.selvage.wasm.TableType;
import io.selvage.wasm.ValueType;

/** The host module {@code spectest} that the scripts of the test suite import. */
final class SpectestHost {
    private static final String MODULE = "spectest";

    private SpectestHost() {}

    /** A fresh one: its memory and table are shared by the modules of one script. */
    static Imports imports() {
        return Imports.builder()
                .function(MODULE, "print", print())
                .function(MODULE, "print_i32", print(ValueType.I32))
                .function(MODULE, "print_i64", print(ValueType.I64))
                .function(MODULE, "print_f32", print(ValueType.F32))
                .function(MODULE, "print_f64", print(ValueType.F64))
                .function(MODULE, "print_i32_f32", print(ValueType.I32, ValueType.F32))
                .function(MODULE, "print_f64_f64", print(ValueType.F64, ValueType.F64))
                .define(MODULE, "global_i32", global(ValueType.I32, 666))
                .define(MODULE, "global_i64", global(ValueType.I64, 666L))
                .define(MODULE, "global_f32", global(ValueType.F32, 666.6f))
                .define(MODULE, "global_f64", global(ValueType.F64, 666.6))
                .define(MODULE, "table", new Table(new TableType(ValueType.FUNCREF, Limits.between(10, 20)), null))
                .define(MODULE, "table64", wideTable())
                .define(MODULE, "memory", new Memory(new MemoryType(Limits.between(1, 2))))
                .define(MODULE, "shared_memory", new Memory(new MemoryType(ValueType.I32, Limits.between(1, 2), true)))
                .build();
    }

    private static Table wideTable() {
        return new Table(new TableType(ValueType.I64, ValueType.FUNCREF, Limits.between(10, 20)), null);
    }

    private static HostFunction print(ValueType... parameters) {
        return HostFunction.of(FunctionType.of(parameters), (_, _) -> new Object[0]);
    }

    private static Global global(ValueType type, Object value) {
        return new Global(new GlobalType(type, false), value);
    }
}
