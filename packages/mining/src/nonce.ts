/**
 * How a nonce is written into a message. The twin of `crates/inos-mining/src/search/nonce.rs`.
 */
import { outOfRange, requireInteger, wrongType } from '@inos/sdk';
import { requireOptions } from '@inos/sdk/errors';
import { NonceFormat as FormatNumber } from './generated/mining.js';

/**
 * How a nonce is written: 4 or 8 bytes, the least significant first (`le`) or the most significant (`be`), over
 * what the header holds there; or ASCII digits, as few as the number has, between the header's bytes.
 */
export type NonceFormat = 'uint32-le' | 'uint32-be' | 'uint64-le' | 'uint64-be' | 'decimal';

/** What is to be known of a format. */
export interface FormatFacts {
  /** What stands for it in messages. */
  readonly number: FormatNumber;
  /** How many bytes of the header it overwrites. */
  readonly headerBytes: number;
  readonly lastNonce: bigint;
}

const LAST_OF_32_BITS = 2n ** 32n - 1n;
const LAST_OF_64_BITS = 2n ** 64n - 1n;

const FORMATS: Readonly<Record<NonceFormat, FormatFacts>> = {
  'uint32-le': {
    number: FormatNumber.UINT32LITTLE_ENDIAN,
    headerBytes: 4,
    lastNonce: LAST_OF_32_BITS,
  },
  'uint32-be': {
    number: FormatNumber.UINT32BIG_ENDIAN,
    headerBytes: 4,
    lastNonce: LAST_OF_32_BITS,
  },
  'uint64-le': {
    number: FormatNumber.UINT64LITTLE_ENDIAN,
    headerBytes: 8,
    lastNonce: LAST_OF_64_BITS,
  },
  'uint64-be': {
    number: FormatNumber.UINT64BIG_ENDIAN,
    headerBytes: 8,
    lastNonce: LAST_OF_64_BITS,
  },
  decimal: { number: FormatNumber.DECIMAL, headerBytes: 0, lastNonce: LAST_OF_64_BITS },
};

/** What is to be known of a format, by its name. */
export function requireFormat(value: unknown): FormatFacts {
  if (typeof value === 'string' && Object.hasOwn(FORMATS, value)) {
    return FORMATS[value as NonceFormat];
  }
  throw outOfRange('nonceFormat', Object.keys(FORMATS).join(', '), value);
}

/** What {@link searchMessage} needs of a search. */
export interface MessageOptions {
  readonly header: Uint8Array;
  /** @default 'uint32-le' */
  readonly nonceFormat?: NonceFormat;
  /** @default the last place where it fits */
  readonly nonceOffset?: number;
}

/**
 * The message that a search hashes for a nonce: to check one that was found with any implementation.
 *
 * @throws RangeError if the nonce doesn't fit its format or its place
 * @example
 * ```ts
 * const message = searchMessage({ header: salt, nonceFormat: 'decimal' }, outcome.nonce);
 * ```
 */
export function searchMessage(options: MessageOptions, nonce: number | bigint): Uint8Array {
  const { header, nonceFormat = 'uint32-le' } = requireOptions('options', options);
  if (!(header instanceof Uint8Array)) throw wrongType('header', 'a Uint8Array', header);
  const { headerBytes, lastNonce } = requireFormat(nonceFormat);
  const lastOffset = header.length - headerBytes;
  if (lastOffset < 0) throw outOfRange('header', `at least ${headerBytes} bytes long`, header);
  const offset = requireInteger('nonceOffset', options.nonceOffset ?? lastOffset, 0, lastOffset);
  const isInteger = typeof nonce === 'bigint' || Number.isSafeInteger(nonce);
  if (!isInteger || nonce < 0 || nonce > lastNonce) {
    throw outOfRange('nonce', `an integer from 0 to ${lastNonce}`, nonce);
  }
  const written = writeNonce(nonceFormat, BigInt(nonce));
  const message = new Uint8Array(lastOffset + written.length);
  message.set(header.subarray(0, offset));
  message.set(written, offset);
  message.set(header.subarray(offset + headerBytes), offset + written.length);
  return message;
}

function writeNonce(format: NonceFormat, nonce: bigint): Uint8Array {
  if (format === 'decimal') return new TextEncoder().encode(nonce.toString());
  const bytes = new Uint8Array(FORMATS[format].headerBytes);
  const view = new DataView(bytes.buffer);
  const isLittleEndian = format.endsWith('le');
  if (bytes.length === 4) view.setUint32(0, Number(nonce), isLittleEndian);
  else view.setBigUint64(0, nonce, isLittleEndian);
  return bytes;
}
