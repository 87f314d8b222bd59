package io.selvage.wasm;

import java.util.Set;

/** Validates accesses of memories, and the instructions on vectors and the atomic ones, most of which are such. */
final class AccessValidator {
    private final InstructionPlace place;
    private final ValidatorStack stack;
    private final ModuleIndices indices;
    private final Set<Feature> features;
    private final BinaryReader in;

    AccessValidator(
            InstructionPlace place,
            ValidatorStack stack,
            ModuleIndices indices,
            Set<Feature> features,
            BinaryReader in) {
        this.place = place;
        this.stack = stack;
        this.indices = indices;
        this.features = features;
        this.in = in;
    }

    /** A load or a store of a number. */
    void access(int code) {
        int address = memoryArgument(NumericOpcode.memoryWidth(code));
        int type = NumericOpcode.memoryType(code);
        if (code >= Opcode.I32_STORE) {
            stack.pop(type);
            stack.pop(address);
        } else {
            stack.pop(address);
            stack.push(type);
        }
    }

    /** The immediates of an access of 2**{@code natural} bytes; answers the type of the memory's addresses. */
    private int memoryArgument(int natural) {
        int flags = in.u32();
        if (Integer.compareUnsigned(flags, 2 * Opcode.MEMORY_INDEX_FLAG) >= 0) {
            throw new MalformedException(
                    "malformed memop flags " + Integer.toUnsignedString(flags) + ", at " + place.instructionText(),
                    place.offset());
        }
        int address = indices.checkMemory((flags & Opcode.MEMORY_INDEX_FLAG) == 0 ? 0 : in.u32());
        int alignment = flags & (Opcode.MEMORY_INDEX_FLAG - 1);
        if (alignment > natural) {
            throw new InvalidException(
                    "alignment must not be larger than natural: 2**" + alignment + " at " + place.instructionText()
                            + " of " + (1 << natural) + " bytes",
                    place.offset());
        }
        long offset = in.u64();
        if (address == TypeCode.I32 && offset >>> 32 != 0) {
            throw new InvalidException(
                    "offset out of range: " + Long.toUnsignedString(offset) + " at " + place.instructionText(),
                    place.offset());
        }
        return address;
    }

    /** An instruction on vectors by its number after {@link Opcode#PREFIX_FD}. */
    void vector(int second) {
        if (!VectorOpcode.isKnown(second)) {
            throw Proposals.vector(second, place.offset());
        }
        VectorModule.require(place.offset());
        features.add(second >= VectorOpcode.FIRST_RELAXED ? Feature.RELAXED_SIMD : Feature.SIMD);
        int address = VectorOpcode.isAccess(second) ? memoryArgument(VectorOpcode.width(second)) : TypeCode.I32;
        if (second == VectorOpcode.V128_CONST) {
            in.skip(16);
        } else if (second == VectorOpcode.I8X16_SHUFFLE) {
            for (int i = 0; i < 16; i++) {
                lane(32);
            }
        } else if (VectorOpcode.lanes(second) > 0) {
            lane(VectorOpcode.lanes(second));
        }
        String operands = VectorOpcode.operands(second);
        for (int i = operands.length() - 1; i >= 0; i--) {
            boolean isAddress = i == 0 && VectorOpcode.isAccess(second);
            stack.pop(isAddress ? address : VectorOpcode.type(operands.charAt(i)));
        }
        if (VectorOpcode.result(second) != 'V') {
            stack.push(VectorOpcode.type(VectorOpcode.result(second)));
        }
    }

    /** An atomic instruction by its number after {@link Opcode#PREFIX_FE}. */
    void atomic(int second) {
        if (!AtomicOpcode.isKnown(second)) {
            throw Proposals.atomic(second, place.offset());
        }
        features.add(Feature.THREADS);
        if (second == AtomicOpcode.FENCE) {
            in.zero();
            return;
        }
        int alignment = in.peek() & (Opcode.MEMORY_INDEX_FLAG - 1);
        int address = memoryArgument(AtomicOpcode.width(second));
        if (alignment != AtomicOpcode.width(second)) {
            throw new InvalidException(
                    "alignment must be natural: 2**" + alignment + " at " + place.instructionText() + " of "
                            + (1 << AtomicOpcode.width(second)) + " bytes",
                    place.offset());
        }
        String operands = AtomicOpcode.operands(second);
        for (int i = operands.length() - 1; i >= 0; i--) {
            stack.pop(i == 0 ? address : VectorOpcode.type(operands.charAt(i)));
        }
        if (AtomicOpcode.result(second) != 'V') {
            stack.push(VectorOpcode.type(AtomicOpcode.result(second)));
        }
    }

    private void lane(int count) {
        int lane = in.u8();
        if (lane >= count) {
            throw place.invalid("invalid lane index " + lane + " of " + count);
        }
    }
}
