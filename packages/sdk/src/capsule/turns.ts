/**
 * Turns of threads on a worker.
 *
 * A worker is told of its next thread while it is busy with one. Until it begins with that the turn can be taken
 * back: whoever takes it first has it.
 */

/** A turn: a word that says whether it is taken. */
export type Turn = Int32Array<SharedArrayBuffer>;

/** A new turn. */
export function createTurn(): Turn {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** Takes a turn: to begin it, or to take it back. False if that has happened. */
export function take(turn: Turn): boolean {
  return Atomics.exchange(turn, 0, 1) === 0;
}
