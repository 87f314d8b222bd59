// Runs one module after the other in V8 and says what each did. V8Process.java asks; io.selvage.wasm.Transcript is this
// file's twin and writes the same words about the engine.
//
// A question on the standard input is the length of the module, how often to call each function once more (both four
// bytes, big-endian) and the module. The answer on the standard output is the length of the text and the text.
//
//   node --experimental-wasm-type-reflection v8.mjs
import fs from 'node:fs';
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
    this.hash = 0;
    this.folding = false;
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

  /** Keeps a line, or while each function is called very often, just the hash of all of them. */
  line(text) {
    if (this.folding) {
      this.hash = (Math.imul(this.hash, 31) + hashOf(text.trimEnd())) | 0;
    } else if (this.lines.length < MOST_LINES) this.lines.push(text.trimEnd());
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

/** What Java's String.hashCode answers. */
function hashOf(text) {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
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

function run(binary, calls) {
  const module = new WebAssembly.Module(binary);
  const transcript = new Transcript(module);
  let instance;
  if (!transcript.attempt('instantiate', () => { instance = new WebAssembly.Instance(module, transcript.imports); return 'ok'; })
      || !instance) return transcript.lines;
  const exports = WebAssembly.Module.exports(module);
  const { hangLimitInitializer } = instance.exports;
  const functions = exports.filter(({ name, kind }) => kind === 'function' && name !== 'hangLimitInitializer');
  const call = ({ name, type }) => {
    const given = type.parameters.map((t) => transcript.value(t));
    if (hangLimitInitializer) hangLimitInitializer();
    return transcript.attempt(name, () => results(type, instance.exports[name](...given)));
  };
  for (let round = 0; round < 2; round++) {
    for (const each of functions) if (!call(each)) return transcript.lines;
  }
  for (const each of calls > 0 ? functions : []) {
    transcript.hash = 0;
    transcript.folding = true;
    let goOn = true;
    for (let i = 0; i < calls && goOn; i++) goOn = call(each);
    transcript.folding = false;
    transcript.line(`${each.name} again = ${goOn ? transcript.hash : 'trap STACK'}`);
    if (!goOn) return transcript.lines;
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

function read(length) {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const count = fs.readSync(0, bytes, done, length - done, null);
    if (count === 0) process.exit(0);
    done += count;
  }
  return bytes;
}

function write(bytes) {
  for (let done = 0; done < bytes.length;) done += fs.writeSync(1, bytes, done);
}

for (;;) {
  const head = read(8);
  const binary = read(head.readInt32BE(0));
  let text;
  try {
    text = run(binary, head.readInt32BE(4)).join('\n');
  } catch (error) {
    text = `refused ${error.message}`;
  }
  const body = Buffer.from(`${text}\n`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  write(length);
  write(body);
}
