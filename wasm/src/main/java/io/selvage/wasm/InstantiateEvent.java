package io.selvage.wasm;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A flight recorder event: an instance was made. */
@Name("io.selvage.wasm.Instantiate")
@Label("Instantiate Module")
@Category({"Selvage", "WebAssembly"})
@Description("An instance was made, and its start function has run")
@StackTrace(false)
final class InstantiateEvent extends Event {
    @Label("Module")
    String module = "";

    @Description("SHA-256 of the binary")
    @Label("Digest")
    String digest = "";
}
