// Oniguruma, the regular expressions of editors' syntax highlighting: finds tokens in source text.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const PATTERNS = [
    "\\b(class|record|interface|enum)\\b\\s+([A-Z]\\w*)", "\\b(if|else|for|while|return|switch|new)\\b",
    "\"(?:[^\"\\\\]|\\\\.)*\"", "//.*$", "\\b(?:0x[0-9a-fA-F]+|\\d+(?:\\.\\d+)?)\\b", "(?<=\\.)[a-z]\\w*(?=\\()", "@\\w+", "[{}()\\[\\];,]",
];
const LINE = (i) => `    @Test public static int compute${i}(String name) { if (name.length() > ${i * 17}) return map.get("key ${i}", 0x${i.toString(16)}).value(); // line ${i}`;

export default async function () {
    const require = createRequire(import.meta.url);
    const { loadWASM, createOnigScanner, createOnigString } = require("vscode-oniguruma");
    await loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")));
    const scanner = createOnigScanner(PATTERNS);
    let tokens = 0;
    for (let i = 0; i < 40; i++) {
        const line = createOnigString(LINE(i));
        for (let at = 0, m; (m = scanner.findNextMatchSync(line, at)); tokens++) {
            at = Math.max(at + 1, m.captureIndices[0].end);
        }
        line.dispose();
    }
    if (tokens < 800) throw new Error(`${tokens} tokens`);
}
