// Zstandard: compresses text and decompresses it.
import { createRequire } from "node:module";

export default async function () {
    const { init, compress, decompress } = createRequire(import.meta.url)("@bokuweb/zstd-wasm");
    await init();
    let seed = 1;
    const next = (n) => (seed = (seed * 48271) % 2147483647) % n;
    const words = [...Array(800)].map(() => [...Array(2 + next(9))].map(() => String.fromCharCode(97 + next(26))).join(""));
    const text = Buffer.from([...Array(120000)].map(() => words[Math.min(next(800), next(800))]).join(" "));
    const packed = compress(text, 9);
    if (Buffer.compare(Buffer.from(decompress(packed)), text) !== 0) throw new Error("another text");
}
