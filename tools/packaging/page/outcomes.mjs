// What a page of page/ came to.
import { requireHelloDigest } from '../hello.mjs';

/** Opens the page, checks what it shows, and resolves how each feature went. */
export async function outcomesOf(openPage, address) {
  const { shown, ...outcomes } = await openPage(address);
  requireHelloDigest(shown);
  return outcomes;
}
