// V8's side of bench/load.sh: prints the nanoseconds of what the first argument says, one number a line.
//   instance FILE COUNT         a new instance and one call of "run", COUNT times
//   first FILE EXPORT COUNT     compile, instantiate and call, COUNT modules that differ in a custom section
//   file FILE                   read, compile and instantiate, once
import { readFileSync } from "node:fs";

const [what, file, ...rest] = process.argv.slice(2);
const now = () => process.hrtime.bigint();

function imports(module) {
    const all = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
        (all[from] ??= {})[name] = () => 0;
    }
    return all;
}

if (what === "instance") {
    const module = new WebAssembly.Module(readFileSync(file));
    for (let i = 0; i < Number(rest[0]); i++) {
        const start = now();
        new WebAssembly.Instance(module).exports.run();
        console.log(String(now() - start));
    }
} else if (what === "first") {
    const bytes = readFileSync(file);
    for (let i = 0; i < Number(rest[1]); i++) {
        const section = Buffer.from([0, 6, 1, 0x78, 0, 0, 0, 0]);
        section.writeUInt32LE(i, 4);
        const unseen = Buffer.concat([bytes, section]);
        const start = now();
        const module = new WebAssembly.Module(unseen);
        new WebAssembly.Instance(module, imports(module)).exports[rest[0]](64, 8);
        console.log(String(now() - start));
    }
} else {
    const start = now();
    const module = new WebAssembly.Module(readFileSync(file));
    new WebAssembly.Instance(module, imports(module));
    console.log(String(now() - start));
}
