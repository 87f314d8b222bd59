/**
 * The text format (core spec §6): turns {@code .wat} into modules in the binary format, and reads the {@code .wast}
 * scripts of the specification's test suite. It knows the syntax of WebAssembly 3.0, whatever of it the engine runs.
 *
 * <p>Start with {@link io.selvage.wasm.text.WebAssemblyText}.
 */
@NullMarked
package io.selvage.wasm.text;

import org.jspecify.annotations.NullMarked;
