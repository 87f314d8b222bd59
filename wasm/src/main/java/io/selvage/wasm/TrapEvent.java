package io.selvage.wasm;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A flight recorder event: a guest trapped. */
@Name("io.selvage.wasm.Trap")
@Label("Trap")
@Category({"Selvage", "WebAssembly"})
@Description("A guest was ended by the engine")
@StackTrace(true)
final class TrapEvent extends Event {
    @Label("Module")
    String module = "";

    @Description("SHA-256 of the binary")
    @Label("Digest")
    String digest = "";

    @Label("Kind")
    String kind = "";

    @Label("Message")
    String message = "";

    @Description("The innermost function of the guest, with the line of its source if that is known")
    @Label("Function")
    String function = "";
}
