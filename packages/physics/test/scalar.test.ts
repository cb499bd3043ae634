/**
 * The capsule without SIMD (`pnpm wasm:scalar` builds it) comes to the same digests as the one that is shipped, and
 * as native Rust, which replays the same vectors.
 */
import { readFileSync } from 'node:fs';
import { createPhysics } from '@inos/physics';
import { expect, test } from 'vitest';
import vectors from '../../../vectors/physics/worlds.json' with { type: 'json' };
import { hexOf } from './shared/hex.js';
import { SCENES } from './shared/scenes.js';

/** The first byte of every SIMD instruction. */
const SIMD_PREFIX = 0xfd;
const file = new URL('../.cache/scalar/physics.wasm', import.meta.url);
const shipped = new URL('../wasm/physics.wasm', import.meta.url);
const scalar = readFileSync(file);

/** How often a byte occurs: SIMD code is full of its prefix, other code has few of it. */
function share(bytes: Uint8Array, byte: number): number {
  return bytes.filter((each) => each === byte).length / bytes.length;
}

test('it is another module, without SIMD', () => {
  expect(share(scalar, SIMD_PREFIX)).toBeLessThan(share(readFileSync(shipped), SIMD_PREFIX) / 4);
});

test.each(SCENES)('$name', async ({ name, options, run }) => {
  await using physics = await createPhysics({ wasm: scalar });
  await using world = await physics.createWorld(options);
  await run(world);
  const vector = vectors.worlds.find((candidate) => candidate.name === name);
  expect(hexOf(await world.digest())).toBe(vector?.digest);
});
