// What start.mjs measures, in Node and in Chromium: a runtime from its making to the first job done of each capsule.
import { createInos } from '@inos/sdk';
import { touchCapsuleAt } from './touch.mjs';

/** Milliseconds for a runtime with so many capsules. */
export async function timeStart(count) {
  const started = performance.now();
  const slots = Array.from({ length: count }, (_, slot) => slot);
  const capsules = Object.fromEntries(
    slots.map((slot) => [`touch${slot}`, touchCapsuleAt(slot)()]),
  );
  const inos = await createInos({ capsules });
  const data = inos.memory.alloc(Uint8Array, 1024);
  await Promise.all(slots.map((slot) => inos[`touch${slot}`].touch(data)));
  const milliseconds = performance.now() - started;
  await inos.close();
  return milliseconds;
}
