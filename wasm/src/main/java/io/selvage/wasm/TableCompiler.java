package io.selvage.wasm;

/** Compiles the instructions on tables. */
final class TableCompiler {
    private final FunctionCode function;
    private final OperandStack stack;
    private final RuntimeCalls runtime;

    TableCompiler(FunctionCode function, OperandStack stack, RuntimeCalls runtime) {
        this.function = function;
        this.stack = stack;
        this.runtime = runtime;
    }

    void get(int table) {
        stack.narrow(1);
        runtime.indexed("tableGet", "I", 'L', table);
    }

    void set(int table) {
        stack.narrow(2);
        runtime.indexed("tableSet", "IL", 'V', table);
    }

    void size(int table) {
        runtime.indexed("tableSize", "", 'I', table);
        widen(table);
    }

    void grow(int table) {
        stack.narrow(2);
        runtime.indexed("tableGrow", "LI", 'I', table);
        widen(table);
    }

    private void widen(int table) {
        if (isWide(table)) {
            stack.widen();
        }
    }

    void initialise(int segment, int table) {
        stack.narrow(3);
        runtime.indexed("tableInit", "III", 'V', segment, table);
    }

    void copy(int to, int from) {
        stack.narrow(3);
        runtime.indexed("tableCopy", "III", 'V', to, from);
    }

    void fill(int table) {
        stack.narrow(3);
        runtime.indexed("tableFill", "ILI", 'V', table);
    }

    void drop(int segment) {
        runtime.indexed("elementDrop", "", 'V', segment);
    }

    /** Makes 32 bits of a table's index on top of the JVM's stack, for a call. */
    void narrowIndex(int table) {
        if (isWide(table)) {
            Addresses.narrow(function.code());
        }
    }

    private boolean isWide(int table) {
        return Addresses.isWide(function.module().tables().get(table));
    }
}
