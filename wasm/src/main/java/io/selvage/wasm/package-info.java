/**
 * The Selvage engine: decodes, validates and compiles WebAssembly to JVM bytecode, and runs it. It depends on nothing
 * but the JDK and holds no native code.
 *
 * <p>Start with {@link io.selvage.wasm.Engine}. The life of a program is
 * {@code Engine → Module → LinkedModule → Instance}: everything up to {@code LinkedModule} is immutable and shared
 * between threads, an {@code Instance} belongs to one thread at a time.
 */
@NullMarked
package io.selvage.wasm;

import org.jspecify.annotations.NullMarked;
