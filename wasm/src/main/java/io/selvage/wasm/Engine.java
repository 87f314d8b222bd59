package io.selvage.wasm;

/**
 * Loads WebAssembly modules. One engine serves a whole process; it is thread-safe and needs no closing.
 *
 * <pre>{@code
 * Module module = Engine.create().load(Files.readAllBytes(Path.of("add.wasm")));
 * Instance instance = module.instantiate(Imports.none());
 * int sum = (int) instance.function("add").orElseThrow().call(1, 2)[0];
 * }</pre>
 */
public final class Engine {
    private Engine() {}

    /** An engine with the default settings. */
    public static Engine create() {
        return new Engine();
    }

    /**
     * Decodes and validates a module. Functions are compiled when they are first called.
     *
     * @param binary the module in the binary format; it must not be changed afterwards
     * @throws MalformedException if the bytes are not a module
     * @throws InvalidException if the module breaks a rule of validation
     * @throws UnsupportedException if it needs a feature that the engine does not run
     */
    public Module load(byte[] binary) {
        return new Module(Decoder.decode(binary));
    }
}
