/** What is fuzzed, by which bytes: those that were findings once, those that reach what was ever reached, and any. */
import fc from 'fast-check';
import { kernel } from './kernel.js';
import { ledger } from './ledger.js';
import { ring } from './ring.js';
import { tables } from './tables.js';
import corpus from './corpus.json';
import findings from './findings.json';

/** Something that is fed with bytes. */
export type Target = (bytes: Uint8Array) => void | Promise<void>;

/** A target's name. */
export type TargetName = keyof typeof findings;

const MOST_BYTES = 400;

/** Each target, and how often a run of the tests feeds it. */
export const TARGETS: Readonly<Record<TargetName, readonly [Target, number]>> = {
  ring: [ring, 2000],
  tables: [tables, 2000],
  ledger: [ledger, 200],
  kernel: [kernel, 150],
};

/** Bytes as they are kept. */
export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));

/** The inputs of a target that were findings, and those that reach what others don't. */
export function keptOf(name: TargetName): {
  readonly findings: string[];
  readonly corpus: string[];
} {
  return { findings: findings[name], corpus: corpus[name].inputs };
}

/** Any bytes, and bytes of which a piece is replaced in an input that was kept. */
export function anyBytes(kept: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const any = fc.uint8Array({ maxLength: MOST_BYTES, size: 'max' });
  if (kept.length === 0) return any;
  const place = fc.nat(MOST_BYTES);
  const changed = fc
    .tuple(fc.constantFrom(...kept), place, fc.nat(8), fc.uint8Array({ maxLength: 16 }))
    .map(([bytes, at, removed, added]) => {
      const start = at % (bytes.length + 1);
      const [before, after] = [bytes.subarray(0, start), bytes.subarray(start + removed)];
      return Uint8Array.from([...before, ...added, ...after]).subarray(0, MOST_BYTES);
    });
  return fc.oneof(any, changed);
}

/** Runs a target; what it throws names its input, to be kept among the findings. */
export async function run(name: string, target: Target, bytes: Uint8Array): Promise<void> {
  try {
    await target(bytes);
  } catch (cause) {
    throw new Error(`${name}: "${hexOf(bytes)}": ${String(cause)}`, { cause });
  }
}
