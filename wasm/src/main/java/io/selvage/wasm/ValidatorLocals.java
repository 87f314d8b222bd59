package io.selvage.wasm;

import io.selvage.wasm.ModuleData.Body;
import io.selvage.wasm.ModuleData.LocalTypes;
import java.util.Arrays;
import java.util.BitSet;

/** The types of a function's locals, and which of them have a value where the validator is. */
final class ValidatorLocals {
    /** Locals are spread out for look-up as far as the body could name them with so many bytes an instruction. */
    private static final int SPREAD_LOCALS_PER_BYTE = 4;

    private final InstructionPlace place;
    private final ModuleTypes types;
    private final BinaryReader in;

    private int[] locals = new int[64];
    private int spread;
    private int localCount;
    private int parameterCount;
    private LocalTypes declared = new LocalTypes(new int[0], new ValueType[0]);

    /** The local that was read last. */
    private int last;

    /** The locals without a default that have a value here (core spec §3.3.1), and the order in which they got it. */
    private final BitSet initialized = new BitSet();

    private int[] initializedOrder = new int[8];
    private int initializedCount;

    ValidatorLocals(InstructionPlace place, ModuleTypes types, BinaryReader in) {
        this.place = place;
        this.types = types;
        this.in = in;
    }

    /** A body begins. */
    void begin(int[] parameters, Body body) {
        forget(0);
        parameterCount = parameters.length;
        declared = body.locals();
        localCount = parameters.length + declared.size();
        spread = Math.max(parameters.length, (int)
                Math.min(localCount, (long) SPREAD_LOCALS_PER_BYTE * (body.end() - body.start())));
        if (spread > locals.length) {
            locals = new int[Math.max(spread, locals.length * 2)];
        }
        System.arraycopy(parameters, 0, locals, 0, parameters.length);
        int next = parameters.length;
        for (int run = 0; next < spread; run++) {
            int end = Math.min(spread, next + declared.counts()[run]);
            Arrays.fill(locals, next, end, types.code(declared.types()[run]));
            next = end;
        }
    }

    /** The type of the local whose index is read next, and which must have a value. */
    int get() {
        int type = local();
        if (!TypeCode.isDefaultable(type)) {
            requireInitialized();
        }
        return type;
    }

    /** The type of the local whose index is read next, and which then has a value. */
    int set() {
        int type = local();
        if (!TypeCode.isDefaultable(type) && last >= parameterCount && !initialized.get(last)) {
            initialized.set(last);
            if (initializedCount == initializedOrder.length) {
                initializedOrder = Arrays.copyOf(initializedOrder, initializedCount * 2);
            }
            initializedOrder[initializedCount++] = last;
        }
        return type;
    }

    private void requireInitialized() {
        if (last >= parameterCount && !initialized.get(last)) {
            throw place.invalid("uninitialized local " + last + ", which has no default");
        }
    }

    /** How many locals without a default have a value. */
    int initialized() {
        return initializedCount;
    }

    /** Forgets all but the first {@code count} of them: those of a block that ends, since it may not have been run. */
    void forget(int count) {
        while (initializedCount > count) {
            initialized.clear(initializedOrder[--initializedCount]);
        }
    }

    private int local() {
        int index = in.u32();
        last = index;
        if (index >= 0 && index < spread) {
            return locals[index];
        }
        if (Integer.compareUnsigned(index, localCount) >= 0) {
            throw place.unknown("local", index, "it has " + localCount);
        }
        int[] counts = declared.counts();
        int end = localCount;
        int run = counts.length;
        while (index < end) {
            run--;
            end -= counts[run];
        }
        return types.code(declared.types()[run]);
    }
}
