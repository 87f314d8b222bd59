package io.selvage.wasm;

import io.selvage.wasm.CodeAssembler.Label;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a cut function: which one is being written, at which labels it is entered, and how it goes on in
 * another. A function that is not cut is one chunk that nothing enters.
 *
 * <p>A chunk answers where to go on: {@link #RETURN}, or the chunk and label as {@link FunctionLayout#entry} has them.
 */
final class Chunks {
    /** What a chunk answers when the function returns. */
    private static final int RETURN = -1;

    private final FunctionCode function;
    private final FunctionLayout layout;
    private final @Nullable ChunkSink sink;
    private int current;
    private Label[] entryLabels = {};
    private int[] entryPositions = {};

    /**
     * The chunks of a function.
     *
     * @param sink where they go; null if the function is not cut
     */
    Chunks(FunctionCode function, @Nullable ChunkSink sink) {
        this.function = function;
        this.sink = sink;
        layout = function.layout();
    }

    boolean isCut() {
        return sink != null;
    }

    private ChunkSink sink() {
        if (sink == null) {
            throw new IllegalStateException("the function is not cut");
        }
        return sink;
    }

    /** Whether an instruction or a label is in the chunk that is being written. */
    boolean isHere(int position) {
        return layout.chunkAt(position) == current;
    }

    /** Where the next chunk begins; past the body for the last one. */
    int end() {
        return layout.cut(current);
    }

    /** How long, in bytes of JVM code, the method that is being written will be, about; its code is at {@code position}. */
    int lengthFrom(int position) {
        int left = Math.min(function.body().end(), end()) - position;
        return function.code().length() + FunctionCode.LENGTH_PER_BYTE * left;
    }

    // Going on elsewhere

    /** Goes on at a label in another chunk. */
    void goOnAt(int position) {
        function.code().constant(layout.entry(position)).ret('I');
    }

    /** Goes on where the next chunk begins. */
    void goOnInNext() {
        function.code().constant((current + 1) << 16).ret('I');
    }

    /** Returns from the function. */
    void ret() {
        function.code().constant(RETURN).ret('I');
    }

    // Being entered

    /** Writes how the chunk goes on at the label that it is told, or where it begins. */
    void begin(String locals) {
        entryPositions = layout.entriesOf(current);
        entryLabels = new Label[entryPositions.length];
        Arrays.setAll(entryLabels, i -> new Label());
        CodeAssembler code = function.code();
        if (entryLabels.length > 0) {
            Label first = new Label();
            code.load('I', 0);
            code.tableSwitch(1, List.of(entryLabels), first);
            code.bind(first, locals, "");
        }
    }

    /** Binds the label at {@code position} that other chunks go on at, if they do and it has no place yet. */
    boolean bindEntry(int position, String locals) {
        if (!layout.isEntry(position)) {
            return false;
        }
        Label label = entryLabels[Arrays.binarySearch(entryPositions, position)];
        if (!label.isBound()) {
            function.code().bind(label, locals, "");
        }
        return true;
    }

    /** Ends the chunk. */
    void finish(String locals) {
        boolean unreachable = false;
        for (Label label : entryLabels) {
            if (!label.isBound()) {
                // The label is in code that cannot be reached; so is every branch to it.
                function.code().bind(label, locals, "");
                unreachable = true;
            }
        }
        if (unreachable) {
            function.neverReached();
        }
        function.checkLength();
        sink().finish(current, function.code());
    }

    /** Begins the method of the next chunk. */
    void next() {
        current++;
        function.code(function.names().chunkCode(sink().next(current), function.index()));
    }
}
