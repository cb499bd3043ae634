/**
 * Bytes that cross a border: into a capsule's own memory before its job, back after it.
 */
import type { Crossing } from '../../kernel/task.js';
import type { SharedArray } from '../../memory/region.js';
import type { SafeSAB } from '../../memory/safe-sab.js';

/** The bytes of a view. */
export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/**
 * Copies a view's bytes into a memory and writes into the request where they are.
 *
 * @throws InosError `memory/out-of-memory`
 */
export function copyIn(
  sab: SafeSAB,
  { view, position }: Pick<Crossing, 'view' | 'position'>,
  message: Uint8Array<ArrayBuffer>,
): SharedArray {
  const { offset } = sab.arena.alloc(view.byteLength);
  const copy = new Uint8Array(sab.buffer, offset, view.byteLength);
  copy.set(bytesOf(view));
  new DataView(message.buffer).setUint32(position, offset, true);
  return copy;
}

/** Copies back what a job may have written. */
export function copyBack(crossings: readonly Crossing[], copies: readonly ArrayBufferView[]): void {
  crossings.forEach(({ view, access }, index) => {
    const copy = copies[index];
    if (access === 'write' && copy) bytesOf(view).set(bytesOf(copy));
  });
}
