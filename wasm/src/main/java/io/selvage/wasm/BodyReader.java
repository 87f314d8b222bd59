package io.selvage.wasm;

import io.selvage.wasm.ModuleData.Body;
import io.selvage.wasm.ModuleData.LocalTypes;

/** Reads where the bodies of functions are, and their locals (core spec §5.5.13); the instructions are {@link Validator}'s. */
final class BodyReader {
    private static final LocalTypes NO_LOCALS = new LocalTypes(new int[0], new ValueType[0]);
    private static final long LOCALS_IN_FORMAT = 0xffff_ffffL;

    private final BinaryReader in;
    private final IndexSpaces spaces;

    BodyReader(BinaryReader in, IndexSpaces spaces) {
        this.in = in;
        this.spaces = spaces;
    }

    /** The body of the function with this index, which comes next. */
    Body body(int function) {
        int offset = in.position();
        int length = in.length();
        int end = in.position() + length;
        if (length > ModuleLimits.BODY_BYTES) {
            throw new UnsupportedException(
                    "function too large: function " + function + " has " + length + " bytes, the limit is "
                            + ModuleLimits.BODY_BYTES,
                    offset);
        }
        LocalTypes locals = locals(function);
        if (in.position() > end) {
            throw new MalformedException(
                    "unexpected end of section or function: in the locals of function " + function, end);
        }
        Body body = new Body(in.position(), end, locals);
        in.position(end);
        return body;
    }

    private LocalTypes locals(int function) {
        int offset = in.position();
        int runs = in.length();
        if (runs == 0) {
            return NO_LOCALS;
        }
        if (runs > in.remaining() / 2) {
            throw new MalformedException(
                    "unexpected end of section or function: too few declarations of locals", offset);
        }
        int[] counts = new int[runs];
        ValueType[] types = new ValueType[runs];
        long total = spaces.functionType(function).parameters().size();
        for (int i = 0; i < runs; i++) {
            counts[i] = in.u32();
            total += Integer.toUnsignedLong(counts[i]);
            if (total > LOCALS_IN_FORMAT) {
                throw new MalformedException("too many locals in function " + function, offset);
            }
            types[i] = TypeReader.value(in, spaces.types());
        }
        if (total > ModuleLimits.LOCALS) {
            throw new UnsupportedException(
                    "too many locals: function " + function + " has " + total + " with its parameters, the limit is "
                            + ModuleLimits.LOCALS,
                    offset);
        }
        return new LocalTypes(counts, types);
    }
}
