// Records what a package's own JavaScript does with its WebAssembly module, so that any engine can do it again.
//
//   node record.mjs WORKLOAD.mjs OUT
//
// The workload imports a package as its users do and works with it. Everything that crosses the border is written to
// OUT.trace: each call of an export with its arguments and result, each call of an import with its result, and what
// JavaScript wrote to the memory in between. OUT.wasm is the module. The format is described in Trace.java.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const PAGE = 65536;
const lines = [];
const real = {
    Instance: WebAssembly.Instance,
    Memory: WebAssembly.Memory,
    Module: WebAssembly.Module,
    grow: WebAssembly.Memory.prototype.grow,
    get: WebAssembly.Table.prototype.get,
};
/** The bytes of each module. */
const binaries = new Map();
/** What each memory of JavaScript was made of. */
const descriptors = new Map();
let recorded;
let memory;
let table;
/** The memory as the guest left it. */
let shadow = Buffer.alloc(0);
let inGuest = 0;
const wrapped = new Map();


/** A value as it crosses the border: 64-bit integers end in n, and what is no number becomes 0. */
function text(value) {
    if (typeof value === "bigint") return `${value}n`;
    return Object.is(value, -0) ? "-0.0" : String(typeof value === "object" ? 0 : Number(value ?? 0));
}

/** The guest has stopped: from now on, what changes in the memory is the host's work. */
function leaveGuest() {
    if (memory) {
        const now = Buffer.from(memory.buffer);
        if (shadow.length !== now.length) {
            shadow = Buffer.alloc(now.length);
        }
        now.copy(shadow);
    }
}

/** The guest goes on: notes what the host has written. */
function enterGuest() {
    if (!memory) {
        return;
    }
    const now = Buffer.from(memory.buffer);
    if (shadow.length < now.length) {
        shadow = Buffer.concat([shadow], now.length);
    }
    for (let page = 0; page < now.length; page += PAGE) {
        if (now.compare(shadow, page, page + PAGE, page, page + PAGE) !== 0) {
            difference(now, page, page + PAGE);
        }
    }
}

function difference(now, from, to) {
    let at = from;
    while (at < to) {
        while (at < to && now[at] === shadow[at]) at++;
        if (at === to) return;
        let end = at + 1;
        for (let same = 0; end < to && same < 16; end++) {
            same = now[end] === shadow[end] ? same + 1 : 0;
        }
        lines.push(`write ${at} ${now.toString("base64", at, end)}`);
        at = end;
    }
}

function exported(name, f) {
    if (!wrapped.has(f)) {
        wrapped.set(f, (...args) => {
            enterGuest();
            const operands = Array.from({ length: f.length }, (_, i) => text(args[i]));
            lines.push(["call", name, ...operands].join(" "));
            try {
                const result = f(...args);
                lines.push(`returned ${text(result)}`);
                return result;
            } catch (e) {
                lines.push("threw");
                throw e;
            } finally {
                leaveGuest();
            }
        });
    }
    return wrapped.get(f);
}

function imported(index, f) {
    return (...args) => {
        leaveGuest();
        lines.push(`import ${index}`);
        let result;
        try {
            result = f(...args);
        } catch (e) {
            enterGuest();
            lines.push("throw");
            throw e;
        }
        enterGuest();
        lines.push(`return ${text(result)}`);
        return result;
    };
}

function instantiate(module, imports) {
    const nodesOwn = WebAssembly.Module.exports(module).some(({ name }) => name === "llhttp_init");
    if (nodesOwn) {
        return new real.Instance(module, imports);
    }
    if (recorded) {
        throw new Error("the workload has more than one instance; it must have one");
    }
    recorded = module;
    const provided = {};
    WebAssembly.Module.imports(module).forEach(({ module: from, name, kind }, index) => {
        const value = imports[from][name];
        if (kind === "memory") {
            memory = value;
            const { initial, maximum } = descriptors.get(value);
            lines.push(`memory ${initial} ${maximum}`);
        } else if (kind !== "function") {
            throw new Error(`cannot record a module that imports a ${kind}`);
        }
        (provided[from] ??= {})[name] = kind === "function" ? imported(index, value) : value;
    });
    const instance = new real.Instance(module, provided);
    const exports = {};
    for (const [name, value] of Object.entries(instance.exports)) {
        if (value instanceof WebAssembly.Memory) memory = value;
        if (value instanceof WebAssembly.Table) table ??= value;
        exports[name] = typeof value === "function" ? exported(`e:${encodeURIComponent(name)}`, value) : value;
    }
    leaveGuest();
    return Object.create(real.Instance.prototype, { exports: { value: exports } });
}

WebAssembly.instantiate = async (source, imports) => {
    if (source instanceof real.Module) {
        return instantiate(source, imports);
    }
    const module = new WebAssembly.Module(source);
    return { module, instance: instantiate(module, imports) };
};
WebAssembly.Instance = new Proxy(real.Instance, { construct: (_, [module, imports]) => instantiate(module, imports) });
WebAssembly.Module = new Proxy(real.Module, {
    construct(target, [bytes]) {
        const module = new target(bytes);
        binaries.set(module, ArrayBuffer.isView(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.from(bytes));
        return module;
    },
});
WebAssembly.Memory = new Proxy(real.Memory, {
    construct(target, [descriptor]) {
        const made = new target(descriptor);
        descriptors.set(made, descriptor);
        return made;
    },
});
WebAssembly.compile = async (bytes) => new WebAssembly.Module(bytes);
delete WebAssembly.instantiateStreaming;
delete WebAssembly.compileStreaming;
real.Memory.prototype.grow = function (pages) {
    lines.push(`grow ${pages}`);
    return real.grow.call(this, pages);
};
WebAssembly.Table.prototype.get = function (index) {
    const f = real.get.call(this, index);
    return f === null || this !== table ? f : exported(`t:${index}`, f);
};

const [workload, out] = process.argv.slice(2);
await (await import(pathToFileURL(resolve(workload)))).default();
writeFileSync(`${out}.trace`, lines.join("\n") + "\n");
writeFileSync(`${out}.wasm`, binaries.get(recorded));
console.error(`${out}: ${lines.length} events`);
process.exit(0);
