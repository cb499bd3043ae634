// The bench's own capsule as TypeScript and JavaScript see it: `touch(data)` reads both ends of a region, `crash()`
// dies.
import { STATIC_REGIONS, defineCapsule, defineMethod } from '@inos/sdk';
import { Region } from '@inos/sdk/schema';

const touch = defineMethod({
  id: 0,
  arity: 1,
  params: Region,
  price: { base: 1n, price: 1n, unit: 'call' },
  outputBytes: 4,
  isReusable: true,
  parse: (/** @type {Uint8Array} */ data) => data,
  estimate: () => ({ minimum: 1, maximum: 1 }),
  encode: (params, data, job) => job.region(params, data, 'data', 'read'),
  decode: (result) => new DataView(result.output().buffer).getUint32(0, true),
});

const crash = defineMethod({
  id: 1,
  arity: 0,
  params: Region,
  price: { base: 1n, price: 0n, unit: 'call' },
  isReusable: true,
  parse: () => undefined,
  estimate: () => ({ minimum: 0, maximum: 0 }),
  encode: () => undefined,
  decode: () => undefined,
});

const STATIC_BYTES = 0x10_0000;

/** The capsule as it is linked in one of the places that `capsule/build.mjs` builds it for. */
export function touchCapsuleAt(slot) {
  return defineCapsule({
    name: slot === 0 ? 'touch' : `touch-${slot}`,
    wasm: new URL(slot === 0 ? './wasm/touch.wasm' : `./wasm/${slot}/touch.wasm`, import.meta.url),
    staticOffset: STATIC_REGIONS.thirdParty.offset + slot * STATIC_BYTES,
    staticBytes: STATIC_BYTES,
    methods: { touch, crash },
  });
}

/** For `createInos({ capsules: { touch: touchCapsule() } })`. */
export const touchCapsule = touchCapsuleAt(0);
