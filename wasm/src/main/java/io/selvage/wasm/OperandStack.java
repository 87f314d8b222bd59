package io.selvage.wasm;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The operand stack of a function as its compiler sees it: which values are on the JVM's stack, and which have been
 * spilled to JVM locals or, in a cut function, to the frame. The topmost values are on the JVM's stack, all below them
 * spilled.
 */
final class OperandStack {
    /** How many slots an instruction may need on the JVM's stack besides the operands. */
    private static final int MARGIN = 12;

    /** Spilled values beyond this slot are too many for one method. */
    private static final int LAST_SLOT = 60_000;

    private final FunctionCode function;
    private final Locals locals;
    private final @Nullable FunctionFrame frame;

    /** The type of each value, and where it is spilled to, or -1 if it is on the JVM's stack. */
    private char[] types = new char[64];

    private int[] spills = new int[64];
    private int height;
    /** How many of the topmost values are on the JVM's stack, and how many slots they take. */
    private int resident;

    private int residentSlots;
    /** The types and JVM slots of spilled values. */
    private final StringBuilder spillTypes = new StringBuilder();

    private int[] spillSlots = new int[16];
    /** How many spilled values the open blocks keep. */
    private int kept;

    /**
     * An empty stack.
     *
     * @param frame where values are spilled to if the function is cut
     */
    OperandStack(FunctionCode function, Locals locals, @Nullable FunctionFrame frame) {
        this.function = function;
        this.locals = locals;
        this.frame = frame;
    }

    private CodeAssembler code() {
        return function.code();
    }

    int height() {
        return height;
    }

    /** How many of the topmost values are on the JVM's stack. */
    int resident() {
        return resident;
    }

    /** The types of those values. */
    String residents() {
        return top(resident);
    }

    /** The types of the topmost {@code count} values, the last on top. */
    String top(int count) {
        return new String(types, height - count, count);
    }

    /** The type of the value that {@code below} others lie on. */
    char type(int below) {
        return types[height - 1 - below];
    }

    /** Notes that a few more values than those of the operand stack lie on the JVM's stack for a while. */
    void deepen() {
        deepen(0);
    }

    /** The same if they may take {@code slots} more slots. */
    void deepen(int slots) {
        code().stack(residentSlots + slots + MARGIN);
    }

    // What instructions take and give

    /** A value is on the JVM's stack now. */
    void push(char type) {
        if (height == types.length) {
            types = Arrays.copyOf(types, height * 2);
            spills = Arrays.copyOf(spills, height * 2);
        }
        types[height] = type;
        spills[height++] = -1;
        resident++;
        residentSlots += CodeAssembler.width(type);
        deepen();
    }

    void push(String pushed) {
        for (int i = 0; i < pushed.length(); i++) {
            push(pushed.charAt(i));
        }
    }

    /** A value that is spilled is the topmost now; all values below are, too. */
    void pushSpilled(char type, int spill) {
        push(type);
        resident--;
        residentSlots -= CodeAssembler.width(type);
        spills[height - 1] = spill;
    }

    /** The topmost value, which is on the JVM's stack, has been consumed. */
    void pop() {
        height--;
        resident--;
        residentSlots -= CodeAssembler.width(types[height]);
    }

    void pop(int count) {
        for (int i = 0; i < count; i++) {
            pop();
        }
    }

    /** Forgets all values but the lowest {@code remaining}, which are spilled. */
    void reset(int remaining) {
        height = remaining;
        resident = 0;
        residentSlots = 0;
    }

    /** Sees to it that the topmost {@code count} values are on the JVM's stack. */
    void need(int count) {
        if (resident >= count) {
            return;
        }
        int above = resident;
        int slot = store(above, scratch());
        for (int i = height - count; i < height - above; i++) {
            loadSpill(spills[i]);
            spills[i] = -1;
            residentSlots += CodeAssembler.width(types[i]);
        }
        load(above, slot);
        resident = count;
        deepen();
    }

    /**
     * Leaves just the topmost {@code count} values on the JVM's stack, and drops what is below them in the block. The
     * code that comes now must leave the block: those values still count.
     */
    void arrange(int count) {
        need(count);
        int extra = resident - count;
        if (extra == 0) {
            return;
        }
        int slot = store(count, scratch());
        for (int i = 0; i < extra; i++) {
            code().pop(types[height - 1 - count - i]);
        }
        load(count, slot);
    }

    /** Takes the topmost values off the JVM's stack into locals from {@code slot} on; answers the slot behind them. */
    private int store(int count, int slot) {
        int next = slot;
        for (int i = 0; i < count; i++) {
            char type = types[height - 1 - i];
            code().store(type, next);
            next += CodeAssembler.width(type);
        }
        return next;
    }

    /** The opposite of {@link #store}, with the slot that it has answered. */
    private void load(int count, int end) {
        int slot = end;
        for (int i = height - count; i < height; i++) {
            slot -= CodeAssembler.width(types[i]);
            code().load(types[i], slot);
        }
    }

    /** Makes 32 bits of those of the topmost values that are numbers of 64 bits: addresses, indices and lengths. */
    void narrow(int count) {
        narrow(count, Addresses::narrow);
    }

    /** The same, with what makes 32 bits of the number on top of the JVM's stack. */
    void narrow(int count, Consumer<CodeAssembler> one) {
        need(count);
        int slot = scratchAbove();
        boolean any = false;
        for (int i = height - count; i < height; i++) {
            any |= types[i] == 'J';
        }
        for (int i = height - 1; any && i >= height - count; i--) {
            if (types[i] == 'J') {
                one.accept(code());
                types[i] = 'I';
                residentSlots--;
            }
            code().store(types[i], slot++);
        }
        for (int i = height - count; any && i < height; i++) {
            code().load(types[i], --slot);
        }
    }

    /** Makes 64 bits of the topmost value, a size that an instruction has answered. */
    void widen() {
        code().op(CodeAssembler.I2L);
        pop();
        push('J');
    }

    // Spilled values

    /** The JVM locals when {@code count} spilled values are kept. */
    String locals(int count) {
        return count == 0 || frame != null ? locals.prefix() : locals.prefix() + spillTypes.substring(0, count);
    }

    /** The JVM locals when all values are kept that are spilled now. */
    String locals() {
        return locals(freeSpill());
    }

    /** Says how many spilled values the open blocks keep. */
    void keep(int count) {
        kept = count;
    }

    /** How many spilled values are kept of those that are below the topmost {@code count}. */
    int spillsBelow(int count) {
        int below = height - count;
        return below > 0 ? Math.max(kept, spills[below - 1] + 1) : kept;
    }

    /** Where the topmost {@code count} values are spilled to, the topmost last. */
    int[] spillsOf(int count) {
        return Arrays.copyOfRange(spills, height - count, height);
    }

    /** The first spill that no value on the stack and no open block uses. */
    int freeSpill() {
        return spillsBelow(resident);
    }

    /** The first JVM slot that nothing uses now. */
    int scratch() {
        int free = freeSpill();
        return frame != null || free == 0
                ? locals.end()
                : spillSlots[free - 1] + CodeAssembler.width(spillTypes.charAt(free - 1));
    }

    /** The first JVM slot that is free also when what is on the JVM's stack now has been put behind all others. */
    int scratchAbove() {
        return scratch() + residentSlots;
    }

    /** Puts every value that is on the JVM's stack into a local. */
    void spillAll() {
        if (resident == 0) {
            return;
        }
        int free = freeSpill();
        for (int i = height - resident; i < height; i++) {
            spills[i] = defineSpill(free++, types[i]);
        }
        for (int i = height - 1; resident > 0; i--) {
            storeSpill(spills[i]);
            resident--;
        }
        residentSlots = 0;
    }

    /** Makes room for a spilled value of {@code type} behind those before it; answers its number. */
    int defineSpill(int spill, char type) {
        spillTypes.setLength(spill);
        spillTypes.append(type);
        if (spill == spillSlots.length) {
            spillSlots = Arrays.copyOf(spillSlots, spill * 2);
        }
        spillSlots[spill] =
                spill == 0 ? locals.end() : spillSlots[spill - 1] + CodeAssembler.width(spillTypes.charAt(spill - 1));
        return spill;
    }

    /**
     * Stores values, the last on top of the JVM's stack, where spilled values from {@code first} on are; what is spilled
     * there counts again afterwards.
     */
    void storeSpills(int first, String values) {
        String keptTypes = spillTypes.toString();
        int[] keptSlots = spillSlots.clone();
        for (int i = 0; i < values.length(); i++) {
            defineSpill(first + i, values.charAt(i));
        }
        for (int i = values.length() - 1; i >= 0; i--) {
            storeSpill(first + i);
        }
        spillTypes.setLength(0);
        spillTypes.append(keptTypes);
        spillSlots = keptSlots;
    }

    /** Takes a value off the JVM's stack, which the compiler does not count. */
    void storeSpill(int spill) {
        char type = spillTypes.charAt(spill);
        if (frame != null) {
            frame.storeSpill(spill, type);
            return;
        }
        if (spillSlots[spill] > LAST_SLOT) {
            throw new MethodTooLargeException();
        }
        code().store(type, spillSlots[spill]);
    }

    /** Pushes a spilled value, which the compiler does not count. */
    void loadSpill(int spill) {
        char type = spillTypes.charAt(spill);
        if (frame == null) {
            code().load(type, spillSlots[spill]);
        } else {
            frame.loadSpill(spill, type);
        }
    }
}
