package io.selvage.wasi;

/**
 * What an embedder gives an instance as its {@linkplain io.selvage.wasm.Instance#data data} so that the functions of
 * WASI find their context: the {@link WasiContext} itself, or an object of the embedder's own that holds one.
 */
public interface HasWasi {
    /** The context of this run; the same at every call. */
    WasiContext wasi();
}
