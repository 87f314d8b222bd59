// Squoosh's PNG codec (Rust): encodes a picture and decodes it again.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import init, { decode, encode } from "@jsquash/png/codec/pkg/squoosh_png.js";

globalThis.ImageData ??= class {
    constructor(data, width, height) {
        Object.assign(this, { data, width, height: height ?? data.length / 4 / width });
    }
};

export default async function () {
    const require = createRequire(import.meta.url);
    await init(readFileSync(require.resolve("@jsquash/png/codec/pkg/squoosh_png_bg.wasm")));
    const width = 512, height = 384;
    const data = new Uint8ClampedArray(width * height * 4);
    for (let y = 0, at = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            data[at++] = (x * y) >> 4, data[at++] = x ^ y, data[at++] = (x + 3 * y) >> 2, data[at++] = 255;
        }
    }
    const back = decode(encode(new Uint8Array(data.buffer), width, height, 8));
    if (back.width !== width || back.data[4321] !== data[4321]) throw new Error("another picture");
}
