/**
 * WASI for guests: clocks, random, standard streams and a sandboxed file system, with the face of preview 1 over them.
 *
 * <p>Start with {@link io.selvage.wasi.WasiConfig} and {@link io.selvage.wasi.Preview1}. What a guest sees as files
 * comes from a {@link io.selvage.wasi.Mount}: a folder of the host, memory, or a store that implements the same
 * contract.
 */
@NullMarked
package io.selvage.wasi;

import org.jspecify.annotations.NullMarked;
