/**
 * What a WebAssembly module says about itself that `WebAssembly.Module` doesn't tell: the limits of its memory, its
 * globals' values and its data segments.
 */

const SECTION = { IMPORT: 2, GLOBAL: 6, EXPORT: 7, DATA: 11 } as const;
const KIND_MEMORY = 2;
const KIND_GLOBAL = 3;
const HEADER_BYTES = 8;

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

/** Reads a binary front to back. */
class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new RangeError('the module ends too early');
    return byte;
  }

  /** An unsigned LEB128 number. */
  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** A signed LEB128 number of 32 bits, as the unsigned number of the same bits. */
  address(): number {
    const start = this.at;
    const value = this.unsigned();
    const bits = 7 * (this.at - start);
    const isNegative = bits < 32 && value >= 2 ** (bits - 1);
    return (isNegative ? value - 2 ** bits : value) >>> 0;
  }

  text(): string {
    const length = this.unsigned();
    this.at += length;
    return new TextDecoder().decode(this.#bytes.subarray(this.at - length, this.at));
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.unsigned() }, read);
  }

  /** The value of a constant expression if it is one plain number, else undefined. */
  constant(): number | undefined {
    const [I32_CONST, I64_CONST, GLOBAL_GET, END] = [0x41, 0x42, 0x23, 0x0b];
    const opcode = this.byte();
    if (![I32_CONST, I64_CONST, GLOBAL_GET].includes(opcode)) {
      throw new RangeError(`a constant begins with opcode ${opcode}`);
    }
    const value = opcode === I32_CONST ? this.address() : this.unsigned();
    if (this.byte() !== END) throw new RangeError('a constant is no single number');
    return opcode === I32_CONST ? value : undefined;
  }

  memory(): ImportedMemory {
    const [HAS_MAXIMUM, SHARED, INDEX_64] = [1, 2, 4];
    const flags = this.byte();
    this.unsigned();
    return {
      isShared: (flags & SHARED) !== 0,
      is64Bit: (flags & INDEX_64) !== 0,
      maximumPages: (flags & HAS_MAXIMUM) === 0 ? undefined : this.unsigned(),
    };
  }
}

function readMemory(reader: Reader): ImportedMemory | undefined {
  let memory: ImportedMemory | undefined;
  const count = reader.unsigned();
  // Other imports' types aren't read: a capsule has none, and `imports` says so if it has.
  for (let index = 0; index < count && memory === undefined; index++) {
    reader.text();
    reader.text();
    if (reader.byte() !== KIND_MEMORY) break;
    memory = reader.memory();
  }
  return memory;
}

function readGlobals(reader: Reader): readonly (number | undefined)[] {
  return reader.list(() => {
    reader.at += 2;
    return reader.constant();
  });
}

function readExportedGlobals(reader: Reader): readonly (readonly [string, number])[] {
  const exports = reader.list(() => [reader.text(), reader.byte(), reader.unsigned()] as const);
  return exports.flatMap(([name, kind, index]) => (kind === KIND_GLOBAL ? [[name, index]] : []));
}

function readData(reader: Reader): { readonly bytes: number; readonly hasActive: boolean } {
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
  const sections = new Map<number, Reader>();
  const reader = new Reader(bytes, HEADER_BYTES);
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const length = reader.unsigned();
    sections.set(id, new Reader(bytes, reader.at));
    reader.at += length;
  }
  const read = <T>(id: number, from: (section: Reader) => T, none: T): T => {
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
