// The bench's own capsule as TypeScript and JavaScript see it: `touch(data)` reads both ends of a region.
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

/** For `createInos({ capsules: { touch: touchCapsule() } })`. */
export const touchCapsule = defineCapsule({
  name: 'touch',
  wasm: new URL('./wasm/touch.wasm', import.meta.url),
  staticOffset: STATIC_REGIONS.thirdParty.offset,
  staticBytes: 0x10_0000,
  methods: { touch },
});
