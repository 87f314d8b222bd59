package io.selvage.wasm;

import io.selvage.wasm.internal.Ops;

/**
 * The frame of a cut function: what its chunks keep for each other in one object's fields, the locals, the spilled
 * values and the results. Values beyond a number that a class can have fields for share an array.
 */
final class FunctionFrame {
    private static final String OPS = Ops.class.getName().replace('.', '/');

    /** The parameter of every chunk that is the frame. */
    private static final int SLOT = 1;

    /** How many locals, and how many spilled values, get a field each; the rest share an array. */
    private static final int MAXIMUM_FIELDS = 2_000;

    private final FunctionCode function;
    private final ChunkSink sink;
    private final int localCount;
    private final String owner;

    FunctionFrame(FunctionCode function, ChunkSink sink, int localCount) {
        this.function = function;
        this.sink = sink;
        this.localCount = localCount;
        owner = function.names().frameClass(function.index());
    }

    void loadLocal(int index, char type) {
        load(type, "l" + index, index < MAXIMUM_FIELDS, index);
    }

    void storeLocal(int index, char type) {
        store(type, "l" + index, index < MAXIMUM_FIELDS, index);
    }

    void loadSpill(int spill, char type) {
        load(type, "s" + spill + type, spill < MAXIMUM_FIELDS, localCount + spill);
    }

    void storeSpill(int spill, char type) {
        store(type, "s" + spill + type, spill < MAXIMUM_FIELDS, localCount + spill);
    }

    void storeResult(int index, char type) {
        store(type, "r" + index, true, 0);
    }

    private void load(char type, String field, boolean narrow, int wideIndex) {
        CodeAssembler code = function.code().load('L', SLOT);
        if (narrow) {
            sink.frameField(field, ValueCode.descriptor(type));
            code.getField(owner, field, ValueCode.descriptor(type));
        } else if (!Signature.isNumber(type)) {
            sink.wideLocals(wideIndex + 1);
            code.getField(owner, "wideReferences", "[Ljava/lang/Object;")
                    .constant(wideIndex)
                    .op(CodeAssembler.AALOAD);
            ValueCode.unbox(code, type);
        } else {
            sink.wideLocals(wideIndex + 1);
            code.getField(owner, "wide", "[J").constant(wideIndex).op(CodeAssembler.LALOAD);
            ValueCode.fromBits(code, type);
        }
    }

    private void store(char type, String field, boolean narrow, int wideIndex) {
        CodeAssembler code = function.code();
        if (type == 'Q' && !narrow) {
            ValueCode.box(code, type);
        }
        code.load('L', SLOT);
        if (narrow) {
            sink.frameField(field, ValueCode.descriptor(type));
            code.swap(type);
            code.putField(owner, field, ValueCode.descriptor(type));
        } else {
            sink.wideLocals(wideIndex + 1);
            boolean number = Signature.isNumber(type);
            String array = number ? "[J" : "[Ljava/lang/Object;";
            code.getField(owner, number ? "wide" : "wideReferences", array).constant(wideIndex);
            code.invokeStatic(OPS, "setWide", "(" + ValueCode.descriptor(number ? type : 'L') + array + "I)V");
        }
    }
}
