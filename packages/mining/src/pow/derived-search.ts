/**
 * Searches of puzzles whose digests the platform makes, one call for each: the capsule has no part in them.
 */
import type { Bytes } from './encoding.js';
import { isIn, type Puzzle } from './puzzle.js';

/** What a slice of a search came to. */
export interface TriedSlice {
  /** How many nonces were tried, exactly. */
  readonly tried: number;
  readonly found: { readonly nonce: number; readonly digest: Uint8Array } | undefined;
}

/**
 * Tries nonces in ascending order, as many at once as there may be threads: the lowest that qualifies.
 *
 * @param derive - the puzzle's
 */
export async function searchDerived(
  { range }: Pick<Puzzle, 'range'>,
  derive: (nonce: number) => Promise<Bytes>,
  nonces: { readonly first: number; readonly last: number },
  atOnce: number,
  signal?: AbortSignal,
): Promise<TriedSlice> {
  let next = nonces.first;
  let tried = 0;
  let lowest = Infinity;
  let digest: Bytes | undefined;
  const work = async () => {
    while (next <= nonces.last && lowest === Infinity) {
      signal?.throwIfAborted();
      const nonce = next++;
      const derived = await derive(nonce);
      tried++;
      // One that was drawn before may come later.
      if (nonce < lowest && isIn(range, derived)) {
        lowest = nonce;
        digest = derived;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { tried, found: digest && { nonce: lowest, digest } };
}
