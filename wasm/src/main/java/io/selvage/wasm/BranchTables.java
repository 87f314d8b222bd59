package io.selvage.wasm;

import java.util.ArrayList;
import java.util.List;

/** The tables of a module's {@code br_table} instructions that are too large to be JVM code. Thread-safe. */
final class BranchTables {
    private final List<int[]> tables = new ArrayList<>();

    /** Keeps a table, whose last element is for all operands beyond it; answers its number for {@link #look}. */
    synchronized int add(int[] codes) {
        tables.add(codes);
        return tables.size() - 1;
    }

    synchronized int count() {
        return tables.size();
    }

    private synchronized int[] table(int number) {
        return tables.get(number);
    }

    /** What a {@code br_table} with this operand finds in its table. */
    int look(int number, int operand) {
        int[] codes = table(number);
        return codes[Integer.compareUnsigned(operand, codes.length - 1) < 0 ? operand : codes.length - 1];
    }
}
