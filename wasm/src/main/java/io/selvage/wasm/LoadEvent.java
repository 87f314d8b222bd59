package io.selvage.wasm;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A flight recorder event: a module was decoded and validated. */
@Name("io.selvage.wasm.Load")
@Label("Load Module")
@Category({"Selvage", "WebAssembly"})
@Description("A module was decoded and validated")
@StackTrace(false)
final class LoadEvent extends Event {
    @Label("Module")
    String module = "";

    @Description("SHA-256 of the binary")
    @Label("Digest")
    String digest = "";

    @DataAmount
    @Label("Size")
    int bytes;

    @Label("Functions")
    int functions;
}
