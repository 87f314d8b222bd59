package io.selvage.wasm;

import java.util.Set;

/** Validates the instructions on whole memories and on tables. */
final class BulkValidator {
    private final ModuleData module;
    private final InstructionPlace place;
    private final ValidatorStack stack;
    private final ModuleIndices indices;
    private final Set<Feature> features;
    private final BinaryReader in;

    BulkValidator(
            ModuleData module,
            InstructionPlace place,
            ValidatorStack stack,
            ModuleIndices indices,
            Set<Feature> features,
            BinaryReader in) {
        this.module = module;
        this.place = place;
        this.stack = stack;
        this.indices = indices;
        this.features = features;
        this.in = in;
    }

    /** An instruction without prefix. */
    void instruction(int code) {
        switch (code) {
            case Opcode.MEMORY_SIZE -> stack.push(indices.memoryIndex());
            case Opcode.MEMORY_GROW -> {
                int address = indices.memoryIndex();
                stack.pop(address);
                stack.push(address);
            }
            case Opcode.TABLE_GET -> {
                int table = indices.accessedTable();
                stack.pop(indices.tableAddress(table));
                stack.push(indices.tableElement(table));
            }
            default -> {
                int table = indices.accessedTable();
                stack.pop(indices.tableElement(table));
                stack.pop(indices.tableAddress(table));
            }
        }
    }

    /** An instruction by its number after {@link Opcode#PREFIX_FC}, but for the conversions of numbers. */
    void prefixed(int code) {
        switch (code) {
            case Opcode.MEMORY_INIT -> {
                int segment = in.u32();
                int address = indices.memoryIndex();
                indices.requireData(segment);
                popBulk(TypeCode.I32, TypeCode.I32, address);
            }
            case Opcode.DATA_DROP -> indices.requireData(in.u32());
            case Opcode.MEMORY_COPY -> {
                int target = indices.memoryIndex();
                int source = indices.memoryIndex();
                popBulk(Math.min(target, source), source, target);
            }
            case Opcode.MEMORY_FILL -> {
                int address = indices.memoryIndex();
                popBulk(address, TypeCode.I32, address);
            }
            case Opcode.TABLE_INIT -> tableInit();
            case Opcode.ELEM_DROP -> indices.requireElements(in.u32());
            case Opcode.TABLE_COPY -> tableCopy();
            case Opcode.TABLE_GROW -> {
                int table = indices.accessedTable();
                stack.pop(indices.tableAddress(table));
                stack.pop(indices.tableElement(table));
                stack.push(indices.tableAddress(table));
            }
            case Opcode.TABLE_SIZE -> stack.push(indices.tableAddress(indices.accessedTable()));
            case Opcode.TABLE_FILL -> {
                int table = indices.accessedTable();
                stack.pop(indices.tableAddress(table));
                stack.pop(indices.tableElement(table));
                stack.pop(indices.tableAddress(table));
            }
            default ->
                throw new MalformedException(
                        "illegal opcode 0xfc " + Integer.toUnsignedString(code) + " in " + place.functionText(),
                        place.offset());
        }
    }

    /** Takes the operands of a bulk instruction, the last one first. */
    private void popBulk(int length, int source, int target) {
        features.add(Feature.BULK_MEMORY);
        stack.pop(length);
        stack.pop(source);
        stack.pop(target);
    }

    private void tableInit() {
        int segment = in.u32();
        int table = indices.tableIndex();
        indices.requireElements(segment);
        indices.requireSame(
                module.elements().get(segment).type(),
                module.tables().get(table).element());
        popBulk(TypeCode.I32, TypeCode.I32, indices.tableAddress(table));
    }

    private void tableCopy() {
        int target = indices.tableIndex();
        int source = indices.tableIndex();
        indices.requireSame(
                module.tables().get(source).element(),
                module.tables().get(target).element());
        popBulk(
                Math.min(indices.tableAddress(target), indices.tableAddress(source)),
                indices.tableAddress(source),
                indices.tableAddress(target));
    }
}
