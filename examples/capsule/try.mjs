// What users of the capsule do with it: node try.mjs, after a build.
import { createInos } from '@inos/sdk';
import { closePairs } from './dist/index.js';

const inos = await createInos({ capsules: { pairs: closePairs({ threads: 2 }) } });

// Points in the shared memory are read where they lie; an ordinary Float64Array would be copied in.
const points = inos.memory.alloc(Float64Array, 2 * 20_000);
points.forEach((_, index) => (points[index] = Math.random()));

const { minimum, maximum } = inos.pairs.count.quote(points, 0.01);
console.log(`costs from ${minimum} to ${maximum} micro-credits`);

const job = inos.pairs.count(points, 0.01);
for await (const { fraction } of job.progress) console.log(`${Math.round(fraction * 100)} %`);
console.log(`${await job} close pairs for ${job.usage.charged} micro-credits`);

const cancelled = inos.pairs.count(points, 0.01, { signal: AbortSignal.timeout(1) });
await cancelled.then(console.log, (error) => console.log(error.code));

const poor = inos.pairs.count(points, 0.01, { budget: 5000n });
await poor.then(console.log, (error) => console.log(error.code, poor.usage.charged));

await inos.close();
