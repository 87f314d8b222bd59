// QuickJS: a script with objects, closures, strings, a regular expression and sorting.
import { newQuickJSWASMModuleFromVariant } from "quickjs-emscripten-core";
import variant from "@jitl/quickjs-wasmfile-release-sync";

const SCRIPT = `
    class Shape { constructor(n) { this.n = n; } area() { return this.n * this.n; } }
    class Circle extends Shape { area() { return 3 * super.area(); } }
    let total = 0;
    for (let i = 0; i < 20000; i++) total += (i & 1 ? new Shape(i % 10) : new Circle(i % 7)).area();
    const words = [];
    for (let i = 0; i < 4000; i++) words.push("w" + ((i * 7919) % 4001));
    const counts = new Map();
    for (const w of words) counts.set(w.slice(0, 3), (counts.get(w.slice(0, 3)) ?? 0) + 1);
    const sorted = words.map((w, i) => ({ w, i })).sort((a, b) => (a.w < b.w ? -1 : 1)).map((x) => x.i);
    const digits = words.join(" ").replace(/w(\\d)(\\d*)/g, (m, a, b) => b + a).length;
    function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
    const tree = JSON.parse(JSON.stringify({ list: sorted.slice(0, 500), map: [...counts] }));
    [total, counts.size, sorted[17], digits, fib(19), tree.list.length].join(",");`;

export default async function () {
    const quickjs = await newQuickJSWASMModuleFromVariant(variant);
    const result = quickjs.evalCode(SCRIPT);
    if (!/^[0-9]+,/.test(result)) throw new Error(String(result));
}
