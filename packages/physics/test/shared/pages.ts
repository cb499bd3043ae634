/** How full memories are. */
import type { SafeSAB } from '@inos/sdk';

/** How many pages of a memory somebody owns. */
export function takenPages({ pages }: SafeSAB): number {
  let count = 0;
  for (let page = 0; page < pages.pages; page++) if (pages.packed(page) !== 0) count++;
  return count;
}
