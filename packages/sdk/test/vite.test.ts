/** The Vite plugin's options; what it does for a project is seen by tools/packaging/vite. */
import { inos } from '@inos/sdk/vite';
import { expect, test } from 'vitest';

test.each([
  [{ capsule: ['x'] }, 'options.capsule must be one of the known names (capsules), got "capsule"'],
  [{ capsules: 'x' }, 'capsules must be an array of package names, got "x"'],
  [null, 'options must be an object, got null'],
])('with %j it is refused', (options, message) => {
  expect(() => inos(options as never)).toThrow(new TypeError(message));
});

test('with none, and with capsules, it is made', () => {
  for (const options of [undefined, {}, { capsules: ['x'] }])
    expect(inos(options).name).toBe('inos');
});
