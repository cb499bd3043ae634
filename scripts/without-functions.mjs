// `node scripts/without-functions.mjs LIST FROM TO`: copies a module, which still has its functions' names, without those
// that a list names and without what only they reach. What is left out is still there, and traps when it is called:
// all indices stay, and with them every other byte.
//
// The list is a JSON file: `cut` has functions' names, as Rust's paths; `no` has that of the function that says whether all
// of them are there, and says no in the copy.
import { readFileSync, writeFileSync } from 'node:fs';
import { loadCapsuleCode } from './capsule-code.mjs';
import { Failure, isMain, main, say } from './process.mjs';

const SECTION = { CUSTOM: 0, EXPORT: 7, START: 8, ELEMENT: 9, CODE: 10 };
const KIND_FUNCTION = 0;
const NAMES = { SECTION: 'name', FUNCTIONS: 1 };
const OPCODE = { UNREACHABLE: 0x00, CALL: 0x10, I32_CONST: 0x41, END: 0x0b, REF_FUNC: 0xd2 };
/** Bodies without locals: `unreachable`, and `0`. */
const TRAPS = Uint8Array.of(0, OPCODE.UNREACHABLE, OPCODE.END);
const SAYS_NO = Uint8Array.of(0, OPCODE.I32_CONST, 0, OPCODE.END);
/** Equal functions are made one by the compiler, under the name of either: small ones may be others', too. */
const FEWEST_BYTES = 1000;

/** A module that is read function by function. */
class Functions {
  #code;
  #bytes;
  #sections;
  #imported;

  constructor(code, bytes) {
    this.#code = code;
    this.#bytes = bytes;
    this.#sections = code.sectionsOf(bytes);
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
    this.#imported = imports.filter(({ kind }) => kind === 'function').length;
  }

  #readers(id) {
    const sections = this.#sections.filter((section) => section.id === id);
    return sections.map(({ start, end }) => ({ reader: this.#reader(start), end }));
  }

  #reader(at) {
    return new this.#code.WasmReader(this.#bytes, at);
  }

  /** Names by index. */
  names() {
    const names = new Map();
    for (const { reader, end } of this.#readers(SECTION.CUSTOM)) {
      if (reader.text() !== NAMES.SECTION) continue;
      while (reader.at < end) {
        const id = reader.byte();
        const next = reader.unsigned() + reader.at;
        if (id === NAMES.FUNCTIONS) reader.list(() => names.set(reader.unsigned(), reader.text()));
        reader.at = next;
      }
    }
    return names;
  }

  /** Those that are reached from outside the code: exports, the start, elements of tables. */
  roots() {
    const roots = [];
    for (const { reader } of this.#readers(SECTION.EXPORT)) {
      const exports = reader.list(() => [reader.text(), reader.byte(), reader.unsigned()]);
      roots.push(...exports.filter(([, kind]) => kind === KIND_FUNCTION).map(([, , at]) => at));
    }
    for (const { reader } of this.#readers(SECTION.START)) roots.push(reader.unsigned());
    for (const { reader } of this.#readers(SECTION.ELEMENT)) {
      reader.list(() => {
        // An active segment of the first table, from a constant on: what the linker writes.
        const isPlain = reader.unsigned() === 0 && reader.byte() === OPCODE.I32_CONST;
        reader.unsigned();
        if (!isPlain || reader.byte() !== OPCODE.END) throw new Failure('elements are not plain');
        roots.push(...reader.list(() => reader.unsigned()));
      });
    }
    return roots;
  }

  /** Bodies, where they lie, and what each refers to, by index. */
  bodies() {
    const bodies = new Map();
    const [{ reader }] = this.#readers(SECTION.CODE);
    const count = reader.unsigned();
    for (let index = this.#imported; index < this.#imported + count; index++) {
      const length = reader.unsigned();
      const [start, end] = [reader.at, reader.at + length];
      bodies.set(index, { start, end, refers: this.#references(reader, end) });
    }
    return bodies;
  }

  #references(reader, end) {
    const refers = new Set();
    reader.list(() => [reader.unsigned(), reader.byte()]);
    while (reader.at < end) {
      const opcode = reader.byte();
      const { at } = reader;
      this.#code.skipImmediates(reader, opcode);
      if (opcode === OPCODE.CALL || opcode === OPCODE.REF_FUNC) {
        refers.add(this.#reader(at).unsigned());
      }
    }
    return refers;
  }

  /** The module with other bodies in place of some. */
  with(bodies, others) {
    const { concatenate, leb, sized } = this.#code;
    const code = [...bodies].flatMap(([index, { start, end }]) => {
      const body = others.get(index) ?? this.#bytes.subarray(start, end);
      return [leb(body.length), body];
    });
    const parts = this.#sections.flatMap(({ id, start, end }) =>
      id === SECTION.CODE
        ? sized(id, [leb(bodies.size), ...code])
        : sized(id, [this.#bytes.subarray(start, end)]),
    );
    const module = concatenate([this.#bytes.subarray(0, 8), ...parts]);
    // Says so if it is none any more.
    new WebAssembly.Module(module);
    return module;
  }
}

/** The functions of a name, for whatever types and closures, but not those within them. */
function named(names, name) {
  const isNamed = (other) =>
    other === name || (other.startsWith(`${name}::<`) && other.endsWith('>'));
  const found = [...names].filter(([, other]) => isNamed(other));
  if (found.length === 0) throw new Failure(`there is no function ${name}`);
  return found.map(([index]) => index);
}

/** Those that are to be cut. */
function namedLarge(names, bodies, name) {
  const found = named(names, name);
  for (const index of found) {
    const { start, end } = bodies.get(index);
    if (end - start >= FEWEST_BYTES) continue;
    throw new Failure(`${name} has ${end - start} bytes, and must have ${FEWEST_BYTES} at least`);
  }
  return found;
}

/** What is reached from some functions, themselves among it, if others refer to nothing. */
function reached(from, bodies, others) {
  const seen = new Set();
  const queue = [...from];
  for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
    if (seen.has(index)) continue;
    seen.add(index);
    if (!others.has(index)) queue.push(...(bodies.get(index)?.refers ?? []));
  }
  return seen;
}

/**
 * A module without some functions.
 *
 * @param {Awaited<ReturnType<typeof loadCapsuleCode>>} code - the readers and writers of modules
 * @param {Uint8Array} bytes - the module, with its functions’ names
 * @param {{ no: string, cut: readonly string[] }} list
 * @throws Failure if a name is that of no function, or of a small one
 */
export function withoutFunctions(code, bytes, { no, cut }) {
  const functions = new Functions(code, bytes);
  const names = functions.names();
  const bodies = functions.bodies();
  const traps = cut.flatMap((name) => namedLarge(names, bodies, name));
  const others = new Map(traps.map((index) => [index, TRAPS]));
  for (const index of named(names, no)) others.set(index, SAYS_NO);
  const live = reached(functions.roots(), bodies, others);
  for (const index of bodies.keys()) if (!live.has(index)) others.set(index, TRAPS);
  return { bytes: functions.with(bodies, others), left: others.size - 1, of: bodies.size };
}

if (isMain(import.meta)) {
  await main(async () => {
    const [file, from, to] = process.argv.slice(2);
    const code = await loadCapsuleCode('instructions', 'wasm-reader', 'wasm-writer');
    const list = JSON.parse(readFileSync(file, 'utf8'));
    const { bytes, left, of } = withoutFunctions(code, new Uint8Array(readFileSync(from)), list);
    writeFileSync(to, bytes);
    say(`${left} of ${of} functions are left out of ${to}`);
  });
}
