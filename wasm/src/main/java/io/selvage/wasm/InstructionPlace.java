package io.selvage.wasm;

/** Which instruction of which function is being validated, and what is said of it if it breaks a rule. */
final class InstructionPlace {
    private final ModuleData module;
    private int function;
    private int offset;
    private int opcode;
    private int secondOpcode;

    InstructionPlace(ModuleData module) {
        this.module = module;
    }

    /** The body of a function begins. */
    void function(int index) {
        function = index;
    }

    int function() {
        return function;
    }

    /** An instruction begins. */
    void instruction(int position, int code) {
        offset = position;
        opcode = code;
    }

    /** What comes after the present opcode, which is a prefix; answers it. */
    int second(int code) {
        secondOpcode = code;
        return code;
    }

    /** Where the instruction begins. */
    int offset() {
        return offset;
    }

    /** That the instruction breaks a rule. */
    InvalidException invalid(String message) {
        return new InvalidException(message + ", at " + instructionText(), offset);
    }

    /** The same if the rule is not one of the instruction alone. */
    InvalidException invalidFunction(String message) {
        return new InvalidException(message + ", in " + functionText(), offset);
    }

    MalformedException malformed(String message) {
        return new MalformedException(message + ", in " + functionText(), offset);
    }

    UnsupportedException unsupported(String message) {
        return new UnsupportedException(message + ", in " + functionText(), offset);
    }

    /** That a type is expected and another is there. */
    InvalidException mismatch(int expected, int actual) {
        ModuleTypes types = module.types();
        return invalid("type mismatch: " + types.text(expected) + " expected, found " + types.text(actual));
    }

    /** That a type is expected and nothing is there. */
    InvalidException missing(int expected) {
        return invalid(
                "type mismatch: " + module.types().text(expected) + " expected, but the stack of the block is empty");
    }

    /** That something which an instruction names is not there. */
    InvalidException unknown(String what, int index, String known) {
        return new InvalidException(
                "unknown " + what + " " + Integer.toUnsignedString(index) + ", at " + instructionText() + " (" + known
                        + ")",
                offset);
    }

    /** The instruction and its function. */
    String instructionText() {
        boolean prefixed = opcode >= Opcode.PREFIX_FB && opcode <= Opcode.PREFIX_FE;
        String name = prefixed ? Mnemonics.of(opcode, secondOpcode) : Mnemonics.of(opcode);
        return name + " in " + functionText();
    }

    String functionText() {
        String name = module.functionNames().get(function);
        return "function " + function + (name == null ? "" : " (" + name + ")");
    }
}
