/** The vectors are what the host writes today; with RECORD=1 they are written anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createPhysics } from '@inos/physics';
import { expect, test } from 'vitest';
import { SCENES } from './shared/scenes.js';
import { record, type RecordedWorld } from './vectors.record.js';

const FILE = new URL('../../../vectors/physics/worlds.json', import.meta.url);
const DESCRIPTION =
  'Worlds as streams of commands (hexadecimal digits of little-endian words, schemas/physics.capnp) with the steps after each, and the digests they come to. Written by packages/physics/test/vectors.record.ts.';

test('every world of the vectors is what its scene writes', async () => {
  await using physics = await createPhysics({ softBodies: true });
  const worlds: RecordedWorld[] = [];
  for (const scene of SCENES) worlds.push(await record(physics, scene));
  const text = `${JSON.stringify({ description: DESCRIPTION, worlds }, undefined, 2)}\n`;
  if (process.env.RECORD === '1') writeFileSync(FILE, text);
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(text));
});
