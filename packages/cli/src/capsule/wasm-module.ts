/**
 * What a WebAssembly module says about itself that `WebAssembly.Module` doesn't tell: the limits of its memory, its
 * globals' values and its data segments.
 */
import { sectionsOf, WasmReader } from './wasm-reader.js';

const SECTION = { IMPORT: 2, GLOBAL: 6, EXPORT: 7, DATA: 11 } as const;
const KIND_MEMORY = 2;
const KIND_GLOBAL = 3;

/** The memory that a module imports. */
export interface ImportedMemory {
  readonly isShared: boolean;
  readonly is64Bit: boolean;
  readonly maximumPages: number | undefined;
}

/** A module's facts. */
export interface WasmModule {
  /** Such as `env.memory`. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly memory: ImportedMemory | undefined;
  /** The values of exported globals that are plain numbers. */
  readonly globals: ReadonlyMap<string, number>;
  /** Bytes of all data segments. */
  readonly dataBytes: number;
  /** Whether a segment is written whenever the module is instantiated. */
  readonly hasActiveData: boolean;
}

/** The value of a constant expression if it is one plain number, else undefined. */
function readConstant(reader: WasmReader): number | undefined {
  const [I32_CONST, I64_CONST, GLOBAL_GET, END] = [0x41, 0x42, 0x23, 0x0b];
  const opcode = reader.byte();
  if (![I32_CONST, I64_CONST, GLOBAL_GET].includes(opcode)) {
    throw new RangeError(`a constant begins with opcode ${opcode}`);
  }
  const value = opcode === I32_CONST ? reader.address() : reader.unsigned();
  if (reader.byte() !== END) throw new RangeError('a constant is no single number');
  return opcode === I32_CONST ? value : undefined;
}

function readMemoryType(reader: WasmReader): ImportedMemory {
  const [HAS_MAXIMUM, SHARED, INDEX_64] = [1, 2, 4];
  const flags = reader.byte();
  reader.unsigned();
  return {
    isShared: (flags & SHARED) !== 0,
    is64Bit: (flags & INDEX_64) !== 0,
    maximumPages: (flags & HAS_MAXIMUM) === 0 ? undefined : reader.unsigned(),
  };
}

function readMemory(reader: WasmReader): ImportedMemory | undefined {
  let memory: ImportedMemory | undefined;
  const count = reader.unsigned();
  // Other imports' types aren't read: a capsule has none, and `imports` says so if it has.
  for (let index = 0; index < count && memory === undefined; index++) {
    reader.text();
    reader.text();
    if (reader.byte() !== KIND_MEMORY) break;
    memory = readMemoryType(reader);
  }
  return memory;
}

function readGlobals(reader: WasmReader): readonly (number | undefined)[] {
  return reader.list(() => {
    reader.at += 2;
    return readConstant(reader);
  });
}

function readExportedGlobals(reader: WasmReader): readonly (readonly [string, number])[] {
  const exports = reader.list(() => [reader.text(), reader.byte(), reader.unsigned()] as const);
  return exports.flatMap(([name, kind, index]) => (kind === KIND_GLOBAL ? [[name, index]] : []));
}

function readData(reader: WasmReader): { readonly bytes: number; readonly hasActive: boolean } {
  const PASSIVE = 1;
  let [bytes, hasActive] = [0, false];
  const count = reader.unsigned();
  for (let index = 0; index < count; index++) {
    const flags = reader.unsigned();
    if (flags !== PASSIVE) {
      hasActive = true;
      break;
    }
    const length = reader.unsigned();
    bytes += length;
    reader.at += length;
  }
  return { bytes, hasActive };
}

/**
 * Reads a module's facts.
 *
 * @throws WebAssembly.CompileError if it is no module, RangeError if it has what no linker writes for capsules
 */
export function readModule(bytes: Uint8Array<ArrayBuffer>): WasmModule {
  const module = new WebAssembly.Module(bytes);
  const sections = new Map(
    sectionsOf(bytes).map(({ id, start }) => [id, new WasmReader(bytes, start)] as const),
  );
  const read = <T>(id: number, from: (section: WasmReader) => T, none: T): T => {
    const section = sections.get(id);
    return section ? from(section) : none;
  };
  const values = read(SECTION.GLOBAL, readGlobals, []);
  const data = read(SECTION.DATA, readData, { bytes: 0, hasActive: false });
  return {
    imports: WebAssembly.Module.imports(module).map((item) => `${item.module}.${item.name}`),
    exports: WebAssembly.Module.exports(module).map(({ name }) => name),
    memory: read(SECTION.IMPORT, readMemory, undefined),
    globals: new Map(
      read(SECTION.EXPORT, readExportedGlobals, []).flatMap(([name, index]) => {
        const value = values[index];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    dataBytes: data.bytes,
    hasActiveData: data.hasActive,
  };
}
