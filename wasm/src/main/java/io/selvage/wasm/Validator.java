package io.selvage.wasm;

import io.selvage.wasm.ModuleData.Body;
import java.util.BitSet;
import java.util.Set;

/**
 * Validates the bodies of functions in one pass over their bytes (core spec §3.3, by the algorithm of appendix A.3).
 *
 * <p>It makes no object per instruction: the types on the operand stack are numbers ({@link ModuleTypes}), the control
 * stack is a handful of parallel arrays ({@link ValidatorStack}). It takes time in proportion to the bytes of a body,
 * however many values one instruction moves: long runs of types are copied and compared as arrays.
 *
 * <p>One thread uses a validator; several validators can work on the bodies of one module.
 */
final class Validator {
    private final ModuleData module;
    private final ModuleTypes types;
    private final BitSet referencedFunctions;
    private final Set<Feature> features;
    private final BinaryReader in;
    private final InstructionPlace place;
    private final ModuleIndices indices;
    private final ValidatorLocals locals;
    private final ValidatorStack stack;
    private final ControlValidator control;
    private final AccessValidator accesses;
    private final BulkValidator bulk;
    private final ReferenceValidator references;

    /**
     * Validates bodies of a module whose sections are valid.
     *
     * @param dataCounted whether it has a data count section, without which no body may name a data segment
     * @param referencedFunctions the functions to which a body may take a reference
     * @param features receives what the bodies use
     */
    Validator(ModuleData module, boolean dataCounted, BitSet referencedFunctions, Set<Feature> features) {
        this.module = module;
        this.referencedFunctions = referencedFunctions;
        this.features = features;
        types = module.types();
        in = new BinaryReader(module.binary());
        place = new InstructionPlace(module);
        indices = new ModuleIndices(module, dataCounted, place, features, in);
        locals = new ValidatorLocals(place, types, in);
        stack = new ValidatorStack(place, types, locals);
        control = new ControlValidator(module, place, stack, indices, features, in);
        accesses = new AccessValidator(place, stack, indices, features, in);
        bulk = new BulkValidator(module, place, stack, indices, features, in);
        references = new ReferenceValidator(module, place, stack, indices, control, features, in);
    }

    /** Validates every body. */
    void validateAll() {
        int count = module.bodies().size();
        for (int i = 0; i < count; i++) {
            validate(i);
        }
    }

    /**
     * Validates one body.
     *
     * @param index its place in {@link ModuleData#bodies}
     */
    void validate(int index) {
        Body body = module.bodies().get(index);
        int function = module.importedFunctions() + index;
        int type = indices.typeOf(function);
        place.function(function);
        in.position(body.start());
        locals.begin(indices.parameters(type), body);
        control.begin(indices.results(type));
        try {
            instructions();
        } catch (InvalidException e) {
            BodyFormat.check(module.binary(), body);
            throw e;
        }
        if (in.position() != body.end()) {
            throw new MalformedException(
                    "section size mismatch: the code of " + place.functionText() + " ends at byte " + in.position()
                            + ", its length says " + body.end(),
                    in.position());
        }
    }

    /** Every instruction up to the end of the outermost block; what is most frequent comes first. */
    private void instructions() {
        while (stack.depth() > 0) {
            int offset = in.position();
            int code = in.u8();
            place.instruction(offset, code);
            switch (code) {
                case Opcode.LOCAL_GET -> stack.push(locals.get());
                case Opcode.LOCAL_SET -> stack.pop(locals.set());
                case Opcode.LOCAL_TEE -> {
                    int type = locals.set();
                    stack.pop(type);
                    stack.push(type);
                }
                case Opcode.I32_CONST -> {
                    in.s32();
                    stack.push(TypeCode.I32);
                }
                case Opcode.NOP -> {}
                case Opcode.END -> control.end();
                case Opcode.BLOCK, Opcode.LOOP -> control.block(code);
                case Opcode.BR_IF -> control.branchIf();
                case Opcode.CALL -> control.call(indices.typeOf(indices.functionIndex()));
                default -> {
                    if (code >= Opcode.I32_LOAD && code <= Opcode.I64_STORE32) {
                        accesses.access(code);
                    } else if (NumericOpcode.signature(code) != 0) {
                        numeric(code);
                    } else {
                        other(code);
                    }
                }
            }
        }
    }

    private void numeric(int code) {
        if (code >= Opcode.I32_EXTEND8_S) {
            features.add(Feature.SIGN_EXTENSION);
        }
        numericSignature(NumericOpcode.signature(code));
    }

    private void numericSignature(int signature) {
        stack.pop(NumericOpcode.first(signature));
        int second = NumericOpcode.second(signature);
        if (second != 0) {
            stack.pop(second);
        }
        stack.push(NumericOpcode.result(signature));
    }

    private void other(int code) {
        switch (code) {
            case Opcode.UNREACHABLE -> stack.unreachable();
            case Opcode.IF -> control.beginIf();
            case Opcode.ELSE -> control.otherwise();
            case Opcode.BR -> control.branch();
            case Opcode.BR_TABLE -> control.branchTable();
            case Opcode.RETURN -> control.ret();
            case Opcode.CALL_INDIRECT -> control.call(control.indirectType());
            case Opcode.RETURN_CALL -> control.tailCall(indices.typeOf(indices.functionIndex()));
            case Opcode.RETURN_CALL_INDIRECT -> control.tailCall(control.indirectType());
            case Opcode.DROP -> stack.pop();
            case Opcode.SELECT -> select();
            case Opcode.SELECT_TYPED -> selectTyped();
            case Opcode.GLOBAL_GET -> stack.push(indices.globalType(indices.globalIndex()));
            case Opcode.GLOBAL_SET -> globalSet();
            case Opcode.I64_CONST -> {
                in.s64();
                stack.push(TypeCode.I64);
            }
            case Opcode.F32_CONST -> {
                in.skip(4);
                stack.push(TypeCode.F32);
            }
            case Opcode.F64_CONST -> {
                in.skip(8);
                stack.push(TypeCode.F64);
            }
            default -> reference(code);
        }
    }

    private void reference(int code) {
        switch (code) {
            case Opcode.MEMORY_SIZE, Opcode.MEMORY_GROW, Opcode.TABLE_GET, Opcode.TABLE_SET -> bulk.instruction(code);
            case Opcode.REF_NULL -> {
                features.add(Feature.REFERENCE_TYPES);
                stack.push(TypeCode.reference(TypeReader.heap(in, types), true));
            }
            case Opcode.REF_IS_NULL -> {
                stack.popReference();
                stack.push(TypeCode.I32);
            }
            case Opcode.REF_FUNC -> referenceFunction();
            case Opcode.PREFIX_FB -> references.prefixed(place.second(in.u32()));
            case Opcode.PREFIX_FC -> miscellaneous(place.second(in.u32()));
            case Opcode.PREFIX_FD -> accesses.vector(place.second(in.u32()));
            case Opcode.PREFIX_FE -> accesses.atomic(place.second(in.u32()));
            case Opcode.TRY_TABLE,
                    Opcode.THROW,
                    Opcode.THROW_REF,
                    Opcode.TRY,
                    Opcode.CATCH,
                    Opcode.CATCH_ALL,
                    Opcode.DELEGATE,
                    Opcode.RETHROW -> control.exception(code);
            case Opcode.CALL_REF,
                    Opcode.RETURN_CALL_REF,
                    Opcode.REF_EQ,
                    Opcode.REF_AS_NON_NULL,
                    Opcode.BR_ON_NULL,
                    Opcode.BR_ON_NON_NULL -> references.instruction(code);
            default -> throw Proposals.opcode(code, place.offset());
        }
    }

    private void miscellaneous(int code) {
        if (code >= 0 && code <= 7) {
            features.add(Feature.SATURATING_CONVERSIONS);
            numericSignature(NumericOpcode.saturating(code));
        } else {
            bulk.prefixed(code);
        }
    }

    private void select() {
        stack.pop(TypeCode.I32);
        int first = stack.pop();
        int second = stack.pop();
        if (TypeCode.isReference(first) || TypeCode.isReference(second)) {
            throw place.invalidFunction("type mismatch: a select without type takes numbers, found a reference");
        }
        if (first != second && first != TypeCode.UNKNOWN && second != TypeCode.UNKNOWN) {
            throw place.mismatch(second, first);
        }
        stack.push(first == TypeCode.UNKNOWN ? second : first);
    }

    private void selectTyped() {
        int count = in.length();
        int type = TypeCode.UNKNOWN;
        for (int i = 0; i < count; i++) {
            type = TypeReader.valueCode(in, types);
        }
        if (count != 1) {
            throw place.invalidFunction("invalid result arity: a select with " + count + " types");
        }
        features.add(Feature.REFERENCE_TYPES);
        stack.pop(TypeCode.I32);
        stack.pop(type);
        stack.pop(type);
        stack.push(type);
    }

    private void globalSet() {
        int index = indices.globalIndex();
        if (!module.globals().get(index).mutable()) {
            throw new InvalidException(
                    "global is immutable: global.set of " + index + " in " + place.functionText(), place.offset());
        }
        stack.pop(indices.globalType(index));
    }

    private void referenceFunction() {
        int index = indices.functionIndex();
        if (!referencedFunctions.get(index)) {
            throw new InvalidException(
                    "undeclared function reference: ref.func " + index + " in " + place.functionText()
                            + ", but no segment, export or global names that function",
                    place.offset());
        }
        features.add(Feature.REFERENCE_TYPES);
        stack.push(types.reference(indices.typeOf(index), false));
    }
}
