package io.selvage.wasm;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A flight recorder event: the JVM has asked for a class of compiled functions. */
@Name("io.selvage.wasm.Compile")
@Label("Compile Functions")
@Category({"Selvage", "WebAssembly"})
@Description("Neighbouring functions of a module were compiled to JVM bytecode, because one of them was called")
@StackTrace(false)
final class CompileEvent extends Event {
    @Label("Module")
    String module = "";

    @Description("SHA-256 of the binary")
    @Label("Digest")
    String digest = "";

    @Label("First Function")
    int firstFunction;

    @Label("Functions")
    int functions;

    @DataAmount
    @Label("WebAssembly")
    int wasmBytes;

    @DataAmount
    @Label("Bytecode")
    int bytecodeBytes;
}
