/**
 * Walks over the instructions of WebAssembly code: what capsules are compiled to has MVP, sign extension, saturating
 * conversions, bulk memory, reference types, several values, threads and SIMD. All else is refused.
 */
import type { WasmReader } from './wasm-reader.js';

/** Opcodes that matter to who walks. */
export const Opcode = {
  UNREACHABLE: 0x00,
  IF: 0x04,
  END: 0x0b,
  GLOBAL_GET: 0x23,
  GLOBAL_SET: 0x24,
  I32_CONST: 0x41,
  I32_GT_U: 0x4b,
  I32_ADD: 0x6a,
  I32_SUB: 0x6b,
} as const;

/** What follows an opcode. */
type Immediates = (reader: WasmReader) => void;

/** What follows opcodes of a range, from the first to the last. */
type Row = readonly [first: number, last: number, immediates: Immediates];

/** So many LEB128 numbers: indices, block types, constants. */
function numbers(count: number): Immediates {
  return (reader) => {
    for (let index = 0; index < count; index++) reader.unsigned();
  };
}

/** So many bytes: floats, vectors, lanes. */
function bytes(count: number): Immediates {
  return (reader) => {
    reader.at += count;
  };
}

const nothing = bytes(0);

function listOfNumbers(reader: WasmReader): void {
  reader.list(() => reader.unsigned());
}

/** An alignment and an offset; a bit in the former would say that a memory's index lies between. */
function address(reader: WasmReader): void {
  if (reader.unsigned() >= 0x40) throw new RangeError('the module has several memories');
  reader.unsigned();
}

const PLAIN: readonly Row[] = [
  [0x00, 0x01, nothing], // unreachable, nop
  [0x02, 0x04, numbers(1)], // block, loop, if
  [0x05, 0x05, nothing], // else
  [0x0b, 0x0b, nothing], // end
  [0x0c, 0x0d, numbers(1)], // br, br_if
  // br_table: its list, then the default
  [0x0e, 0x0e, both(listOfNumbers, numbers(1))],
  [0x0f, 0x0f, nothing], // return
  [0x10, 0x10, numbers(1)], // call
  [0x11, 0x11, numbers(2)], // call_indirect
  [0x1a, 0x1b, nothing], // drop, select
  [0x1c, 0x1c, listOfNumbers], // select with types
  [0x20, 0x26, numbers(1)], // local.*, global.*, table.get, table.set
  [0x28, 0x3e, address], // loads and stores
  [0x3f, 0x42, numbers(1)], // memory.size, memory.grow, i32.const, i64.const
  [0x43, 0x43, bytes(4)], // f32.const
  [0x44, 0x44, bytes(8)], // f64.const
  [0x45, 0xc4, nothing], // comparisons, arithmetic, conversions, sign extension
  [0xd0, 0xd0, numbers(1)], // ref.null
  [0xd1, 0xd1, nothing], // ref.is_null
  [0xd2, 0xd2, numbers(1)], // ref.func
  [0xfc, 0xfc, prefixed('0xfc', () => BULK)],
  [0xfd, 0xfd, prefixed('0xfd', () => SIMD)],
  [0xfe, 0xfe, prefixed('0xfe', () => THREADS)],
];

/** Saturating conversions, bulk memory, tables. */
const BULK: readonly Row[] = [
  [0, 7, nothing], // *.trunc_sat_*
  [8, 8, numbers(2)], // memory.init
  [9, 9, numbers(1)], // data.drop
  [10, 10, numbers(2)], // memory.copy
  [11, 11, numbers(1)], // memory.fill
  [12, 12, numbers(2)], // table.init
  [13, 13, numbers(1)], // elem.drop
  [14, 14, numbers(2)], // table.copy
  [15, 17, numbers(1)], // table.grow, table.size, table.fill
];

/** Relaxed SIMD, from 256 on, isn't among them: its results may differ. */
const SIMD: readonly Row[] = [
  [0, 11, address], // v128.load*, v128.store
  [12, 13, bytes(16)], // v128.const, i8x16.shuffle
  [14, 20, nothing], // i8x16.swizzle, *.splat
  [21, 34, bytes(1)], // *.extract_lane, *.replace_lane
  [35, 83, nothing],
  [84, 91, both(address, bytes(1))], // v128.load*_lane, v128.store*_lane
  [92, 93, address], // v128.load*_zero
  [94, 255, nothing],
];

const THREADS: readonly Row[] = [
  [0, 2, address], // memory.atomic.notify, wait32, wait64
  [3, 3, bytes(1)], // atomic.fence
  [0x10, 0x4e, address],
];

function both(first: Immediates, second: Immediates): Immediates {
  return (reader) => {
    first(reader);
    second(reader);
  };
}

function prefixed(prefix: string, rows: () => readonly Row[]): Immediates {
  return (reader) => {
    const opcode = reader.unsigned();
    immediatesOf(rows(), opcode, `${prefix} ${opcode}`)(reader);
  };
}

function immediatesOf(rows: readonly Row[], opcode: number, name: string): Immediates {
  const row = rows.find(([first, last]) => opcode >= first && opcode <= last);
  if (row === undefined) throw new RangeError(`the module has an unknown instruction, ${name}`);
  return row[2];
}

/**
 * Goes from behind an opcode to the next instruction.
 *
 * @throws RangeError for what capsules aren't compiled to
 */
export function skipImmediates(reader: WasmReader, opcode: number): void {
  immediatesOf(PLAIN, opcode, `0x${opcode.toString(16)}`)(reader);
}
