/**
 * Bytes as text and back. Plain JavaScript, so that it is the same in Node, browsers and edge runtimes.
 */

const encoder = new TextEncoder();

/** Bytes that WebCrypto takes: never over shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Text as UTF-8. */
export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** Bytes as lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Bytes from hexadecimal digits, or undefined for any other text. */
export function fromHex(text: string): Bytes | undefined {
  if (text.length % 2 !== 0 || !/^[\da-f]*$/i.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}

/** Bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Bytes from base64, or undefined for any other text. */
export function fromBase64(text: string): Bytes | undefined {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Bytes as base64 with the alphabet for URLs and without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Bytes from such text; undefined for any other, also for another spelling of the same bytes. */
export function fromBase64Url(text: string): Bytes | undefined {
  const bytes = /^[\w-]*$/.test(text)
    ? fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'))
    : undefined;
  return bytes !== undefined && toBase64Url(bytes) === text ? bytes : undefined;
}

/** UTF-8 as text, or undefined if it is none. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The number that bytes stand for, the most significant first. */
export function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x0${toHex(bytes)}`);
}

/** A number of 256 bits as 32 bytes, the most significant first. */
export function toBytes32(value: bigint): Bytes {
  const bytes = fromHex(value.toString(16).padStart(64, '0'));
  if (bytes?.length !== 32) throw new RangeError(`${value} has more than 256 bits`);
  return bytes;
}
