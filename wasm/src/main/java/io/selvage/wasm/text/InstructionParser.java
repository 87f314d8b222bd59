package io.selvage.wasm.text;

import io.selvage.wasm.TextException;
import io.selvage.wasm.internal.BinaryWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads sequences of instructions, plain and folded (core spec §6.5), and writes them in the binary format. However
 * deep they nest, it does not recurse: what is open stands on a stack of its own.
 */
final class InstructionParser {
    private static final int ELSE = 0x05, CATCH = 0x07, END = 0x0b, DELEGATE = 0x18, CATCH_ALL = 0x19;

    /** What an open construct is and what it waits for. */
    private enum Kind {
        /** Plain {@code block}, {@code loop}, {@code try_table}, up to {@code end}. */
        BLOCK,
        /** Plain {@code if} before its {@code else}. */
        IF,
        ELSE,
        /** Plain {@code try} before its first {@code catch}. */
        TRY,
        CATCH,
        CATCH_ALL,
        /** A folded instruction, up to its parenthesis. */
        FOLDED,
        FOLDED_BLOCK,
        /** A folded {@code if} whose {@code then} is to come. */
        CONDITION,
        /** A folded {@code if} whose {@code else} may come. */
        AFTER_THEN,
        /** A folded {@code try} whose {@code do} is to come. */
        BEFORE_DO,
        /** A folded {@code try} whose handlers may come. */
        AFTER_DO,
        AFTER_CATCH,
        AFTER_CATCH_ALL,
        /** A folded {@code try … delegate}, which has no {@code end}. */
        DELEGATED,
        /** The last part of a folded {@code if} has been read. */
        AFTER_ELSE,
        /** A sequence in parentheses within a folded {@code if} or {@code try}. */
        PART;

        /** Whether instructions may follow that are not in parentheses. */
        boolean isSequence() {
            return switch (this) {
                case BLOCK, IF, ELSE, TRY, CATCH, CATCH_ALL, FOLDED_BLOCK, PART -> true;
                default -> false;
            };
        }

        boolean hasEnd() {
            return compareTo(CATCH_ALL) <= 0;
        }
    }

    /** An open construct. */
    private static final class Frame {
        private Kind kind;
        private final @Nullable String label;
        /** What is written once the operands are. */
        private final byte[] deferred;

        /** The hint for it, if it is a branch. */
        private final int hint;

        Frame(Kind kind, @Nullable String label, byte[] deferred, int hint) {
            this.kind = kind;
            this.hint = hint;
            this.label = label;
            this.deferred = deferred;
        }
    }

    private static final byte[] NOTHING = {};

    private final Cursor in;
    private final Spaces spaces;
    private final TypeParser types;
    private final ImmediateParser immediates;
    private final List<@Nullable String> labels = new ArrayList<>();
    private final Deque<Frame> frames = new ArrayDeque<>();
    private final BranchHints hints = new BranchHints();
    private BinaryWriter out = new BinaryWriter();

    /** The hint before the next instruction. */
    private int hint = BranchHints.NONE;

    InstructionParser(Cursor in, Spaces spaces, TypeParser types) {
        this.in = in;
        this.spaces = spaces;
        this.types = types;
        immediates = new ImmediateParser(in, spaces, types, labels);
    }

    /** Whether an instruction refers to a data segment, so that the module needs to say their number early. */
    boolean usesData() {
        return immediates.usesData();
    }

    /**
     * Reads the body of a function, up to the parenthesis that closes it.
     *
     * @param locals the names of its parameters and locals
     */
    void body(IndexSpace locals, BinaryWriter target) {
        immediates.locals(locals);
        labels.add(null);
        sequence(target);
        labels.removeLast();
        immediates.locals(new IndexSpace("local"));
    }

    /** Reads a constant expression up to a closing parenthesis, and ends it. */
    void expression(BinaryWriter target) {
        sequence(target);
    }

    /** Reads a constant expression that is one folded instruction, and ends it. */
    void foldedExpression(BinaryWriter target) {
        out = target;
        if (!in.is(TokenKind.OPEN)) {
            throw in.unexpected("a folded instruction");
        }
        do {
            step();
        } while (!frames.isEmpty());
        out.u8(END);
    }

    private void sequence(BinaryWriter target) {
        out = target;
        while (!frames.isEmpty() || !in.is(TokenKind.CLOSE)) {
            step();
        }
        out.u8(END);
    }

    /** The hints for the branches in the body that is read. */
    BranchHints hints() {
        return hints;
    }

    private void step() {
        hint = BranchHints.take(in);
        switch (in.kind()) {
            case OPEN -> open();
            case CLOSE -> close();
            case KEYWORD -> plain();
            default -> throw in.unexpected(expected());
        }
    }

    private String expected() {
        Frame top = frames.peekLast();
        if (top == null) {
            return "an instruction";
        }
        return switch (top.kind) {
            case BLOCK, IF, ELSE, TRY, CATCH, CATCH_ALL -> "an instruction or end";
            case FOLDED_BLOCK, PART -> "an instruction or )";
            case FOLDED -> "a folded instruction or )";
            case CONDITION -> "a folded instruction or (then …)";
            case AFTER_THEN -> "(else …) or )";
            case BEFORE_DO -> "(do …)";
            case AFTER_DO -> "(catch …), (catch_all …), (delegate …) or )";
            case AFTER_CATCH -> "(catch …), (catch_all …) or )";
            case AFTER_CATCH_ALL, DELEGATED, AFTER_ELSE -> ")";
        };
    }

    // ---- plain instructions

    private void plain() {
        Frame top = frames.peekLast();
        if (top != null && !top.kind.isSequence()) {
            throw in.unexpected(expected());
        }
        Instruction instruction = Instruction.named(in.text());
        if (instruction == null) {
            throw in.unexpected(expected());
        }
        BranchHints.check(in, hint, instruction);
        hints.add(out.size(), hint);
        if (instruction.immediates() == Immediates.STRUCTURED) {
            structured(instruction, top);
        } else {
            in.advance();
            immediates.write(instruction, out);
        }
    }

    private void structured(Instruction instruction, @Nullable Frame top) {
        switch (instruction.name()) {
            case "block", "loop", "try_table" -> begin(instruction, Kind.BLOCK);
            case "if" -> begin(instruction, Kind.IF);
            case "try" -> begin(instruction, Kind.TRY);
            case "else" -> next(top, Kind.ELSE, Kind.IF, Kind.IF);
            case "catch" -> next(top, Kind.CATCH, Kind.TRY, Kind.CATCH);
            case "catch_all" -> next(top, Kind.CATCH_ALL, Kind.TRY, Kind.CATCH);
            case "delegate" -> delegate(top);
            default -> end(top);
        }
    }

    private void begin(Instruction instruction, Kind kind) {
        in.advance();
        String label = in.id().orElse(null);
        out.u8(instruction.opcode());
        header(instruction, out);
        labels.add(label);
        frames.add(new Frame(kind, label, NOTHING, BranchHints.NONE));
    }

    /** What follows the label of a block: its type, and its handlers if it has some. */
    private void header(Instruction instruction, BinaryWriter target) {
        types.blockType(target);
        if (instruction.name().equals("try_table")) {
            handlers(target);
        }
    }

    private void handlers(BinaryWriter target) {
        BinaryWriter handlers = new BinaryWriter();
        int count = 0;
        for (int kind = handlerKind(); kind >= 0; kind = handlerKind()) {
            in.advance();
            in.advance();
            handlers.u8(kind);
            if (kind < 2) {
                handlers.u32(in.index(spaces.tags()));
            }
            handlers.u32(immediates.label());
            in.close();
            count++;
        }
        target.u32(count).bytes(handlers.toByteArray());
    }

    private int handlerKind() {
        return List.of("catch", "catch_ref", "catch_all", "catch_all_ref").indexOf(in.formWord());
    }

    /** Goes from one part of a construct to its next, which must follow one of two. */
    private void next(@Nullable Frame top, Kind next, Kind after, Kind orAfter) {
        if (top == null || top.kind != after && top.kind != orAfter) {
            throw in.unexpected(expected());
        }
        in.advance();
        if (next == Kind.CATCH) {
            out.u8(CATCH).u32(in.index(spaces.tags()));
        } else {
            checkLabel(top);
            out.u8(next == Kind.ELSE ? ELSE : CATCH_ALL);
        }
        top.kind = next;
    }

    private void delegate(@Nullable Frame top) {
        if (top == null || top.kind != Kind.TRY) {
            throw in.unexpected(expected());
        }
        in.advance();
        labels.removeLast();
        out.u8(DELEGATE).u32(immediates.label());
        frames.removeLast();
    }

    private void end(@Nullable Frame top) {
        if (top == null || !top.kind.hasEnd()) {
            throw in.unexpected(expected());
        }
        in.advance();
        checkLabel(top);
        out.u8(END);
        labels.removeLast();
        frames.removeLast();
    }

    private void checkLabel(Frame frame) {
        int token = in.position();
        in.id().ifPresent(id -> {
            if (!Objects.equals(id, frame.label)) {
                throw mismatch(token, frame, id);
            }
        });
    }

    private TextException mismatch(int token, Frame frame, String id) {
        String own = frame.label == null ? "has no label" : "is labelled $" + frame.label;
        return in.error(token, "mismatching label $" + id + ": the block " + own);
    }

    // ---- folded instructions

    private void open() {
        Frame top = frames.peekLast();
        Kind kind = top == null ? Kind.PART : top.kind;
        switch (kind) {
            case CONDITION -> {
                if (in.isForm("then")) {
                    then(Objects.requireNonNull(top));
                } else {
                    folded();
                }
            }
            case AFTER_THEN -> part("else", Objects.requireNonNull(top), Kind.AFTER_ELSE);
            case BEFORE_DO -> part("do", Objects.requireNonNull(top), Kind.AFTER_DO);
            case AFTER_DO, AFTER_CATCH -> handler(Objects.requireNonNull(top));
            case AFTER_CATCH_ALL, DELEGATED, AFTER_ELSE -> throw in.unexpected(expected());
            default -> folded();
        }
    }

    private void folded() {
        in.advance();
        Instruction instruction = in.is(TokenKind.KEYWORD) ? Instruction.named(in.text()) : null;
        if (instruction == null) {
            throw in.unexpected("an instruction");
        }
        BranchHints.check(in, hint, instruction);
        if (instruction.immediates() != Immediates.STRUCTURED) {
            in.advance();
            BinaryWriter deferred = new BinaryWriter();
            immediates.write(instruction, deferred);
            frames.add(new Frame(Kind.FOLDED, null, deferred.toByteArray(), hint));
            return;
        }
        switch (instruction.name()) {
            case "block", "loop", "try_table" -> begin(instruction, Kind.FOLDED_BLOCK);
            case "try" -> begin(instruction, Kind.BEFORE_DO);
            case "if" -> condition(instruction);
            default -> throw in.unexpected("an instruction");
        }
    }

    private void condition(Instruction instruction) {
        in.advance();
        String label = in.id().orElse(null);
        BinaryWriter deferred = new BinaryWriter().u8(instruction.opcode());
        header(instruction, deferred);
        frames.add(new Frame(Kind.CONDITION, label, deferred.toByteArray(), hint));
    }

    private void then(Frame top) {
        hints.add(out.size(), top.hint);
        out.bytes(top.deferred);
        labels.add(top.label);
        part("then", top, Kind.AFTER_THEN);
    }

    /** Opens a part of a folded construct, which has another state after it. */
    private void part(String word, Frame top, Kind after) {
        in.open(word);
        if (after == Kind.AFTER_ELSE) {
            out.u8(ELSE);
        }
        top.kind = after;
        frames.add(new Frame(Kind.PART, null, NOTHING, BranchHints.NONE));
    }

    private void handler(Frame top) {
        switch (in.formWord()) {
            case "catch" -> {
                in.open("catch");
                out.u8(CATCH).u32(in.index(spaces.tags()));
                top.kind = Kind.AFTER_CATCH;
                frames.add(new Frame(Kind.PART, null, NOTHING, BranchHints.NONE));
            }
            case "catch_all" -> {
                in.open("catch_all");
                out.u8(CATCH_ALL);
                top.kind = Kind.AFTER_CATCH_ALL;
                frames.add(new Frame(Kind.PART, null, NOTHING, BranchHints.NONE));
            }
            case "delegate" -> {
                if (top.kind != Kind.AFTER_DO) {
                    throw in.unexpected(expected());
                }
                in.open("delegate");
                labels.removeLast();
                out.u8(DELEGATE).u32(immediates.label());
                in.close();
                top.kind = Kind.DELEGATED;
            }
            default -> throw in.unexpected(expected());
        }
    }

    private void close() {
        Frame top = frames.getLast();
        switch (top.kind) {
            case FOLDED -> {
                hints.add(out.size(), top.hint);
                out.bytes(top.deferred);
            }
            case FOLDED_BLOCK, AFTER_THEN, AFTER_ELSE, AFTER_DO, AFTER_CATCH, AFTER_CATCH_ALL -> {
                out.u8(END);
                labels.removeLast();
            }
            case PART, DELEGATED -> {}
            default -> throw in.unexpected(expected());
        }
        in.advance();
        frames.removeLast();
    }
}
