// The peer of examples/hello: the module is compiled once, every request gets an instance of its own.
import module from "./greeting.wasm";

const decoder = new TextDecoder();

export default {
    fetch() {
        const { memory, greet, length } = new WebAssembly.Instance(module).exports;
        const text = decoder.decode(new Uint8Array(memory.buffer, greet(), length()));
        return new Response(text, { headers: { "content-type": "text/plain; charset=utf-8" } });
    },
};
