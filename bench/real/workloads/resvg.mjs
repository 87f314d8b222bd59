// resvg (Rust): draws a picture with gradients, a blur, strokes and clipping.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

function picture() {
    const shapes = [];
    for (let i = 0; i < 120; i++) {
        const x = (i * 97) % 400, y = (i * 61) % 300;
        shapes.push(`<path d="M${x} ${y} q 30 ${i % 40} 60 0 t 40 ${i % 30} z" fill="url(#g${i % 3})" stroke="#${(i * 2357 % 4096).toString(16).padStart(3, "0")}" stroke-width="${1 + i % 4}" opacity="0.7"/>`);
    }
    return `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="360" viewBox="0 0 480 360"><defs>
        ${[0, 1, 2].map((i) => `<linearGradient id="g${i}"><stop offset="0" stop-color="hsl(${i * 90},80%,50%)"/><stop offset="1" stop-color="#fff"/></linearGradient>`).join("")}
        <filter id="blur"><feGaussianBlur stdDeviation="3"/></filter><clipPath id="c"><circle cx="240" cy="180" r="170"/></clipPath></defs>
        <rect width="480" height="360" fill="#eef"/><g clip-path="url(#c)">${shapes.join("")}</g>
        <circle cx="240" cy="180" r="60" fill="#f60" filter="url(#blur)"/></svg>`;
}

export default async function () {
    const require = createRequire(import.meta.url);
    await initWasm(readFileSync(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
    const image = new Resvg(picture(), { font: { loadSystemFonts: false } }).render();
    if (image.width !== 480 || image.asPng().length < 10000) throw new Error("no picture");
}
