/** The example capsule, as its users use it, beside the same in plain JavaScript. */
import { createInos, type InosError, type JobProgress } from '@inos/sdk';
import { closePairs } from 'close-pairs';
import { expect, it, onTestFinished } from 'vitest';

/** So many that counting their pairs takes hours: a job on them ends only by being stopped. */
const ENDLESS = 2 ** 23;

async function createRuntime(threads = 2) {
  const inos = await createInos({ capsules: { pairs: closePairs({ threads }) } });
  const { total } = inos.credits;
  onTestFinished(async () => {
    await inos.close({ force: true });
    expect(inos.credits.default.reserved).toBe(0n);
    expect(inos.credits.total).toBe(total);
  });
  return inos;
}

/** Points in a square of side 1, always the same ones. */
function points(count: number): Float64Array {
  let state = 1;
  return Float64Array.from({ length: 2 * count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

function countPlainly(points: Float64Array, distance: number): number {
  const [x, y] = [
    (index: number) => points[2 * index] ?? 0,
    (index: number) => points[2 * index + 1] ?? 0,
  ];
  let count = 0;
  for (let a = 0; a < points.length / 2; a++) {
    for (let b = 0; b < a; b++) {
      const [dx, dy] = [x(a) - x(b), y(a) - y(b)];
      if (dx * dx + dy * dy <= distance * distance) count++;
    }
  }
  return count;
}

async function failureOf(job: PromiseLike<unknown>): Promise<InosError> {
  return job.then(
    () => expect.unreachable('the job was expected to fail'),
    (error: unknown) => error as InosError,
  );
}

it.each([1, 4])('counts as plain JavaScript does, on %i threads', async (threads) => {
  const inos = await createRuntime(threads);
  const input = points(3000);
  for (const distance of [0, 0.01, 0.5, 2, Infinity]) {
    expect(await inos.pairs.count(input, distance)).toBe(countPlainly(input, distance));
  }
});

it('counts no pairs where there are none, and touching points', async () => {
  const inos = await createRuntime();
  expect(await inos.pairs.count(new Float64Array(0), 1)).toBe(0);
  expect(await inos.pairs.count(Float64Array.of(3, 4), 1)).toBe(0);
  expect(await inos.pairs.count(Float64Array.of(0, 0, 3, 4), 5)).toBe(1);
  expect(await inos.pairs.count(Float64Array.of(0, 0, 3, 4), 4.999)).toBe(0);
});

it('reads what lies in the shared memory where it lies', async () => {
  const inos = await createRuntime();
  const shared = inos.memory.alloc(Float64Array, 2000);
  shared.set(points(1000));
  const job = inos.pairs.count(shared, 0.1);
  expect(await job).toBe(countPlainly(shared, 0.1));
  expect(job.usage.bytesCopied).toBe(0);
});

it('costs what its price list says', async () => {
  const inos = await createRuntime();
  const input = points(1000);
  const pairs = 499_500n;
  expect(inos.pairs.count.quote(input, 0.1)).toEqual({ minimum: 11n, maximum: 510n, units: pairs });
  const job = inos.pairs.count(input, 0.1);
  await job;
  expect(job.usage).toMatchObject({ units: pairs, charged: 510n });
});

it('says how far it has come', async () => {
  const inos = await createRuntime();
  const seen: JobProgress[] = [];
  const job = inos.pairs.count(points(20_000), 0.1);
  for await (const progress of job.progress) seen.push(progress);
  expect(await job).toBeGreaterThan(0);
  expect(seen.at(-1)).toEqual({ fraction: 1, units: 199_990_000n });
  expect(seen.every(({ fraction }) => fraction >= 0 && fraction <= 1)).toBe(true);
});

it('ends when it is cancelled, in the middle of its work', async () => {
  const inos = await createRuntime();
  const controller = new AbortController();
  const endless = inos.memory.alloc(Float64Array, 2 * ENDLESS);
  const job = inos.pairs.count(endless, 1, { signal: controller.signal });
  for await (const { units } of job.progress) if (units > 0n) controller.abort();
  expect((await failureOf(job)).code).toBe('job/cancelled');
  expect(job.status).toBe('cancelled');
  expect(job.usage.charged).toBeGreaterThan(0n);
  expect(await inos.pairs.count(points(100), 2)).toBe(4950);
});

it('ends when its budget is spent, and charges no more', async () => {
  const inos = await createRuntime();
  const endless = inos.memory.alloc(Float64Array, 2 * ENDLESS);
  const job = inos.pairs.count(endless, 1, { budget: 5000n });
  expect((await failureOf(job)).code).toBe('job/out-of-budget');
  expect(job.usage.charged).toBeLessThanOrEqual(5000n);
  expect((await failureOf(inos.pairs.count(endless, 1, { budget: 10n }))).code).toBe(
    'job/budget-too-small',
  );
});

it('names the argument that is wrong', async () => {
  const inos = await createRuntime();
  expect(() => inos.pairs.count(new Float64Array(3), 1)).toThrow(/points.*got 3/);
  expect(() => inos.pairs.count(new Float64Array(4), -1)).toThrow(/distance.*got -1/);
  expect(() => inos.pairs.count(new Float64Array(4), NaN)).toThrow(RangeError);
});

it('fails with a code of its own', async () => {
  const inos = await createRuntime();
  const floats = new Float32Array(6) as unknown as Float64Array;
  const error = await failureOf(inos.pairs.count(floats, 1));
  expect(error).toMatchObject({ code: 'close-pairs/uneven', details: { capsule: 'close-pairs' } });
});
