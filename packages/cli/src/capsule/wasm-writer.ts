/**
 * Writes parts of a WebAssembly binary.
 */

/** A part of a module. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A section: its number, its length, its content. */
export function sized(id: number, parts: readonly Bytes[]): Bytes[] {
  return [Uint8Array.of(id), leb(sizeOf(parts)), ...parts];
}

/** How many bytes parts have together. */
export function sizeOf(parts: readonly Bytes[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** Parts as one. */
export function concatenate(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(sizeOf(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A number as unsigned LEB128. */
export function leb(value: number): Bytes {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.of(...bytes, rest);
    bytes.push((rest % 128) + 128);
  }
}
