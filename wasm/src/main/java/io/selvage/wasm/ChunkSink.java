package io.selvage.wasm;

/** Where the chunks of a cut function go. */
interface ChunkSink {
    /** A class to put the next chunk into. */
    ClassAssembler next(int chunk);

    /** A chunk is finished. */
    void finish(int chunk, CodeAssembler code);

    /** A field that the frame must have. */
    void frameField(String name, String descriptor);

    /** How long the arrays for locals without a field must be. */
    void wideLocals(int length);
}
