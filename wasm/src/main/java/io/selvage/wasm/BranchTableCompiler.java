package io.selvage.wasm;

import io.selvage.wasm.CodeAssembler.Label;
import io.selvage.wasm.internal.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compiles {@code br_table}: to a JVM switch or, if it is too large for one, to a look into a table of ints. */
final class BranchTableCompiler {
    private static final String OPS = Ops.class.getName().replace('.', '/');
    private static final String STATE_D = "L" + GuestNames.STATE_BASE + ";";

    /** A {@code br_table} with more targets than this goes through a table of ints instead of a JVM switch. */
    private static final int MAXIMUM_SWITCH = 1_024;

    /** How many bytes of JVM code a case's own value of a local takes, about. */
    private static final int LENGTH_PER_OWN = 10;

    private static final BitSet NO_LOCALS = new BitSet();

    /**
     * Where the switch goes if that is not just a block's label.
     *
     * @param index the first operand that leads there
     * @param own the locals that get values of their own
     */
    private record Landing(Label label, Block block, int index, BitSet own) {}

    private final FunctionCode function;
    private final Locals locals;
    private final OperandStack stack;
    private final Blocks blocks;
    private final Chunks chunks;
    private final BranchCompiler branches;
    private final InstructionReader in;

    BranchTableCompiler(
            FunctionCode function,
            Locals locals,
            OperandStack stack,
            Blocks blocks,
            Chunks chunks,
            BranchCompiler branches,
            InstructionReader in) {
        this.function = function;
        this.locals = locals;
        this.stack = stack;
        this.blocks = blocks;
        this.chunks = chunks;
        this.branches = branches;
        this.in = in;
    }

    private CodeAssembler code() {
        return function.code();
    }

    void branchTable(int position) {
        int count = in.u32();
        int[] depths = new int[count + 1];
        for (int i = 0; i <= count; i++) {
            depths[i] = in.u32();
        }
        int values = blocks.target(depths[count]).branchTypes().length();
        if (chunks.isCut() && values == 0 && count > MAXIMUM_SWITCH) {
            acrossChunks(depths);
        } else {
            inMethod(position, depths, values);
        }
        function.reachable(false);
    }

    /** A table whose every target has a place in this method, where a branch to another chunk may be. */
    private void inMethod(int position, int[] depths, int values) {
        stack.need(values + 1);
        int held = stack.scratchAbove();
        code().store('I', held);
        stack.pop();
        stack.arrange(values);
        code().load('I', held);
        BitSet[] ownLocals = ownLocals(position, depths);
        List<Label> labels = new ArrayList<>();
        List<Landing> landings = new ArrayList<>();
        @Nullable Label[] byDepth = new Label[blocks.count()];
        for (int i = 0; i < depths.length; i++) {
            int depth = depths[i];
            Label label = byDepth[depth];
            if (label == null) {
                Block block = blocks.target(depth);
                BitSet own = depth < ownLocals.length ? ownLocals[depth] : NO_LOCALS;
                boolean direct = branches.isPlain(block) && own.isEmpty();
                label = direct ? block.label() : new Label();
                byDepth[depth] = label;
                if (!direct) {
                    landings.add(new Landing(label, block, i, own));
                }
            }
            labels.add(label);
        }
        int count = depths.length - 1;
        if (count > MAXIMUM_SWITCH) {
            lookUp(position, byDepth);
        } else {
            code().tableSwitch(0, labels.subList(0, count), labels.get(count));
        }
        String live = stack.locals();
        String carried = stack.top(values);
        for (Landing landing : landings) {
            if (landing.own.isEmpty()) {
                code().bind(landing.label, live, carried);
            } else {
                code().bind(landing.label, withHeld(live, held), carried);
                giveOwn(landing.own, held, landing.index);
            }
            branches.jumpTo(landing.block);
        }
    }

    // Values of their own (see SwitchLocals)

    /** For the depths in the loop around, the locals that the case there is to have values of its own of. */
    private BitSet[] ownLocals(int position, int[] depths) {
        int loopDepth = blocks.loopDepth();
        int length = chunks.lengthFrom(position);
        boolean may = loopDepth >= SwitchLocals.MINIMUM_CASES && depths.length <= MAXIMUM_SWITCH;
        if (!may || chunks.isCut() || length > FunctionCode.WHOLE_LENGTH) {
            return new BitSet[0];
        }
        BitSet deciding = new BitSet();
        int loop = blocks.target(loopDepth).labelPosition();
        function.layout().collectLocals(function.module().binary(), loop, position, deciding, new BitSet());
        BitSet[] own = SwitchLocals.of(in, locals.types(), depths, loopDepth, deciding);
        for (BitSet one : own) {
            length += LENGTH_PER_OWN * one.cardinality();
        }
        return length > FunctionCode.WHOLE_LENGTH ? new BitSet[0] : own;
    }

    /** Adds nothing to each local, in a way that the JIT compiler does not see through. */
    private void giveOwn(BitSet own, int operand, int value) {
        stack.deepen();
        for (int local = own.nextSetBit(0); local >= 0; local = own.nextSetBit(local + 1)) {
            locals.load(local);
            code().load('I', operand).constant(value).op(CodeAssembler.IXOR).op(CodeAssembler.IADD);
            locals.store(local);
        }
    }

    /** Switches over the depth that the instance finds in a table that is too large for a JVM switch. */
    private void lookUp(int position, @Nullable Label[] byDepth) {
        function.loadInstance().constant(position);
        code().invokeStatic(OPS, "branchDepth", "(I" + STATE_D + "I)I");
        List<Label> targets = new ArrayList<>();
        int[] keys = new int[byDepth.length];
        Label last = new Label();
        for (int depth = 0; depth < byDepth.length; depth++) {
            Label target = byDepth[depth];
            if (target != null) {
                keys[targets.size()] = depth;
                targets.add(target);
                last = target;
            }
        }
        code().lookupSwitch(Arrays.copyOf(keys, targets.size()), targets, last);
    }

    /** A large table whose branches carry no values: where to go on in another chunk is looked up, not coded. */
    private void acrossChunks(int[] depths) {
        int[] codes = new int[depths.length];
        @Nullable Label[] byDepth = new Label[blocks.count()];
        for (int i = 0; i < depths.length; i++) {
            Block block = blocks.target(depths[i]);
            if (blocks.isFunction(block) || branches.isInMethod(block)) {
                codes[i] = -1 - depths[i];
                byDepth[depths[i]] = new Label();
            } else {
                codes[i] = function.layout().entry(block.labelPosition());
            }
        }
        stack.need(1);
        function.loadInstance().constant(function.names().branchTables().add(codes));
        code().invokeStatic(OPS, "branchCode", "(I" + STATE_D + "I)I");
        stack.pop();
        int held = stack.scratchAbove();
        code().store('I', held);
        stack.arrange(0);
        Label elsewhere = new Label();
        int[] keys = new int[byDepth.length];
        List<Label> labels = new ArrayList<>();
        for (int depth = byDepth.length - 1; depth >= 0; depth--) {
            Label label = byDepth[depth];
            if (label != null) {
                keys[labels.size()] = -1 - depth;
                labels.add(label);
            }
        }
        code().load('I', held).lookupSwitch(Arrays.copyOf(keys, labels.size()), labels, elsewhere);
        for (int depth = 0; depth < byDepth.length; depth++) {
            Label label = byDepth[depth];
            if (label != null) {
                code().bind(label, locals.prefix(), "");
                branches.jumpTo(blocks.target(depth));
            }
        }
        code().bind(elsewhere, withHeld(locals.prefix(), held), "");
        branches.writeBack();
        code().load('I', held).ret('I');
    }

    /** The JVM locals with an int in a scratch local behind them. */
    private static String withHeld(String live, int held) {
        return live + "T".repeat(held - CodeAssembler.slots(live)) + "I";
    }
}
