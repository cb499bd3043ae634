/**
 * The lists that `inos hash --check` reads: which files shall have which digests. As with `sha256sum`, a line that says
 * nothing of the kind is counted and passed over.
 */
import type { HashAlgorithm, HashFunction } from '@inos/mining';
import { parseChecksumLine } from './checksum-line.js';

/** What a file's digest shall be. */
export interface Expected {
  readonly name: string;
  readonly digest: Uint8Array;
  readonly hashFunction: HashFunction;
}

/** How lines without a tag are meant. */
export interface ListDefaults {
  readonly algorithm: HashAlgorithm;
  readonly hashFunction: HashFunction;
  /** How many bytes of BLAKE3's output, if not its digest. */
  readonly length: number | undefined;
}

/** A list, read. */
export interface ChecksumList {
  readonly expected: readonly Expected[];
  /** How many lines are neither such a line nor empty nor a comment. */
  readonly malformed: number;
}

const BY_TAG: Readonly<Record<string, HashAlgorithm>> = {
  SHA256: 'sha256',
  SHA512: 'sha512',
  BLAKE3: 'blake3',
};

const DIGEST_BYTES: Readonly<Record<HashAlgorithm, number>> = {
  sha256: 32,
  sha256d: 32,
  sha512: 64,
  blake3: 32,
};

/** Reads a list. */
export function readChecksums(text: string, defaults: ListDefaults): ChecksumList {
  const expected: Expected[] = [];
  let malformed = 0;
  for (const ended of text.split('\n')) {
    const line = ended.endsWith('\r') ? ended.slice(0, -1) : ended;
    if (line === '' || line.startsWith('#')) continue;
    const checksum = readLine(line, defaults);
    if (checksum === undefined) malformed++;
    else expected.push(checksum);
  }
  return { expected, malformed };
}

function readLine(line: string, defaults: ListDefaults): Expected | undefined {
  const checksum = parseChecksumLine(line);
  if (checksum === undefined) return undefined;
  const { name, digest, tag } = checksum;
  const algorithm = tag === undefined ? defaults.algorithm : BY_TAG[tag.toUpperCase()];
  if (algorithm === undefined) return undefined;
  const isOther = algorithm !== defaults.algorithm;
  // With a key all lines are codes by that key: other functions take none.
  if (isOther && typeof defaults.hashFunction === 'object') return undefined;
  const length = isOther ? undefined : defaults.length;
  if (digest.length !== (length ?? DIGEST_BYTES[algorithm])) return undefined;
  return { name, digest, hashFunction: isOther ? algorithm : defaults.hashFunction };
}
