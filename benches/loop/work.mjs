// The work that all contestants do, as the peers' workers do it and as their results are checked.
import * as crypto from 'node:crypto';

/** How many different inputs the small jobs take turns with. */
export const INPUT_COUNT = 64;
const INPUT_BYTES = 64;
/** How much of each end of a payload is read. */
const END_BYTES = 512;

/** SHA-256 by Node's one-shot function: the fastest that a JavaScript worker has. */
export function sha256(bytes) {
  return crypto.hash('sha256', bytes, 'buffer');
}

/** The sum of a payload's first and last 512 bytes. The twin of `capsule/capsule.rs`. */
export function touch(bytes) {
  const length = Math.min(END_BYTES, bytes.length);
  return sum(bytes, 0, length) + sum(bytes, bytes.length - length, bytes.length);
}

function sum(bytes, start, end) {
  let total = 0;
  for (let index = start; index < end; index++) total += bytes[index];
  return total;
}

/** The small jobs' inputs, each in a buffer of its own: a message would carry the whole of a shared one. */
export function makeInputs() {
  return Array.from({ length: INPUT_COUNT }, (_, number) =>
    new Uint8Array(INPUT_BYTES).map((_byte, index) => (number * 7 + index * 13) & 0xff),
  );
}

/** Gives a payload of any size its content, without touching more of it than is read. */
export function fillEnds(bytes) {
  const fill = (part) => part.forEach((_, index) => (part[index] = (index * 31 + 7) & 0xff));
  fill(bytes.subarray(0, END_BYTES));
  fill(bytes.subarray(bytes.length - END_BYTES));
  return bytes;
}
