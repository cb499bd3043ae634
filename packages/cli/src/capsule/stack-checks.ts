/**
 * Has a capsule's module trap when a stack overflows.
 *
 * WebAssembly has no pages that trap: a frame that lies beyond its stack's end would overwrite what lies below. So
 * wherever the module sets its stack pointer, it is made to compare it with `inos_stack_limit`, a global that the loader
 * sets for each thread. Nothing else is changed.
 */
import { Opcode, skipImmediates } from './instructions.js';
import { sectionsOf, WasmReader, type WasmSection } from './wasm-reader.js';
import { concatenate, leb, sized, sizeOf, type Bytes } from './wasm-writer.js';

/** The lowest address that the stack pointer may have. */
export const STACK_LIMIT = 'inos_stack_limit';
const STACK_POINTER = '__stack_pointer';

const SECTION = { GLOBAL: 6, EXPORT: 7, CODE: 10 } as const;
const KIND_GLOBAL = 3;
const TYPE = { I32: 0x7f, EMPTY: 0x40, OLDEST_REFERENCE: 0x6f } as const;
const MUTABLE = 1;
/** No stack is as large, and none lies lower: a pointer farther above the limit has wrapped around. */
const MOST_STACK_BYTES = 2 ** 24;

/** A module with its checks. */
export interface Checked {
  readonly bytes: Bytes;
  /** How many there are. */
  readonly checks: number;
}

/**
 * Adds the checks to a module.
 *
 * @throws RangeError if it has no stack pointer, has checks already, or instructions that capsules aren't compiled to
 * @throws WebAssembly.CompileError if it is no module
 */
export function addStackChecks(bytes: Bytes): Checked {
  const module = new WebAssembly.Module(bytes);
  const sections = sectionsOf(bytes);
  const imported = WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'global');
  const globals = requireSection(sections, SECTION.GLOBAL);
  const pointer = stackPointerOf(bytes, requireSection(sections, SECTION.EXPORT));
  const limit = imported.length + new WasmReader(bytes, globals.start).unsigned();
  const check = checkOf(pointer, limit);
  const code = checkedCode(bytes, requireSection(sections, SECTION.CODE), pointer, check);
  const parts = sections.flatMap((section) => {
    if (section.id === SECTION.GLOBAL) return longer(bytes, section, LIMIT_GLOBAL);
    if (section.id === SECTION.EXPORT) return longer(bytes, section, exportOf(limit));
    if (section.id === SECTION.CODE) return sized(SECTION.CODE, code.parts);
    return sized(section.id, [bytes.subarray(section.start, section.end)]);
  });
  const checked = concatenate([bytes.subarray(0, 8), ...parts]);
  // Says so if it was changed before: no two exports have one name.
  new WebAssembly.Module(checked);
  return { bytes: checked, checks: code.checks };
}

function requireSection(sections: readonly WasmSection[], id: number): WasmSection {
  const section = sections.find((item) => item.id === id);
  if (section === undefined) throw new RangeError(`the module has no section ${id}`);
  return section;
}

function stackPointerOf(bytes: Bytes, { start }: WasmSection): number {
  const reader = new WasmReader(bytes, start);
  const exports = reader.list(() => [reader.text(), reader.byte(), reader.unsigned()] as const);
  const found = exports.find(([name, kind]) => name === STACK_POINTER && kind === KIND_GLOBAL);
  if (found === undefined) throw new RangeError(`the module doesn’t export ${STACK_POINTER}`);
  return found[2];
}

/** A mutable i32 that begins with 0. */
const LIMIT_GLOBAL = Uint8Array.of(TYPE.I32, MUTABLE, Opcode.I32_CONST, 0, Opcode.END);

function exportOf(limit: number): Bytes {
  const name = new TextEncoder().encode(STACK_LIMIT);
  return concatenate([leb(name.length), name, Uint8Array.of(KIND_GLOBAL), leb(limit)]);
}

/** `if (pointer - limit > MOST_STACK_BYTES) unreachable`, unsigned: it is lower, or has wrapped around. */
function checkOf(pointer: number, limit: number): Bytes {
  return concatenate([
    Uint8Array.of(Opcode.GLOBAL_GET),
    leb(pointer),
    Uint8Array.of(Opcode.GLOBAL_GET),
    leb(limit),
    Uint8Array.of(Opcode.I32_SUB),
    Uint8Array.of(Opcode.I32_CONST),
    // Below 64 in its last byte, so that it is the same number signed.
    leb(MOST_STACK_BYTES),
    Uint8Array.of(Opcode.I32_GT_U),
    Uint8Array.of(Opcode.IF, TYPE.EMPTY, Opcode.UNREACHABLE, Opcode.END),
  ]);
}

function checkedCode(bytes: Bytes, section: WasmSection, pointer: number, check: Bytes) {
  const reader = new WasmReader(bytes, section.start);
  const count = reader.unsigned();
  const parts: Bytes[] = [leb(count)];
  let checks = 0;
  for (let index = 0; index < count; index++) {
    const length = reader.unsigned();
    const [start, end] = [reader.at, reader.at + length];
    const cuts = placesOf(reader, end, pointer);
    checks += cuts.length;
    const edges = [start, ...cuts, end];
    const pieces = edges.slice(1).map((to, piece) => bytes.subarray(edges[piece], to));
    const body = pieces.flatMap((piece, at) => (at === 0 ? [piece] : [check, piece]));
    parts.push(leb(sizeOf(body)), ...body);
  }
  return { parts, checks };
}

/** The places of a function right behind each instruction that sets the stack pointer, unless it gives a frame back. */
function placesOf(reader: WasmReader, end: number, pointer: number): number[] {
  reader.list(() => {
    reader.unsigned();
    if (reader.byte() < TYPE.OLDEST_REFERENCE) throw new RangeError('a local has an unknown type');
  });
  const places: number[] = [];
  let [previous, before] = [-1, -1];
  while (reader.at < end) {
    const opcode = reader.byte();
    const at = reader.at;
    skipImmediates(reader, opcode);
    if (opcode === Opcode.GLOBAL_SET && new WasmReader(reader.bytes, at).unsigned() === pointer) {
      const givesBack = previous === Opcode.I32_ADD && before === Opcode.I32_CONST;
      if (!givesBack) places.push(reader.at);
    }
    [before, previous] = [previous, opcode];
  }
  if (reader.at !== end || previous !== Opcode.END) throw new RangeError('a function has no end');
  return places;
}

/** A list's section with one item more. */
function longer(bytes: Bytes, { id, start, end }: WasmSection, item: Bytes): Bytes[] {
  const reader = new WasmReader(bytes, start);
  const count = reader.unsigned() + 1;
  return sized(id, [leb(count), bytes.subarray(reader.at, end), item]);
}
