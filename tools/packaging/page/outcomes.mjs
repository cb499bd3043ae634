// What a page of page/ came to.
import { createHash } from 'node:crypto';
import { Failure } from '../../../scripts/process.mjs';

const EXPECTED = createHash('sha256').update('hello').digest('hex');

/** Opens the page, checks what it shows, and resolves how each feature went. */
export async function outcomesOf(openPage, address) {
  const { shown, ...outcomes } = await openPage(address);
  if (shown !== EXPECTED) throw new Failure(`the page at ${address} shows ${shown}`);
  return outcomes;
}
