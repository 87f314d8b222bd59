package io.selvage.wasm;

import io.selvage.wasm.ClassAssembler.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes the code of one JVM method with its stack map frames (JVM specification §4.7.3, §4.7.4, §6.5).
 *
 * <p>Types of locals and stack entries are one character each: {@code I J F D}, {@code L} for an {@link Object},
 * {@code M} for a {@code byte[]}, {@code Q} for a vector, and the characters that {@link #reference} has defined. The writer of the code says
 * which types are where at each label; nothing is inferred.
 */
final class CodeAssembler {
    static final int ICONST_0 = 3, LCONST_0 = 9, FCONST_0 = 11, DCONST_0 = 14, BIPUSH = 16, SIPUSH = 17;
    static final int ACONST_NULL = 1, LDC = 18, LDC_W = 19, LDC2_W = 20;
    static final int ILOAD = 21, LLOAD = 22, FLOAD = 23, DLOAD = 24, ALOAD = 25;
    static final int ISTORE = 54, LSTORE = 55, FSTORE = 56, DSTORE = 57, ASTORE = 58;
    static final int LALOAD = 47, AALOAD = 50, LASTORE = 80, AASTORE = 83;
    static final int NOP = 0;
    static final int POP = 87, POP2 = 88, DUP = 89, DUP_X2 = 91, DUP2 = 92, SWAP = 95;
    static final int IADD = 96, ISUB = 100, IMUL = 104, IDIV = 108, IREM = 112, INEG = 116, ISHL = 120, ISHR = 122;
    static final int IUSHR = 124, IAND = 126, IOR = 128, IXOR = 130, IINC = 132;
    static final int I2L = 133, I2F = 134, I2D = 135, L2I = 136, L2F = 137, L2D = 138, F2D = 141, D2F = 144;
    static final int I2B = 145, I2S = 147, LCMP = 148, FCMPL = 149, FCMPG = 150, DCMPL = 151, DCMPG = 152;
    static final int IFEQ = 153, IFNE = 154, IFLT = 155, IFGE = 156, IFGT = 157, IFLE = 158;
    static final int IF_ICMPEQ = 159,
            IF_ICMPNE = 160,
            IF_ICMPLT = 161,
            IF_ICMPGE = 162,
            IF_ICMPGT = 163,
            IF_ICMPLE = 164;
    static final int GOTO = 167, TABLESWITCH = 170, LOOKUPSWITCH = 171;
    static final int IRETURN = 172, LRETURN = 173, FRETURN = 174, DRETURN = 175, ARETURN = 176, RETURN = 177;
    static final int GETSTATIC = 178, GETFIELD = 180, PUTFIELD = 181;
    static final int INVOKEVIRTUAL = 182, INVOKESPECIAL = 183, INVOKESTATIC = 184;
    static final int NEW = 187, NEWARRAY = 188, ANEWARRAY = 189, ATHROW = 191, CHECKCAST = 192, INSTANCEOF = 193;
    static final int WIDE = 196, IFNULL = 198, IFNONNULL = 199;

    /** The longest code whose every jump fits in 16 signed bits. */
    static final int MAXIMUM_LENGTH = 32_000;

    /** A place in the code. */
    static final class Label {
        private int position = -1;
        private boolean targeted;

        /** Whether a jump goes there. */
        boolean isTargeted() {
            return targeted;
        }

        /** Whether it has its place. */
        boolean isBound() {
            return position >= 0;
        }
    }

    /** So many places that are not known yet. */
    static List<Label> labels(int count) {
        return Stream.generate(Label::new).limit(count).toList();
    }

    private record Jump(int instruction, int operand, boolean wide, Label target) {}

    private record Region(int start, int end, Label handler, int caught) {}

    private final ClassAssembler owner;
    private final Buffer code = new Buffer(512);
    private final List<Jump> jumps = new ArrayList<>();
    private final List<Region> regions = new ArrayList<>();
    private final Buffer frames = new Buffer(128);
    private final Buffer lines = new Buffer(64);
    private int lastLinePosition = -1;
    private int frameCount;
    private String frameLocals;
    private int lastFramePosition = -1;
    private int lastFrameStart;
    private String localsBeforeLastFrame = "";
    private int positionBeforeLastFrame = -1;
    private int maxStack;
    private int maxLocals;
    private final int[] referenceClasses = new int[128];

    /**
     * Begins a method.
     *
     * @param locals the types of its parameters
     */
    CodeAssembler(ClassAssembler owner, String locals) {
        this.owner = owner;
        frameLocals = locals;
        reference('L', "java/lang/Object");
        reference('M', "[B");
        maxLocals = slots(locals);
    }

    /** Defines a character for values of a class. */
    CodeAssembler reference(char type, String internalName) {
        referenceClasses[type] = owner.classConstant(internalName);
        return this;
    }

    ClassAssembler owner() {
        return owner;
    }

    /** How many slots values of these types take. */
    static int slots(String types) {
        int slots = 0;
        for (int i = 0; i < types.length(); i++) {
            slots += width(types.charAt(i));
        }
        return slots;
    }

    static int width(char type) {
        return type == 'J' || type == 'D' ? 2 : 1;
    }

    int length() {
        return code.length();
    }

    int maxStack() {
        return maxStack;
    }

    int maxLocals() {
        return maxLocals;
    }

    /** Notes that the stack may be this deep, in slots. */
    void stack(int slots) {
        maxStack = Math.max(maxStack, slots);
    }

    /** Notes that locals up to here, in slots, are used. */
    void locals(int slots) {
        maxLocals = Math.max(maxLocals, slots);
    }

    /** An instruction without an operand. */
    CodeAssembler op(int opcode) {
        code.u1(opcode);
        return this;
    }

    /** An instruction with one operand of two bytes: a constant pool index. */
    private CodeAssembler op2(int opcode, int operand) {
        code.u1(opcode).u2(operand);
        return this;
    }

    CodeAssembler constant(int value) {
        if (value >= -1 && value <= 5) {
            code.u1(ICONST_0 + value);
        } else if (value == (byte) value) {
            code.u1(BIPUSH).u1(value);
        } else if (value == (short) value) {
            code.u1(SIPUSH).u2(value);
        } else {
            load(owner.intConstant(value));
        }
        return this;
    }

    CodeAssembler constant(long value) {
        if (value == 0 || value == 1) {
            code.u1(LCONST_0 + (int) value);
        } else if (value == (short) value) {
            constant((int) value).op(I2L);
        } else {
            op2(LDC2_W, owner.longConstant(value));
        }
        return this;
    }

    CodeAssembler floatConstant(int bits) {
        if (bits == 0) {
            code.u1(FCONST_0);
        } else {
            load(owner.floatConstant(bits));
        }
        return this;
    }

    CodeAssembler doubleConstant(long bits) {
        if (bits == 0) {
            code.u1(DCONST_0);
        } else {
            op2(LDC2_W, owner.doubleConstant(bits));
        }
        return this;
    }

    CodeAssembler string(String text) {
        load(owner.stringConstant(text));
        return this;
    }

    private void load(int constant) {
        if (constant < 256) {
            code.u1(LDC).u1(constant);
        } else {
            op2(LDC_W, constant);
        }
    }

    /** Loads the local in {@code slot}, of a type as in the class comment. */
    CodeAssembler load(char type, int slot) {
        return local(ILOAD + kind(type), 26 + 4 * kind(type), slot);
    }

    /** Stores into the local in {@code slot}. */
    CodeAssembler store(char type, int slot) {
        locals(slot + width(type));
        return local(ISTORE + kind(type), 59 + 4 * kind(type), slot);
    }

    private CodeAssembler local(int opcode, int shortOpcode, int slot) {
        if (slot < 4) {
            code.u1(shortOpcode + slot);
        } else if (slot < 256) {
            code.u1(opcode).u1(slot);
        } else {
            code.u1(WIDE).u1(opcode).u2(slot);
        }
        return this;
    }

    private static int kind(char type) {
        return switch (type) {
            case 'I' -> 0;
            case 'J' -> 1;
            case 'F' -> 2;
            case 'D' -> 3;
            default -> 4;
        };
    }

    CodeAssembler increment(int slot, int delta) {
        if (slot < 256) {
            code.u1(IINC).u1(slot).u1(delta);
        } else {
            code.u1(WIDE).u1(IINC).u2(slot).u2(delta);
        }
        return this;
    }

    CodeAssembler zero(char type) {
        return switch (type) {
            case 'I' -> constant(0);
            case 'J' -> constant(0L);
            case 'F' -> op(FCONST_0);
            case 'D' -> op(DCONST_0);
            default -> op(ACONST_NULL);
        };
    }

    /** Puts the object on top of the stack below the value of {@code type} under it. */
    CodeAssembler swap(char type) {
        return width(type) == 1 ? op(SWAP) : op(DUP_X2).op(POP);
    }

    CodeAssembler pop(char type) {
        return op(width(type) == 2 ? POP2 : POP);
    }

    /** Returns a value of {@code type}, or nothing for {@code V}. */
    CodeAssembler ret(char type) {
        return op(type == 'V' ? RETURN : IRETURN + kind(type));
    }

    CodeAssembler invokeStatic(String owningClass, String method, String descriptor) {
        return op2(INVOKESTATIC, owner.methodConstant(owningClass, method, descriptor));
    }

    CodeAssembler invokeVirtual(String owningClass, String method, String descriptor) {
        return op2(INVOKEVIRTUAL, owner.methodConstant(owningClass, method, descriptor));
    }

    CodeAssembler invokeSpecial(String owningClass, String method, String descriptor) {
        return op2(INVOKESPECIAL, owner.methodConstant(owningClass, method, descriptor));
    }

    CodeAssembler getField(String owningClass, String field, String descriptor) {
        return op2(GETFIELD, owner.fieldConstant(owningClass, field, descriptor));
    }

    CodeAssembler putField(String owningClass, String field, String descriptor) {
        return op2(PUTFIELD, owner.fieldConstant(owningClass, field, descriptor));
    }

    CodeAssembler getStatic(String owningClass, String field, String descriptor) {
        return op2(GETSTATIC, owner.fieldConstant(owningClass, field, descriptor));
    }

    CodeAssembler newObject(String internalName) {
        return op2(NEW, owner.classConstant(internalName));
    }

    CodeAssembler newObjectArray() {
        return op2(ANEWARRAY, owner.classConstant("java/lang/Object"));
    }

    CodeAssembler newLongArray() {
        code.u1(NEWARRAY).u1(11);
        return this;
    }

    CodeAssembler checkCast(String internalName) {
        return op2(CHECKCAST, owner.classConstant(internalName));
    }

    CodeAssembler instanceOf(String internalName) {
        return op2(INSTANCEOF, owner.classConstant(internalName));
    }

    /** A jump, conditional or not. */
    CodeAssembler jump(int opcode, Label target) {
        target.targeted = true;
        jumps.add(new Jump(code.length(), code.length() + 1, false, target));
        return op2(opcode, 0);
    }

    /** A {@code tableswitch} from {@code low} upwards. */
    void tableSwitch(int low, List<Label> targets, Label otherwise) {
        if (targets.isEmpty()) {
            op(POP).jump(GOTO, otherwise);
            return;
        }
        int instruction = code.length();
        code.u1(TABLESWITCH);
        pad();
        switchOperand(instruction, otherwise);
        code.u4(low).u4(low + targets.size() - 1);
        for (Label target : targets) {
            switchOperand(instruction, target);
        }
    }

    /** A {@code lookupswitch}; {@code keys} rise. */
    void lookupSwitch(int[] keys, List<Label> targets, Label otherwise) {
        int instruction = code.length();
        code.u1(LOOKUPSWITCH);
        pad();
        switchOperand(instruction, otherwise);
        code.u4(keys.length);
        for (int i = 0; i < keys.length; i++) {
            code.u4(keys[i]);
            switchOperand(instruction, targets.get(i));
        }
    }

    private void pad() {
        while (code.length() % 4 != 0) {
            code.u1(0);
        }
    }

    private void switchOperand(int instruction, Label target) {
        target.targeted = true;
        jumps.add(new Jump(instruction, code.length(), true, target));
        code.u4(0);
    }

    /**
     * Puts {@code label} here, with these types in the locals and on the stack. If nothing jumps to it, it needs no
     * frame; so every jump that is not backwards must have been written before.
     */
    void bind(Label label, String locals, String stack) {
        label.position = code.length();
        if (label.targeted) {
            frame(locals, stack);
        }
    }

    /** Puts a label here that jumps from behind will go to. */
    void bindBackward(Label label, String locals, String stack) {
        label.targeted = true;
        bind(label, locals, stack);
    }

    /**
     * What is thrown between the positions {@code start} and {@code end} and is of a class goes to {@code handler}, with
     * just the exception on the stack; the region that was added first counts (JVMS §2.10). The handler is bound with
     * {@link #bindBackward}.
     */
    void region(int start, int end, Label handler, String caughtClass) {
        regions.add(new Region(start, end, handler, owner.classConstant(caughtClass)));
    }

    /** The exception table: its length and its entries. */
    Buffer regions() {
        Buffer table = new Buffer(2 + 8 * regions.size()).u2(regions.size());
        for (Region region : regions) {
            table.u2(region.start).u2(region.end).u2(region.handler.position).u2(region.caught);
        }
        return table;
    }

    private void frame(String locals, String stack) {
        int position = code.length();
        if (position == lastFramePosition) {
            truncateLastFrame();
        }
        lastFrameStart = frames.length();
        localsBeforeLastFrame = frameLocals;
        positionBeforeLastFrame = lastFramePosition;
        int delta = lastFramePosition < 0 ? position : position - lastFramePosition - 1;
        writeFrame(delta, locals, stack);
        frameLocals = locals;
        lastFramePosition = position;
        frameCount++;
        stack(slots(stack));
    }

    /** Two labels at one place: the later one, of the outer block, knows less and so holds for both. */
    private void truncateLastFrame() {
        frames.truncate(lastFrameStart);
        frameLocals = localsBeforeLastFrame;
        lastFramePosition = positionBeforeLastFrame;
        frameCount--;
    }

    private void writeFrame(int delta, String locals, String stack) {
        boolean sameLocals = locals.equals(frameLocals);
        if (sameLocals && stack.isEmpty()) {
            if (delta < 64) {
                frames.u1(delta);
            } else {
                frames.u1(251).u2(delta);
            }
        } else if (sameLocals && stack.length() == 1) {
            if (delta < 64) {
                frames.u1(64 + delta);
            } else {
                frames.u1(247).u2(delta);
            }
            type(stack.charAt(0));
        } else if (stack.isEmpty() && extendsBy(locals, frameLocals, 3)) {
            frames.u1(251 + locals.length() - frameLocals.length()).u2(delta);
            types(locals.substring(frameLocals.length()));
        } else if (stack.isEmpty() && extendsBy(frameLocals, locals, 3)) {
            frames.u1(251 - (frameLocals.length() - locals.length())).u2(delta);
        } else {
            frames.u1(255).u2(delta).u2(locals.length());
            types(locals);
            frames.u2(stack.length());
            types(stack);
        }
    }

    private static boolean extendsBy(String longer, String shorter, int most) {
        int more = longer.length() - shorter.length();
        return more > 0 && more <= most && longer.startsWith(shorter);
    }

    private void types(String types) {
        for (int i = 0; i < types.length(); i++) {
            type(types.charAt(i));
        }
    }

    private void type(char type) {
        switch (type) {
            case 'T' -> frames.u1(0);
            case 'I' -> frames.u1(1);
            case 'F' -> frames.u1(2);
            case 'D' -> frames.u1(3);
            case 'J' -> frames.u1(4);
            case 'Q' -> frames.u1(7).u2(owner.classConstant(GuestNames.VECTOR));
            default -> frames.u1(7).u2(referenceClasses[type]);
        }
    }

    /** Says that the code from here on belongs to line {@code number}, from 0 to 65,535. */
    void line(int number) {
        int position = code.length();
        if (position == lastLinePosition) {
            lines.truncate(lines.length() - 4);
        }
        lines.u2(position).u2(number);
        lastLinePosition = position;
    }

    /** The contents of the LineNumberTable attribute; empty if there are no lines. */
    byte[] lines() {
        return lines.length() == 0
                ? new byte[0]
                : new Buffer(lines.length() + 2)
                        .u2(lines.length() / 4)
                        .bytes(lines.toBytes())
                        .toBytes();
    }

    /** The contents of the StackMapTable attribute; empty if there are no frames. */
    byte[] frames() {
        return frameCount == 0
                ? new byte[0]
                : new Buffer(frames.length() + 2)
                        .u2(frameCount)
                        .bytes(frames.toBytes())
                        .toBytes();
    }

    /** Fills in the jumps and hands the code over. */
    void writeTo(Buffer target) {
        for (Jump jump : jumps) {
            int offset = jump.target.position - jump.instruction;
            if (jump.wide) {
                code.set4(jump.operand, offset);
            } else {
                code.set2(jump.operand, offset);
            }
        }
        code.writeTo(target);
    }
}
