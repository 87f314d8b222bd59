package io.selvage.wasm;

import java.util.Arrays;

/**
 * The stacks of the validation algorithm (core spec appendix A.3): the types of the operands, and the open blocks. Both
 * are arrays of numbers that grow on demand and serve every function.
 */
final class ValidatorStack {
    private final InstructionPlace place;
    private final ModuleTypes types;
    private final ValidatorLocals locals;

    private int[] stack = new int[256];
    private int size;

    private int[] frameOpcodes = new int[64];
    private int[] frameHeights = new int[64];
    private boolean[] frameUnreachable = new boolean[64];
    private int[][] frameParameters = new int[64][];
    private int[][] frameResults = new int[64][];
    private int[] frameInitialized = new int[64];
    private int depth;

    /** Where the operands of the innermost block begin. */
    private int height;

    /** Whether the rest of the innermost block is never reached, so that its stack holds whatever is asked for. */
    private boolean unreachable;

    ValidatorStack(InstructionPlace place, ModuleTypes types, ValidatorLocals locals) {
        this.place = place;
        this.types = types;
        this.locals = locals;
    }

    /** A function with these results begins. */
    void begin(int[] results) {
        size = 0;
        depth = 0;
        enter(Opcode.BLOCK, TypeCode.NONE, results);
    }

    // The operand stack

    void push(int type) {
        if (size == stack.length) {
            growStack(1);
        }
        stack[size++] = type;
    }

    void pushAll(int[] values) {
        int count = values.length;
        if (count == 1) {
            push(values[0]);
        } else if (count > 0) {
            if (size + count > stack.length) {
                growStack(count);
            }
            System.arraycopy(values, 0, stack, size, count);
            size += count;
        }
    }

    private void growStack(int count) {
        if (size + count > ModuleLimits.OPERANDS) {
            throw new UnsupportedException(
                    "too many operands on the stack of " + place.functionText() + ": the limit is "
                            + ModuleLimits.OPERANDS,
                    place.offset());
        }
        stack = Arrays.copyOf(stack, Math.min(ModuleLimits.OPERANDS, Math.max(size + count, stack.length * 2)));
    }

    void pop(int expected) {
        if (size > height) {
            int actual = stack[size - 1];
            if (actual != expected && !types.isSubtype(actual, expected)) {
                throw place.mismatch(expected, actual);
            }
            size--;
        } else if (!unreachable) {
            throw place.missing(expected);
        }
    }

    /** Takes an operand of any type and answers its type. */
    int pop() {
        if (size > height) {
            return stack[--size];
        }
        if (!unreachable) {
            throw place.missing(TypeCode.UNKNOWN);
        }
        return TypeCode.UNKNOWN;
    }

    /** Takes a reference and answers its type. */
    int popReference() {
        int type = pop();
        if (type == TypeCode.UNKNOWN) {
            return TypeCode.reference(TypeCode.BOTTOM, false);
        }
        if (!TypeCode.isReference(type)) {
            throw place.invalid("type mismatch: a reference expected, found " + types.text(type));
        }
        return type;
    }

    void popAll(int[] values) {
        if (values.length == 1) {
            pop(values[0]);
        } else if (values.length > 0) {
            size -= check(values);
        }
    }

    /** Sees that {@code values} are on the stack, and answers how many of them really are: less in unreachable code. */
    int check(int[] values) {
        int count = values.length;
        int present = Math.min(count, size - height);
        int from = size - present;
        int k = count - present;
        if (k > 0 && !unreachable) {
            throw place.missing(values[k - 1]);
        }
        while (true) {
            int difference = Arrays.mismatch(stack, from, size, values, k, count);
            if (difference < 0) {
                return present;
            }
            from += difference;
            k += difference;
            if (!types.isSubtype(stack[from], values[k])) {
                throw place.mismatch(values[k], stack[from]);
            }
            from++;
            k++;
        }
    }

    // The control stack

    /** A block begins whose parameters have been taken off the stack. */
    void enter(int opcode, int[] parameters, int[] results) {
        if (depth == frameOpcodes.length) {
            growFrames();
        }
        frameOpcodes[depth] = opcode;
        frameHeights[depth] = size;
        frameUnreachable[depth] = false;
        frameParameters[depth] = parameters;
        frameResults[depth] = results;
        frameInitialized[depth] = locals.initialized();
        depth++;
        height = size;
        unreachable = false;
        pushAll(parameters);
    }

    private void growFrames() {
        if (depth == ModuleLimits.NESTING) {
            throw new UnsupportedException(
                    "blocks nested too deeply in " + place.functionText() + ": the limit is " + ModuleLimits.NESTING,
                    place.offset());
        }
        int length = Math.min(ModuleLimits.NESTING, depth * 2);
        frameOpcodes = Arrays.copyOf(frameOpcodes, length);
        frameHeights = Arrays.copyOf(frameHeights, length);
        frameUnreachable = Arrays.copyOf(frameUnreachable, length);
        frameParameters = Arrays.copyOf(frameParameters, length);
        frameResults = Arrays.copyOf(frameResults, length);
        frameInitialized = Arrays.copyOf(frameInitialized, length);
    }

    /** Takes what the innermost block leaves and goes back to the one around it; answers what the block results in. */
    int[] leave() {
        int[] left = frameResults[depth - 1];
        popAll(left);
        if (size != height) {
            throw place.invalid("type mismatch: " + (size - height) + " more on the stack than the block results in");
        }
        depth--;
        locals.forget(frameInitialized[depth]);
        if (depth > 0) {
            height = frameHeights[depth - 1];
            unreachable = frameUnreachable[depth - 1];
        }
        return left;
    }

    /** What comes now in the innermost block is never reached. */
    void unreachable() {
        size = height;
        unreachable = true;
        frameUnreachable[depth - 1] = true;
    }

    /** How many blocks are open, the function itself included. */
    int depth() {
        return depth;
    }

    /** What has opened a block: its opcode. Labels and blocks are counted from the innermost, which is 0. */
    int opcode(int index) {
        return frameOpcodes[frame(index)];
    }

    /** The parameters of the innermost block. */
    int[] parameters() {
        return frameParameters[depth - 1];
    }

    /** The results of the innermost block. */
    int[] results() {
        return frameResults[depth - 1];
    }

    /** What a branch to a label carries. */
    int[] label(int index) {
        int frame = frame(index);
        return frameOpcodes[frame] == Opcode.LOOP ? frameParameters[frame] : frameResults[frame];
    }

    private int frame(int index) {
        if (Integer.compareUnsigned(index, depth) >= 0) {
            throw place.unknown("label", index, depth + " are around it");
        }
        return depth - 1 - index;
    }
}
