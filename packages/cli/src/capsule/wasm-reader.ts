/**
 * Reads a WebAssembly binary front to back.
 */

/** A place in a binary, and what is read from there on. */
export class WasmReader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
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
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.unsigned() }, read);
  }
}

/** A section of a module: from its first byte after the length to one past its last. */
export interface WasmSection {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

const HEADER_BYTES = 8;

/** All sections of a module, in their order. */
export function sectionsOf(bytes: Uint8Array): readonly WasmSection[] {
  const sections: WasmSection[] = [];
  const reader = new WasmReader(bytes, HEADER_BYTES);
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const length = reader.unsigned();
    sections.push({ id, start: reader.at, end: reader.at + length });
    reader.at += length;
  }
  return sections;
}
