// Ruby (CRuby 3.4): starts the interpreter and runs a script with blocks, hashes, strings and a regular expression.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { DefaultRubyVM } from "@ruby/wasm-wasi/dist/node";

const SCRIPT = `
    Point = Struct.new(:x, :y) { def norm = x * x + y * y }
    points = (0...5000).map { |i| Point.new(i * 7919 % 101, i % 37) }
    sorted = points.sort_by { |p| [p.norm, p.x] }
    words = points.map { |p| "w#{p.x}-#{p.y}" }
    counts = words.each_with_object(Hash.new(0)) { |w, h| h[w[0, 3]] += 1 }
    digits = words.join(" ").gsub(/(\\d+)-(\\d+)/) { "#{$2}:#{$1}" }
    def fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2)
    [sorted[17].norm, counts.size, digits.length, fib(18)].join(",")`;

export default async function () {
    const require = createRequire(import.meta.url);
    const module = await WebAssembly.compile(readFileSync(require.resolve("@ruby/3.4-wasm-wasi/dist/ruby.wasm")));
    const { vm } = await DefaultRubyVM(module);
    const result = vm.eval(SCRIPT).toString();
    if (!/,2584$/.test(result)) throw new Error(result);
}
