// Runs every module of a folder in V8 and writes beside each X.wasm a X.v8 that says what it did.
// Fuzz.java writes the same words about the engine: io.selvage.wasm.Transcript is this file's twin.
//
//   node --experimental-wasm-type-reflection v8.mjs FOLDER
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const MOST_LINES = 5000;
const i32s = [0, 1, -1, 2, 7, 31, 255, 65535, 65536, 0x7fffffff, -0x80000000, 1000];
const i64s = [0n, 1n, -1n, 2n, 63n, 0xffffffffn, 0x100000000n, (1n << 63n) - 1n, -(1n << 63n), 1000n];
const floats = [0, -0, 1, -1, 0.5, 1.5, 1000.25, Infinity, -Infinity, 16777216, 2147483648, -2147483648.5];

const view = new DataView(new ArrayBuffer(8));

class Transcript {
  constructor(module) {
    this.lines = [];
    this.random = 0x9e3779b9 | 0;
    this.imports = {};
    for (const { module: from, name, kind, type } of WebAssembly.Module.imports(module)) {
      if (kind === 'function') (this.imports[from] ??= {})[name] = (...values) => this.host(name, type, values);
    }
  }

  /** Xorshift; not negative. */
  next() {
    let x = this.random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.random = x;
    return x & 0x7fffffff;
  }

  value(type) {
    const n = this.next();
    switch (type) {
      case 'i32': return i32s[n % i32s.length];
      case 'i64': return i64s[n % i64s.length];
      case 'f32': case 'f64': return floats[n % floats.length];
      default: return null;
    }
  }

  /** Any imported function writes down its arguments and returns numbers in a fixed order. */
  host(name, type, values) {
    this.line(`${name} ${values.map((value, i) => show(type.parameters[i], value)).join(' ')}`);
    const results = type.results.map((t) => this.value(t));
    return results.length === 1 ? results[0] : results;
  }

  line(text) {
    if (this.lines.length < MOST_LINES) this.lines.push(text.trimEnd());
  }

  attempt(name, action) {
    try {
      this.line(`${name} = ${action()}`);
      return true;
    } catch (error) {
      const trap = trapOf(error);
      this.line(`${name} = trap ${trap}`);
      return trap !== 'STACK';
    }
  }
}

function trapOf(error) {
  const message = String(error.message);
  const kinds = [
    [/Maximum call stack/, 'STACK'],
    [/^unreachable/, 'UNREACHABLE'],
    [/memory access out of bounds|data segment/, 'MEMORY'],
    [/divide by zero|remainder by zero/, 'DIVIDE_BY_ZERO'],
    [/divide result unrepresentable|float unrepresentable/, 'NUMBER'],
    [/table index is out of bounds|table access out of bounds|element segment|table initializer/, 'TABLE'],
    [/null function or function signature/, 'INDIRECT'],
  ];
  for (const [pattern, kind] of kinds) if (pattern.test(message)) return kind;
  throw error;
}

function show(type, value) {
  switch (type) {
    case 'i32': case 'i64': return String(value);
    case 'f32':
      if (Number.isNaN(value)) return 'nan';
      view.setFloat32(0, value);
      return `0x${view.getUint32(0).toString(16)}`;
    case 'f64':
      if (Number.isNaN(value)) return 'nan';
      view.setFloat64(0, value);
      return `0x${view.getBigUint64(0).toString(16)}`;
    default: return value === null ? 'null' : typeof value === 'function' ? 'func' : 'extern';
  }
}

function results(type, answer) {
  const values = type.results.length === 0 ? [] : type.results.length === 1 ? [answer] : answer;
  return values.map((value, i) => show(type.results[i], value)).join(' ');
}

function run(binary) {
  const module = new WebAssembly.Module(binary);
  const transcript = new Transcript(module);
  let instance;
  if (!transcript.attempt('instantiate', () => { instance = new WebAssembly.Instance(module, transcript.imports); return 'ok'; })
      || !instance) return transcript.lines;
  const exports = WebAssembly.Module.exports(module);
  const { hangLimitInitializer } = instance.exports;
  for (let round = 0; round < 2; round++) {
    for (const { name, kind, type } of exports) {
      if (kind !== 'function' || name === 'hangLimitInitializer') continue;
      const given = type.parameters.map((t) => transcript.value(t));
      if (hangLimitInitializer) hangLimitInitializer();
      if (!transcript.attempt(name, () => results(type, instance.exports[name](...given)))) return transcript.lines;
    }
  }
  for (const { name, kind, type } of exports) {
    if (kind === 'memory') {
      const bytes = new Uint8Array(instance.exports[name].buffer);
      transcript.line(`memory ${name} ${bytes.length / 65536} ${zlib.crc32(bytes).toString(16)}`);
    } else if (kind === 'global') {
      transcript.line(`global ${name} ${show(type.value, instance.exports[name].value)}`);
    } else if (kind === 'table') {
      const table = instance.exports[name];
      let full = 0;
      for (let i = 0; i < table.length; i++) if (table.get(i) !== null) full++;
      transcript.line(`table ${name} ${table.length} ${full}`);
    }
  }
  return transcript.lines;
}

const folder = process.argv[2];
for (const file of fs.readdirSync(folder).filter((f) => f.endsWith('.wasm'))) {
  const base = path.join(folder, file.slice(0, -5));
  let text;
  try {
    text = run(fs.readFileSync(`${base}.wasm`)).join('\n');
  } catch (error) {
    text = `refused ${error.message}`;
  }
  fs.writeFileSync(`${base}.v8`, `${text}\n`);
}
