/**
 * The two modules of the package. The one without soft bodies is the other with bodies of functions that trap in place
 * of some: the same functions of the same types, the same data.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const [lean, whole] = ['physics', 'physics-soft'].map((name) =>
  readFileSync(new URL(`../wasm/${name}.wasm`, import.meta.url)),
);

/** Parts of a module: sections by number; the code's as the bodies of functions. */
function partsOf(bytes: Buffer | undefined) {
  if (bytes === undefined) throw new Error('no module');
  let at = 8;
  const unsigned = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const slice = () => {
    const length = unsigned();
    at += length;
    return bytes.subarray(at - length, at);
  };
  const sections: { id: number; content: Buffer }[] = [];
  const bodies: Buffer[] = [];
  while (at < bytes.length) {
    const id = bytes.readUInt8(at++);
    if (id === CODE) {
      unsigned();
      for (let left = unsigned(); left > 0; left--) bodies.push(slice());
    } else {
      sections.push({ id, content: slice() });
    }
  }
  return { sections, bodies };
}

const CODE = 10;
/** Without locals: `unreachable`, `end`. */
const TRAPS = Buffer.from([0, 0x00, 0x0b]);
/** Without locals: `i32.const 0`, `end`. */
const SAYS_NO = Buffer.from([0, 0x41, 0, 0x0b]);

test('only functions’ bodies differ: all of those trap, but for the one that says what is there', () => {
  const [some, all] = [partsOf(lean), partsOf(whole)];
  expect(some.sections).toEqual(all.sections);
  expect(some.bodies).toHaveLength(all.bodies.length);
  const others = some.bodies.filter((body, index) => !body.equals(all.bodies[index] ?? body));
  expect(others.filter((body) => body.equals(SAYS_NO))).toHaveLength(1);
  expect(others.filter((body) => body.equals(TRAPS))).toHaveLength(others.length - 1);
  // So many that something is gained.
  expect(others.length).toBeGreaterThan(200);
});
