/** `<inos-pow>` in a page that isn't cross-origin isolated. */
import { expect, it } from 'vitest';
import { testElement } from '../element-cases.js';

it('is such a page', () => {
  expect(crossOriginIsolated).toBe(false);
});

testElement();
