/** Queries: many in one call, each with its own answer. */
import { createPhysics, OverlapHits, QueryHits, type Physics, type World } from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addFloor } from './scenes.js';

let physics: Standalone<Physics>;
let world: World;
const HALF = 0.5;

beforeAll(async () => {
  physics = await createPhysics();
  world = await physics.createWorld();
  addFloor(world);
  for (let x = 0; x < 10; x++) {
    world.createBody({
      type: 'dynamic',
      position: [x * 3, HALF, 0],
      gravityScale: 0,
      colliders: [{ shape: 'box', halfExtents: [HALF, HALF, HALF] }],
    });
  }
  await world.step(1);
});

afterAll(async () => {
  await physics.close();
});

/** Down onto a place. */
const down = (x: number) => [x, 10, 0, 0, -1, 0];

test('rays hit what lies below them, or nothing', async () => {
  const rays = [down(0), down(1.5), down(27), down(100)].flat();
  using hits = await world.castRays(rays);
  expect([0, 1, 2, 3].map((index) => hits.collider(index))).toEqual([1, 0, 10, undefined]);
  expect(hits.distance(0)).toBeCloseTo(9, 4);
  expect(hits.distance(1)).toBeCloseTo(10, 4);
  expect(hits.normal(0)).toEqual([0, 1, 0]);
});

test('ten thousand rays into results that are used again, read in place', async () => {
  const rays = physics.memory.alloc(Float32Array, 10_000 * 6);
  for (let index = 0; index < 10_000; index++) rays.set(down((index % 10) * 3), index * 6);
  using hits = new QueryHits(physics.memory, 10_000);
  const copied = physics.runtime.stats.bytesCopied;
  expect(await world.castRays(rays, { hits })).toBe(hits);
  for (let index = 0; index < 10_000; index++) expect(hits.collider(index)).toBe(1 + (index % 10));
  // Only the description of no shape.
  expect(physics.runtime.stats.bytesCopied - copied).toBeLessThan(100);
  physics.memory.free(rays);
});

test('filters: groups, kinds, one body; how far', async () => {
  const collider = async (options: Parameters<World['castRays']>[1]) => {
    using hits = await world.castRays(down(0), options);
    return hits.collider(0);
  };
  expect(await collider({ exclude: ['dynamic'] })).toBe(0);
  expect(await collider({ exclude: ['fixed'] })).toBe(1);
  expect(await collider({ groups: { memberships: 0 } })).toBeUndefined();
  expect(await collider({ maximumDistance: 5 })).toBeUndefined();
  using boxes = await world.findOverlaps({ shape: 'ball', radius: 100 }, [0, 0, 0, 0, 0, 0, 1]);
  expect(boxes.colliders(0).length).toBe(11);
});

test('points know what is nearest, and shapes how far they get', async () => {
  using near = await world.projectPoints([0, 3, 0, 30, 0.5, 0]);
  expect(near.collider(0)).toBe(1);
  expect(near.distance(0)).toBeCloseTo(2, 4);
  expect(near.normal(1)[0]).toBeCloseTo(30, 3);
  const cast = [0, 5, 0, 0, 0, 0, 1, 0, -2, 0];
  using casts = await world.castShapes({ shape: 'ball', radius: 1 }, cast);
  expect(casts.collider(0)).toBe(1);
  expect(casts.distance(0)).toBeCloseTo(1.5, 3);
});

test('overlaps name colliders, at most as many as asked for', async () => {
  const places = [0, 0, 0, 0, 0, 0, 1, 500, 0, 0, 0, 0, 0, 1];
  using found = await world.findOverlaps({ shape: 'box', halfExtents: [4, 1, 1] }, places);
  expect([0, 1].map((place) => [...found.colliders(place)].sort())).toEqual([[0, 1, 2], []]);
  using few = await world.findOverlaps({ shape: 'ball', radius: 20 }, places, { limit: 3 });
  expect(few.colliders(0).length).toBe(3);
});

test('overlaps into results that are used again, which say how many colliders they name', async () => {
  const box = { shape: 'box', halfExtents: [4, 1, 1] } as const;
  const places = [0, 0, 0, 0, 0, 0, 1, 500, 0, 0, 0, 0, 0, 1];
  using hits = new OverlapHits(physics.memory, 2, 2);
  const allocations = physics.memory.pages.pages;
  expect(await world.findOverlaps(box, places, { hits })).toBe(hits);
  expect([hits.colliders(0).length, hits.colliders(1).length]).toEqual([2, 0]);
  const second = places.slice(7);
  expect(await world.findOverlaps(box, second, { hits, limit: 2 })).toBe(hits);
  expect(hits.colliders(0).length).toBe(0);
  expect(physics.memory.pages.pages).toBe(allocations);
  const refused = (options: object, message: string) => {
    expect(() => world.findOverlaps(box, places, { hits, ...options })).toThrow(message);
  };
  refused({ limit: 3 }, 'options.limit must be 2, as of options.hits');
  refused({ hits: new OverlapHits(physics.memory, 1) }, 'options.hits must be room for 2 answers');
  refused({ hits: [] }, 'options.hits must be OverlapHits');
});

test('bad queries are refused by name', () => {
  expect(() => world.castRays([1, 2, 3])).toThrow('rays must be');
  expect(() => world.castRays(down(Number.NaN))).toThrow('rays[0] must be');
  expect(() => world.castRays(down(0), { maximumDistance: -1 })).toThrow('maximumDistance must be');
  expect(() => world.castRays(down(0), { exclude: ['ghosts' as never] })).toThrow('exclude[0]');
  const cast = [0, 5, 0, 0, 0, 0, 3, 0, -2, 0];
  expect(() => world.castShapes({ shape: 'ball', radius: 1 }, cast)).toThrow('casts[3]');
});

/** A heap of boxes that fell for a while, and rays, points, casts and places at it. */
async function heapOf(runtime: Physics): Promise<World> {
  const heap = await runtime.createWorld({ capacity: 256 });
  addFloor(heap);
  heap.createBodies({
    type: 'dynamic',
    positions: Float32Array.from({ length: 600 }, (_, index) =>
      index % 3 === 1 ? 1 + Math.floor(index / 60) * 1.1 : ((index * 7) % 11) - 5,
    ),
    colliders: [{ shape: 'box', halfExtents: [HALF, HALF, HALF] }],
  });
  await heap.step(30);
  return heap;
}

const SPREAD = (width: number, at: (query: number, word: number) => number) => (count: number) =>
  Float32Array.from({ length: count * width }, (_, index) =>
    at(Math.floor(index / width), index % width),
  );
const place = (query: number) => ((query * 37) % 113) / 10 - 5;
const raysOf = SPREAD(
  6,
  (query, word) => [place(query), 20, place(query + 5), 0, -1, 0.1][word] ?? 0,
);
const pointsOf = SPREAD(3, (query, word) => [place(query), 2, place(query + 5)][word] ?? 0);
const castsOf = SPREAD(
  10,
  (query, word) => [place(query), 20, place(query + 5), 0, 0, 0, 1, 0, -1, 0][word] ?? 0,
);
const placesOf = SPREAD(7, (query, word) => [place(query), 1, 0, 0, 0, 0, 1][word] ?? 0);

async function answersOf(heap: World, count: number) {
  const hits = [
    await heap.castRays(raysOf(count)),
    await heap.projectPoints(pointsOf(count)),
    await heap.castShapes({ shape: 'ball', radius: 0.3 }, castsOf(count)),
  ];
  const answers = hits.map((each) =>
    Array.from({ length: count }, (_, query) => [
      each.collider(query),
      each.distance(query),
      each.normal(query),
    ]),
  );
  for (const each of hits) each.dispose();
  using overlaps = await heap.findOverlaps({ shape: 'ball', radius: 1 }, placesOf(count));
  const named = Array.from({ length: count }, (_, place) => [...overlaps.colliders(place)]);
  return [...answers, named];
}

test('several threads answer as one does, and charge as much, however many queries there are', async () => {
  await using several = await createPhysics({ threads: 3 });
  const [alone, shared] = [await heapOf(physics), await heapOf(several)];
  const unitsOf = (runtime: Standalone<Physics>) =>
    runtime.runtime.stats.capsules.physics?.units ?? 0n;
  for (const count of [0, 1, 63, 64, 65, 255, 256, 257, 319, 320, 321, 1000]) {
    const before = [unitsOf(physics), unitsOf(several)] as const;
    expect(await answersOf(shared, count)).toEqual(await answersOf(alone, count));
    expect(unitsOf(several) - before[1]).toBe(unitsOf(physics) - before[0]);
  }
  await alone.dispose();
});

test('what is written before many queries is done before all of them', async () => {
  await using several = await createPhysics({ threads: 3 });
  const heap = await heapOf(several);
  for (let round = 0; round < 20; round++) {
    const body = heap.createBody({
      type: 'fixed',
      position: [0, 15, 0],
      colliders: [{ shape: 'box', halfExtents: [20, 0.1, 20] }],
    });
    await heap.step(1);
    heap.createBody({ type: 'dynamic', position: [round, 30, 0] });
    using hits = await heap.castRays(raysOf(1000));
    const above = Array.from({ length: 1000 }, (_, query) => hits.distance(query));
    expect(Math.max(...above)).toBeLessThan(5);
    body.remove();
    await heap.step(1);
  }
});
