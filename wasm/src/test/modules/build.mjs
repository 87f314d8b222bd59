// Builds the engine's test modules and the tables of what they must answer, with Node's V8 as the authority.
//
//   node --experimental-wasm-extended-const wasm/src/test/modules/build.mjs
//
// Needs Node 20 or later and wabt's wat2wasm. The tests themselves need neither: what this writes is committed.
//
// - numeric.wat, numeric.txt: every numeric instruction on every combination of edge values
// - memory.wat, memory.txt: every load and store around every edge of the memory
// - each other X.wat here holds lines `;;> NAME ARGUMENT…` (arguments as TYPE:VALUE; ` ! TRAP` names a trap more finely
//   than V8 does); X.txt gets what each call answers
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';

const here = path.dirname(new URL(import.meta.url).pathname);
const out = path.join(here, '../resources/io/selvage/wasm');

/** Of X.wat, or of text that this script made. */
function assemble(name, text) {
  let generated;
  if (text) {
    generated = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'selvage-')), `${name}.wat`);
    fs.writeFileSync(generated, text);
  }
  const wasm = path.join(out, `${name}.wasm`);
  const wat = generated ?? path.join(here, `${name}.wat`);
  execFileSync('wat2wasm', ['--enable-tail-call', '--enable-extended-const', '--debug-names', wat, '-o', wasm]);
  return new WebAssembly.Module(fs.readFileSync(wasm));
}

/** The name of our trap for an error of V8's. */
function trapOf(error, invalidConversion = false) {
  const message = String(error.message);
  if (error instanceof RangeError) return 'CALL_STACK_EXHAUSTED';
  const kinds = [
    [/^unreachable/, 'UNREACHABLE'],
    [/memory access out of bounds/, 'MEMORY_OUT_OF_BOUNDS'],
    [/divide by zero|remainder by zero/, 'INTEGER_DIVIDE_BY_ZERO'],
    [/divide result unrepresentable/, 'INTEGER_OVERFLOW'],
    [/float unrepresentable/, invalidConversion ? 'INVALID_CONVERSION_TO_INTEGER' : 'INTEGER_OVERFLOW'],
    [/table index is out of bounds|table access out of bounds|element segment/, 'TABLE_OUT_OF_BOUNDS'],
    [/null function or function signature/, 'INDIRECT_CALL_TYPE_MISMATCH'],
  ];
  for (const [pattern, kind] of kinds) if (pattern.test(message)) return kind;
  throw error;
}

const hex = (value, digits) => BigInt.asUintN(digits * 4, BigInt(value)).toString(16).padStart(digits, '0');
const width = { i32: 8, i64: 16, f32: 8, f64: 16 };

// ---- numeric instructions -------------------------------------------------------------------------------------------

const values = {
  i32: [0, 1, -1, 2, -2, 7, 31, 32, 33, 0x7f, 0x80, 0xff, 0x8000, 0xffff, 0x12345678, 0x80000000, 0x80000001, 0x7fffffff, 0x7ffffffe, 0xfffffff0]
      .map((v) => hex(v, 8)),
  i64: [0n, 1n, -1n, 2n, -2n, 7n, 31n, 63n, 64n, 65n, 0x80n, 0x8000n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n,
    0x0123456789abcdefn, 1n << 63n, (1n << 63n) + 1n, (1n << 63n) - 1n, (1n << 53n) + 1n, (1n << 24n) + 1n, 0x7fffff4000000001n, 0x8000008000000001n]
      .map((v) => hex(v, 16)),
  f32: ['00000000', '80000000', '3f800000', 'bf800000', '3f000000', 'bf000000', '3fc00000', 'c0200000', '3effffff', '00000001',
    '80000001', '007fffff', '00800000', '7f7fffff', 'ff7fffff', '7f800000', 'ff800000', '7fc00000', 'ffc00000', '7f800001', 'ffa00000',
    '7fc12345', '4f000000', '4effffff', 'cf000000', 'cf000001', '4f800000', '4f7fffff', '5f000000', 'df000000', '5f7fffff', '5f800000',
    'bf7fffff', '4b000001', '4b7fffff', '40490fdb'],
  f64: ['0000000000000000', '8000000000000000', '3ff0000000000000', 'bff0000000000000', '3fe0000000000000', 'bfe0000000000000',
    '3ff8000000000000', 'c004000000000000', '3fdfffffffffffff', '0000000000000001', '8000000000000001', '000fffffffffffff',
    '0010000000000000', '7fefffffffffffff', 'ffefffffffffffff', '7ff0000000000000', 'fff0000000000000', '7ff8000000000000',
    'fff8000000000000', '7ff0000000000001', 'fff4000000000000', '7ff8123456789abc', '41e0000000000000', '41dfffffffffffff',
    '41dfffffffc00000', 'c1e0000000000000', 'c1e0000000200000', 'c1e00000001fffff', '41f0000000000000', '41efffffffffffff', '43e0000000000000', '43dfffffffffffff',
    'c3e0000000000000', 'c3e0000000000001', '43f0000000000000', '43efffffffffffff', 'bfefffffffffffff', '4330000000000001',
    '4340000000000001', '47efffffe0000000', '47efffffefffffff', '47effffff0000000', '36a0000000000000', '3690000000000001', '3690000000000000',
    '380fffffe0000000', '3ff0000010000000', '3ff0000030000000', '3ff0000010000001', '400921fb54442d18'],
};

/** Pairs are made of the first ones only: the rest are rounding boundaries of conversions. */
const paired = (type, params) => (params.length === 2 ? values[type].slice(0, 24) : values[type]);

function numericOps() {
  const ops = [];
  const add = (names, params, result, nan) => names.split(' ').forEach((name) => ops.push({ name, params, result, nan }));
  for (const t of ['i32', 'i64']) {
    add(`${t}.clz ${t}.ctz ${t}.popcnt ${t}.extend8_s ${t}.extend16_s`, [t], t);
    add(`${t}.eqz`, [t], 'i32');
    add(['add', 'sub', 'mul', 'div_s', 'div_u', 'rem_s', 'rem_u', 'and', 'or', 'xor', 'shl', 'shr_s', 'shr_u', 'rotl', 'rotr']
      .map((o) => `${t}.${o}`).join(' '), [t, t], t);
    add(['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'].map((o) => `${t}.${o}`).join(' '), [t, t], 'i32');
    for (const f of ['f32', 'f64']) {
      for (const s of ['s', 'u']) {
        add(`${t}.trunc_${f}_${s} ${t}.trunc_sat_${f}_${s}`, [f], t);
        add(`${f}.convert_${t}_${s}`, [t], f);
      }
    }
  }
  add('i64.extend32_s', ['i64'], 'i64');
  add('i32.wrap_i64', ['i64'], 'i32');
  add('i64.extend_i32_s i64.extend_i32_u', ['i32'], 'i64');
  for (const f of ['f32', 'f64']) {
    add(['abs', 'neg'].map((o) => `${f}.${o}`).join(' '), [f], f);
    add(['ceil', 'floor', 'trunc', 'nearest', 'sqrt'].map((o) => `${f}.${o}`).join(' '), [f], f, true);
    add(['add', 'sub', 'mul', 'div', 'min', 'max'].map((o) => `${f}.${o}`).join(' '), [f, f], f, true);
    add(`${f}.copysign`, [f, f], f);
    add(['eq', 'ne', 'lt', 'gt', 'le', 'ge'].map((o) => `${f}.${o}`).join(' '), [f, f], 'i32');
  }
  add('f32.demote_f64', ['f64'], 'f32', true);
  add('f64.promote_f32', ['f32'], 'f64', true);
  add('i32.reinterpret_f32', ['f32'], 'i32');
  add('f32.reinterpret_i32', ['i32'], 'f32');
  add('i64.reinterpret_f64', ['f64'], 'i64');
  add('f64.reinterpret_i64', ['i64'], 'f64');
  return ops;
}

const bitsOf = { i32: 'i32', i64: 'i64', f32: 'i32', f64: 'i64' };
const toBits = { i32: '', i64: '', f32: 'i32.reinterpret_f32', f64: 'i64.reinterpret_f64' };
const ofBits = { i32: '', i64: '', f32: 'f32.reinterpret_i32', f64: 'f64.reinterpret_i64' };
const isFloat = (t) => t[0] === 'f';

/** A constant with exactly these bits. */
function constant(type, bits) {
  if (!isFloat(type)) return `(${type}.const 0x${bits})`;
  const digits = width[type];
  const all = BigInt(`0x${bits}`);
  const mantissaBits = digits === 8 ? 23n : 52n;
  const sign = all >> BigInt(digits * 4 - 1) ? '-' : '';
  const exponentMask = digits === 8 ? 0xffn : 0x7ffn;
  const exponent = (all >> mantissaBits) & exponentMask;
  const mantissa = all & ((1n << mantissaBits) - 1n);
  if (exponent === exponentMask) {
    return `(${type}.const ${sign}${mantissa === 0n ? 'inf' : `nan:0x${mantissa.toString(16)}`})`;
  }
  const bias = digits === 8 ? 127n : 1023n;
  const shift = digits === 8 ? 1n : 0n;
  const power = (exponent === 0n ? 1n : exponent) - bias;
  const fraction = (mantissa << shift).toString(16).padStart(digits === 8 ? 6 : 13, '0');
  return `(${type}.const ${sign}0x${exponent === 0n ? 0 : 1}.${fraction}p${power})`;
}

function numeric() {
  const functions = [];
  const table = [];
  const define = (name, params, result, body, nan) => {
    const list = params.map((t) => ` (param ${t})`).join('');
    functions.push(`  (func (export "${name}")${list} (result ${result}) ${body})`);
    // V8 speaks of floats' bits only through integers, so each function has a second face without floats.
    const bits = params.map((t) => ` (param ${bitsOf[t]})`).join('');
    const gets = params.map((t, i) => `local.get ${i} ${ofBits[t]}`).join(' ');
    functions.push(`  (func (export "bits:${name}")${bits} (result ${bitsOf[result]}) ${gets} call ${functions.length - 1} ${toBits[result]})`);
    table.push({ name, params, result, nan });
  };
  for (const { name, params, result, nan } of numericOps()) {
    const gets = params.map((_, i) => `local.get ${i}`).join(' ');
    define(name, params, result, `${gets} ${name}`, nan);
    // In and around branches, where a compiler likes to fuse.
    if (result === 'i32' && /\.(eqz|eq|ne|lt|gt|le|ge)/.test(name)) {
      define(`${name}/if`, params, 'i32', `${gets} ${name} if (result i32) i32.const 11 else i32.const 22 end`);
      define(`${name}/not-if`, params, 'i32', `${gets} ${name} i32.eqz if (result i32) i32.const 11 else i32.const 22 end`);
      define(`${name}/br_if`, params, 'i32', `block ${gets} ${name} br_if 0 i32.const 11 return end i32.const 22`);
      define(`${name}/not-br_if`, params, 'i32', `block ${gets} ${name} i32.eqz br_if 0 i32.const 11 return end i32.const 22`);
      define(`${name}/value-br_if`, params, 'i32', `block (result i32) i32.const 5 ${gets} ${name} br_if 0 drop i32.const 6 end`);
      define(`${name}/select`, params, 'i32', `i32.const 11 i32.const 22 ${gets} ${name} select`);
      define(`${name}/not-not`, params, 'i32', `${gets} ${name} i32.eqz i32.eqz`);
    }
    // With a constant operand, where a compiler likes to simplify.
    if (params.length === 2) {
      for (const bits of paired(params[1], params)) {
        define(`${name}/const ${bits}`, [params[0]], result, `local.get 0 ${constant(params[1], bits)} ${name}`, nan);
        define(`${name}/const-first ${bits}`, [params[0]], result, `${constant(params[0], bits)} local.get 0 ${name}`, nan);
      }
    }
  }
  const instance = new WebAssembly.Instance(assemble('numeric', `(module\n${functions.join('\n')}\n)`));
  const lines = ['# written by build.mjs; a result: bits, or a trap, or ~c ~a for a canonical or arithmetic NaN; pairs of the first 24 values'];
  for (const type of Object.keys(values)) lines.push(`values ${type} ${values[type].join(' ')}`);
  for (const { name, params, result, nan } of table) {
    lines.push(`op ${params.join(' ')} -> ${result} ${name}`);
    const combinations = params.reduce((all, t) => all.flatMap((head) => paired(t, params).map((v) => [...head, v])), [[]]);
    const given = (name.match(/\/const\S* (\w+)/) ?? [])[1];
    lines.push(compress(combinations.map((arguments_) => {
      let bits;
      try {
        bits = instance.exports[`bits:${name}`](...arguments_.map((a, i) => (width[params[i]] === 16 ? BigInt(`0x${a}`) : parseInt(a, 16))));
      } catch (error) {
        return trapOf(error, arguments_.some((a, i) => isNan(params[i], a)));
      }
      const text = hex(bits, width[result]);
      if (nan && isNan(result, text)) {
        const inputs = arguments_.map((a, i) => [params[i], a]);
        if (given) inputs.push([params[0], given]);
        return inputs.every(([t, a]) => !isNan(t, a) || isCanonical(t, a)) ? '~c' : '~a';
      }
      return text;
    })));
  }
  write('numeric', lines);
}

/** Runs of the same result as RESULT*COUNT; leading zeros left away. */
function compress(results) {
  const runs = [];
  for (const result of results.map((r) => (/^[0-9a-f]+$/.test(r) ? r.replace(/^0+(?=.)/, '') : r))) {
    const last = runs[runs.length - 1];
    if (last && last[0] === result) last[1]++;
    else runs.push([result, 1]);
  }
  return runs.map(([result, count]) => (count === 1 ? result : `${result}*${count}`)).join(' ');
}

function isNan(type, bits) {
  if (!isFloat(type)) return false;
  const magnitude = BigInt(`0x${bits}`) & (type === 'f32' ? 0x7fffffffn : 0x7fffffffffffffffn);
  return magnitude > (type === 'f32' ? 0x7f800000n : 0x7ff0000000000000n);
}

function isCanonical(type, bits) {
  return (type === 'f32' ? /^[7f]fc00000$/ : /^[7f]ff8000000000000$/).test(bits);
}

// ---- loads and stores -----------------------------------------------------------------------------------------------

const loads = { i32: ['load', 'load8_s', 'load8_u', 'load16_s', 'load16_u'], f32: ['load'], f64: ['load'],
  i64: ['load', 'load8_s', 'load8_u', 'load16_s', 'load16_u', 'load32_s', 'load32_u'] };
const stores = { i32: ['store', 'store8', 'store16'], i64: ['store', 'store8', 'store16', 'store32'], f32: ['store'], f64: ['store'] };
const offsets = [0, 1, 2, 4, 8, 65528, 65532, 65534, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff];
const addresses = [0, 1, 2, 3, 5, 8, 100, 65520, 65528, 65529, 65532, 65533, 65534, 65535, 65536, 0x7fff0000, 0x7ffffff8,
  0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffff8, 0xffffffff];

function memory() {
  const functions = [];
  const table = [];
  for (const [type, ops] of Object.entries(loads)) {
    for (const op of ops) {
      for (const offset of offsets) {
        const name = `${type}.${op} offset=${offset}`;
        functions.push(`  (func (export "${name}") (param i32) (result ${bitsOf[type]}) local.get 0 ${name} align=1 ${toBits[type]})`);
        table.push({ name, kind: 'load', type });
      }
      for (const address of addresses) {
        const name = `${type}.${op} address=${address}`;
        functions.push(`  (func (export "${name}") (result ${bitsOf[type]}) i32.const ${address} ${type}.${op} offset=4 ${toBits[type]})`);
        table.push({ name, kind: 'constant', type });
      }
    }
  }
  for (const [type, ops] of Object.entries(stores)) {
    for (const op of ops) {
      for (const offset of offsets) {
        const name = `${type}.${op} offset=${offset}`;
        functions.push(`  (func (export "${name}") (param i32 ${bitsOf[type]}) local.get 0 local.get 1 ${ofBits[type]} ${name} align=1)`);
        table.push({ name, kind: 'store', type });
      }
    }
  }
  const data = Array.from({ length: 65536 }, (_, i) => `\\${hex((i * 167 + (i >> 7) + 3) & 0xff, 2)}`).join('');
  const text = `(module\n  (memory (export "memory") 1 3)\n${functions.join('\n')}\n  (data (i32.const 0) "${data}"))`;
  const instance = new WebAssembly.Instance(assemble('memory', text));
  const lines = ['# written by build.mjs', `addresses ${addresses.join(' ')}`];
  const attempt = (name, digits, ...arguments_) => {
    try {
      const result = instance.exports[name](...arguments_);
      return result === undefined ? 'ok' : hex(result, digits);
    } catch (error) {
      return trapOf(error);
    }
  };
  for (const { name, kind, type } of table) {
    lines.push(`${kind} ${type} ${name}`);
    if (kind === 'store') {
      const results = addresses.map((address) => {
        const value = 0x9182a3b4c5d6e7f8n ^ BigInt(address);
        return attempt(name, 0, address | 0, width[type] === 16 ? value : Number(BigInt.asIntN(32, value)));
      });
      const crc = zlib.crc32(new Uint8Array(instance.exports.memory.buffer));
      lines.push(`${compress(results)} ${hex(crc, 8)}`);
    } else {
      lines.push(compress(kind === 'load' ? addresses.map((a) => attempt(name, width[type], a | 0)) : [attempt(name, width[type])]));
    }
  }
  write('memory', lines);
}

// ---- modules written by hand ----------------------------------------------------------------------------------------

function convert(text) {
  const [type, value] = text.split(':');
  switch (type) {
    case 'i32': return Number(BigInt.asIntN(32, BigInt(value)));
    case 'i64': return BigInt(value);
    case 'f32': case 'f64': return Number(value);
    case 'extern': return value === 'null' ? null : value;
    case 'func': return null;
    default: throw new Error(`unknown type in ${text}`);
  }
}

/** V8 has one message for two traps of ours: the source says which it is. */
function finerTrap(kind, finer) {
  const pairs = { UNDEFINED_ELEMENT: 'TABLE_OUT_OF_BOUNDS', UNINITIALIZED_ELEMENT: 'INDIRECT_CALL_TYPE_MISMATCH' };
  if (finer && pairs[finer] !== kind) throw new Error(`V8 says ${kind}, the source ${finer}`);
  return finer ?? kind;
}

/** A result with its type as the text of the table. JavaScript does not say which type it had; the table does not need it. */
function show(value) {
  if (value === null) return 'null';
  if (typeof value === 'function') return 'func';
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'number' && Object.is(value, -0)) return '-0';
  return String(value);
}

function calls(name) {
  const source = fs.readFileSync(path.join(here, `${name}.wat`), 'utf8');
  const instance = new WebAssembly.Instance(assemble(name));
  const lines = ['# written by build.mjs'];
  for (const [, line] of source.matchAll(/^\s*;;> (.*)$/gm)) {
    const [call, finer] = line.trim().split(' ! ');
    const [field, ...arguments_] = call.split(/\s+/);
    let answer;
    try {
      const result = instance.exports[field](...arguments_.map(convert));
      answer = (Array.isArray(result) ? result : result === undefined ? [] : [result]).map(show).join(' ');
    } catch (error) {
      answer = `trap ${finerTrap(trapOf(error), finer)}`;
    }
    lines.push(`${call} = ${answer}`);
  }
  write(name, lines);
}

function write(name, lines) {
  fs.writeFileSync(path.join(out, `${name}.txt`), `${lines.map((l) => l.trimEnd()).join('\n')}\n`);
}

fs.mkdirSync(out, { recursive: true });
numeric();
memory();
for (const file of fs.readdirSync(here)) {
  const name = file.replace(/\.wat$/, '');
  if (name === file) continue;
  if (fs.readFileSync(path.join(here, file), 'utf8').includes(';;> ')) calls(name);
  else assemble(name);
}
