/**
 * The numbers of a runtime's threads.
 */
import { sdkError } from '../errors.js';
import { Layout } from '../memory/layout.js';

/**
 * Takes the lowest number of a thread that is free.
 *
 * @throws InosError `capsule/start-failed` if there is none
 */
export function takeThread(taken: Set<number>): number {
  let index = 0;
  while (taken.has(index)) index++;
  if (index >= Layout.MAXIMUM_THREADS) {
    const message = `all ${Layout.MAXIMUM_THREADS} threads of the runtime are taken`;
    throw sdkError('capsule/start-failed', message);
  }
  taken.add(index);
  return index;
}
