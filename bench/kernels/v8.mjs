// V8 as a peer in the benchmarks of the engine: says its name, then takes commands on stdin, one a line, and answers with one line each.
//   load FILE N CHECKSUM   compiles and instantiates a kernel and calls it once; answers nanoseconds
//   replay MODULE TRACE    the same of a trace of a real module
//   run NANOS              runs what is loaded until so much time has passed; answers the nanoseconds of each run
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { prepare } from "../real/replay.mjs";

let call;

function callKernel(kernel) {
    const checksum = BigInt.asUintN(64, kernel.run(kernel.n));
    if (checksum !== kernel.checksum) {
        console.error(`${kernel.file}: run(${kernel.n}) is ${checksum.toString(16)} in V8`);
        process.exit(1);
    }
}

function load(file, n, checksum) {
    const start = process.hrtime.bigint();
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)));
    const kernel = { file, run: exports.run, n: Number(n), checksum: BigInt("0x" + checksum) };
    call = () => callKernel(kernel);
    call();
    return process.hrtime.bigint() - start;
}

function replay(module, trace) {
    const start = process.hrtime.bigint();
    call = prepare(module, trace);
    call();
    return process.hrtime.bigint() - start;
}

function run(nanos) {
    const times = [];
    const begin = process.hrtime.bigint();
    let before = begin;
    do {
        call();
        const now = process.hrtime.bigint();
        times.push(now - before);
        before = now;
    } while (before - begin < BigInt(nanos));
    return times.join(" ");
}

console.log(`Node.js ${process.versions.node}, V8 ${process.versions.v8}`);
for await (const line of createInterface({ input: process.stdin })) {
    const [command, ...operands] = line.split(" ");
    console.log(String({ load, replay, run }[command](...operands)));
}
