/** `<inos-pow>` in a page that is cross-origin isolated. */
import { expect, it } from 'vitest';
import { testElement } from '../element-cases.js';

it('is such a page', () => {
  expect(crossOriginIsolated).toBe(true);
});

testElement();
