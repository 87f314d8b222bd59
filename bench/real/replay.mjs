// A trace that record.mjs has made, ready to be run again and again in this engine.
import { readFileSync } from "node:fs";

class Replayed extends Error {}

const WRITE = 0, GROW = 1, CALL = 2, RETURNED = 3, THREW = 4, IMPORT = 5, RETURN = 6, THROW = 7;
const MEMORY = 8;
const KINDS = ["write", "grow", "call", "returned", "threw", "import", "return", "throw", "memory"];

const value = (word) => (word.endsWith("n") ? BigInt(word.slice(0, -1)) : Number(word));

/** The events, one array a column, so that running them costs as little as can be. */
function parse(file) {
    const kinds = [], first = [], second = [];
    for (const line of readFileSync(file, "latin1").trimEnd().split("\n")) {
        const [kind, ...words] = line.split(" ");
        const code = KINDS.indexOf(kind);
        kinds.push(code);
        first.push(code === CALL ? decodeURIComponent(words[0]) : value(words[0] ?? "0"));
        second.push(code === WRITE ? Buffer.from(words[1], "base64") : words.slice(1).map(value));
    }
    return { kinds, first, second };
}

/** Answers a function that instantiates the module and does all that the trace says. */
export function prepare(wasm, trace) {
    const module = new WebAssembly.Module(readFileSync(wasm));
    const { kinds, first, second } = parse(trace);
    const wanted = WebAssembly.Module.imports(module);
    let at, memory, table, exports;

    function diverged(what) {
        return new Error(`${trace}: event ${at}: ${what}`);
    }

    function call() {
        const target = first[at];
        const operands = second[at++];
        const name = target.slice(2);
        const f = target[0] === "e" ? exports[name] : table.get(Number(name));
        let result;
        try {
            result = f(...operands);
        } catch (e) {
            if (!(e instanceof Replayed) || kinds[at++] !== THREW) throw e;
            return;
        }
        if (kinds[at] !== RETURNED || !Object.is(result ?? 0, first[at])) {
            throw diverged(`${target} answered ${result}, expected ${KINDS[kinds[at]]} ${first[at]}`);
        }
        at++;
    }

    /** Does what the host did, up to where it gave control back to the guest. */
    function host() {
        for (;;) {
            switch (kinds[at]) {
                case WRITE:
                    new Uint8Array(memory.buffer).set(second[at], first[at]);
                    at++;
                    break;
                case GROW:
                    memory.grow(first[at++]);
                    break;
                case CALL:
                    call();
                    break;
                default:
                    return;
            }
        }
    }

    function imported(index) {
        return () => {
            if (kinds[at] !== IMPORT || first[at] !== index) {
                throw diverged(`import ${index} was called, expected ${KINDS[kinds[at]]} ${first[at]}`);
            }
            at++;
            host();
            if (kinds[at++] === THROW) throw new Replayed();
            return first[at - 1];
        };
    }

    return () => {
        at = 0;
        if (kinds[0] === MEMORY) {
            memory = new WebAssembly.Memory({ initial: first[at], maximum: second[at++][0] });
        }
        const imports = {};
        wanted.forEach(({ module: from, name, kind }, index) => {
            imports[from] ??= {};
            imports[from][name] = kind === "memory" ? memory : imported(index);
        });
        ({ exports } = new WebAssembly.Instance(module, imports));
        memory = Object.values(exports).find((e) => e instanceof WebAssembly.Memory) ?? memory;
        table = Object.values(exports).find((e) => e instanceof WebAssembly.Table);
        host();
        if (at !== kinds.length) throw diverged("the trace goes on");
    };
}
