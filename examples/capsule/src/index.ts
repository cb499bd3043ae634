import { defineCapsule, defineMethod, outOfRange } from '@inos/sdk';
import { CountParams, Method } from './generated/close-pairs.js';
import { region } from './generated/region.js';

const pairsOf = (points: number): number => (points * (points - 1)) / 2;

const count = defineMethod({
  id: Method.COUNT,
  arity: 2,
  params: CountParams,
  price: { base: 10n, price: 1n, units: 1000n, unit: 'pair' },
  outputBytes: 8,
  isReusable: true,
  parse(points: Float64Array, distance: number) {
    if (points.length % 2 > 0) throw outOfRange('points', 'x and y of each point', points.length);
    if (!(distance >= 0)) throw outOfRange('distance', 'at least 0', distance);
    return { points, distance };
  },
  estimate({ points }) {
    const pairs = pairsOf(points.length / 2);
    return { minimum: Math.min(pairs, 1000), maximum: pairs };
  },
  threads: () => 8,
  encode(params, { points, distance }, job) {
    job.region(params.points, points, 'points', 'read');
    params.distance = distance;
  },
  decode: (result) => Number(new DataView(result.output().buffer).getBigUint64(0, true)),
});

/** For `createInos({ capsules: { pairs: closePairs({ threads: 4 }) } })`. */
export const closePairs = defineCapsule({
  name: 'close-pairs',
  wasm: new URL('../wasm/close-pairs.wasm', import.meta.url),
  ...region,
  methods: { count },
  errors: { 256: 'close-pairs/uneven' },
});
