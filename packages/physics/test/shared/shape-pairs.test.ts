/** Whatever two shapes meet, an answer comes: no pair hangs, and none ends the world. */
import {
  createPhysics,
  type Physics,
  type Shape,
  type ShapeDefinition,
  type World,
} from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';

let physics: Standalone<Physics>;

beforeEach(async () => {
  physics = await createPhysics();
});

afterEach(async () => {
  await physics.close();
});

/** What never ends is given up, and the test fails with `job/deadline`. */
const LIMIT = { deadlineMs: 20_000 } as const;

const CUBE = Array.from({ length: 27 }, (_, i) => [
  i % 3,
  Math.floor(i / 3) % 3,
  Math.floor(i / 9),
]);

const VOXELS: ShapeDefinition = { shape: 'voxels', cells: CUBE.flat(), size: [0.5, 0.5, 0.5] };

const PLAIN: readonly Shape[] = [
  { shape: 'ball', radius: 0.5 },
  { shape: 'box', halfExtents: [0.5, 0.4, 0.3] },
  { shape: 'box', halfExtents: [0.5, 0.4, 0.3], borderRadius: 0.1 },
  { shape: 'capsule', halfHeight: 0.5, radius: 0.2 },
  { shape: 'cylinder', halfHeight: 0.5, radius: 0.2 },
  { shape: 'cone', halfHeight: 0.5, radius: 0.2 },
  { shape: 'halfspace', normal: [0, 1, 0] },
  { shape: 'segment', a: [0, 0, 0], b: [1, 0, 0] },
  { shape: 'triangle', a: [0, 0, 0], b: [1, 0, 0], c: [0, 1, 0] },
];

const PREPARED: readonly ShapeDefinition[] = [
  { shape: 'convex-hull', points: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1] },
  { shape: 'trimesh', points: [-2, 0, -2, 2, 0, -2, 0, 0.5, 2], indices: [0, 2, 1] },
  { shape: 'polyline', points: [0, 0, 0, 1, 0, 0, 0, 1, 0], indices: [0, 1, 1, 2] },
  { shape: 'heightfield', rows: 3, heights: new Array<number>(9).fill(0), scale: [4, 1, 4] },
  VOXELS,
  {
    shape: 'compound',
    parts: [
      { shape: 'ball', radius: 0.5 },
      { shape: 'box', halfExtents: [0.3, 0.3, 0.3], position: [1, 0, 0] },
    ],
  },
];

/** Shapes so large, or of parts so small, that walking over their cells would take hours. */
const EXTREME: readonly ShapeDefinition[] = [
  { shape: 'voxels', cells: CUBE.flat(), size: [1e-4, 1e-4, 1e-4] },
  { shape: 'heightfield', rows: 3, heights: new Array<number>(9).fill(0), scale: [1e-3, 1, 1e-3] },
];
const LARGE: Shape = { shape: 'box', halfExtents: [1e9, 1e9, 1e9] };

async function shapesOf(world: World, definitions: readonly ShapeDefinition[]): Promise<Shape[]> {
  const made = await Promise.all(definitions.map((definition) => world.createShape(definition)));
  return [...PLAIN, ...made.map((shape) => ({ shape }))];
}

/** From near and far, along each axis, aslant, and not at all. */
const PLACES: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [0.3, 0.6, 0.1],
  [0, 5, 0],
  [-7, 3, 2],
  [1e6, 0.1, 0],
  [1e9, 2e9, 3e8],
];
const TURNED = [0.148, 0.099, 0.049, Math.sqrt(1 - 0.148 ** 2 - 0.099 ** 2 - 0.049 ** 2)];
const CASTS = PLACES.flatMap((place) =>
  [
    place.map((number) => -number),
    [0, 0, 0],
    [1, 0, 0],
    [1, -1, 0],
    [0, -1, 1],
    [0.3, -1, 0.2],
  ].map((velocity) => [...place, ...TURNED, ...velocity]),
);

test('no cast, overlap or contact of any two shapes hangs', { timeout: 300_000 }, async () => {
  const count = PLAIN.length + PREPARED.length + EXTREME.length + 1;
  for (let index = 0; index < count; index++) {
    const world = await physics.createWorld({ capacity: 4 });
    const shapes = [...(await shapesOf(world, [...PREPARED, ...EXTREME])), LARGE];
    const first = shapes[index] ?? LARGE;
    world.createCollider(first);
    await world.step(1, LIMIT);
    for (const second of shapes) {
      for (const maximumTime of [undefined, 10]) {
        const options = { ...LIMIT, ...(maximumTime === undefined ? {} : { maximumTime }) };
        (await world.castShapes(second, CASTS.flat(), options)).dispose();
        const still = [0, 0, 0, 0, 0, 0, 1, 0, 0, 0];
        const pairs = CASTS.flatMap((cast) => [...still, ...cast]);
        (await world.castShapePairs(first, second, pairs, options)).dispose();
      }
      const places = CASTS.map((cast) => cast.slice(0, 7));
      (await world.findOverlaps(second, places.flat(), LIMIT)).dispose();
      await world.findContacts(second, places.flat(), { ...LIMIT, maximumDistance: 0.1 });
      const pairs = places.flatMap((place) => [0, 0, 0, 0, 0, 0, 1, ...place]);
      (await world.contactShapes(first, second, pairs, LIMIT)).dispose();
    }
    const rays = PLACES.flatMap((place) => [
      ...place,
      0,
      0,
      0,
      ...place,
      0,
      -1,
      0,
      ...place,
      1,
      0,
      0,
    ]);
    (await world.castRays(rays, LIMIT)).dispose();
    await world.dispose();
  }
});

test('any two shapes meet at any speed, and the world lives on', { timeout: 300_000 }, async () => {
  const count = PLAIN.length + PREPARED.length;
  for (let index = 0; index < count; index++) {
    const world = await physics.createWorld({ capacity: 4 });
    const shapes = await shapesOf(world, PREPARED);
    const first = world.createBody({ type: 'fixed' });
    first.createCollider(shapes[index] ?? LARGE);
    for (const second of shapes) {
      for (const [place, velocity] of [
        [
          [0, 0, 0],
          [0, 0, 0],
        ],
        [
          [0.3, 0.6, 0.1],
          [0, -300, 0],
        ],
        [
          [0, 5, 0],
          [0, -300, 0],
        ],
        [
          [-7, 3, 2],
          [420, -180, -120],
        ],
      ] as const) {
        const body = world.createBody({
          type: 'dynamic',
          position: place,
          linearVelocity: velocity,
          ccd: true,
          additionalMass: 1,
        });
        body.createCollider(second);
        await world.step(3, LIMIT);
        body.remove();
      }
    }
    await world.dispose();
  }
});

test('voxels lie on a half-space as high as a box does', async () => {
  const world = await physics.createWorld({ capacity: 8 });
  world.createCollider({ shape: 'halfspace', normal: [0, 1, 0] });
  const shape = await world.createShape(VOXELS);
  const voxels = world.createBody({ type: 'dynamic', position: [0, 1, 0], colliders: [{ shape }] });
  const box = world.createBody({
    type: 'dynamic',
    position: [9, 1.75, 0],
    colliders: [{ shape: 'box', halfExtents: [0.75, 0.75, 0.75] }],
  });
  await world.step(240, LIMIT);
  expect(voxels.translation[1]).toBeCloseTo(0, 2);
  expect(box.translation[1]).toBeCloseTo(0.75, 2);
  expect(Math.hypot(...voxels.linearVelocity)).toBeLessThan(0.01);
  const contacts = await world.readContacts(voxels.colliders);
  // Of 27 cells the four at the lower corners, with four points each.
  expect(contacts.length).toBe(16);
  expect(contacts.contact(0).point?.distance).toBeCloseTo(0, 2);
});

test('characters of voxels and of half-spaces don’t see each other, but all else', async () => {
  const world = await physics.createWorld({ capacity: 8 });
  const voxels = await world.createShape(VOXELS);
  const plane = { shape: 'halfspace', normal: [0, 1, 0] } as const;
  for (const [own, other] of [
    [plane, { shape: voxels }],
    [{ shape: voxels }, plane],
  ] as const) {
    const body = world.createBody({ type: 'kinematic-position', colliders: [own] });
    const met = world.createBody({ type: 'fixed', position: [0, 0.3, 0], colliders: [other] });
    const walker = world.createCharacter(body.colliders[0] ?? expect.fail('no collider'));
    await world.step(1);
    walker.move([0.1, 0.1, 0]);
    await world.step(1, LIMIT);
    expect(body.translation[0]).toBeCloseTo(0.1, 3);
    const { length } = await walker.readCollisions();
    expect(length).toBe(0);
    met.remove();
    body.remove();
  }
});

test('grids and half-spaces hit each other where boxes do', async () => {
  const world = await physics.createWorld({ capacity: 1 });
  const shape = await world.createShape(VOXELS);
  const field = await world.createShape({
    shape: 'heightfield',
    rows: 2,
    heights: [0, 0, 0, -3],
    scale: [4, 1, 4],
  });
  const box: Shape = { shape: 'box', halfExtents: [0.75, 0.75, 0.75] };
  const plane: Shape = { shape: 'halfspace', normal: [0, 1, 0] };
  const still = [0, 0, 0, 0, 0, 0, 1, 0, 0, 0];
  const from = (y: number) => [0, y, 0, 0, 0, 0, 1, 0, -2, 0];
  using hits = await world.castShapePairs(plane, { shape }, [...still, ...from(4)], LIMIT);
  expect(hits.distance(0)).toBeCloseTo(2, 5);
  expect(hits.normal(0)).toEqual([0, 1, 0]);
  using others = await world.castShapePairs({ shape }, plane, [...from(4), ...still], LIMIT);
  expect(others.distance(0)).toBeCloseTo(2, 5);
  using boxes = await world.castShapePairs(box, plane, [...from(4.75), ...still], LIMIT);
  expect(boxes.distance(0)).toBeCloseTo(2, 5);
  // The field's lowest corner is 3 below it.
  using fields = await world.castShapePairs({ shape: field }, plane, [...from(5), ...still], LIMIT);
  expect(fields.distance(0)).toBeCloseTo(1, 5);
  // From so far away that parry would walk for hours.
  const far = [0.7, 1e6, 0.7, 0, 0, 0, 1, 0, -1e5, 0];
  using late = await world.castShapePairs({ shape }, { shape: 'ball', radius: 0.5 }, [
    ...still,
    ...far,
  ]);
  expect(late.distance(0)).toBeCloseTo((1e6 - 2) / 1e5, 4);
});

test('parts of a compound are whole shapes with an end', async () => {
  const world = await physics.createWorld({ capacity: 1 });
  const definitions: ShapeDefinition[] = [
    { shape: 'voxels', cells: [0, 0, 0], size: [1, 1, 1] },
    { shape: 'heightfield', rows: 2, heights: [0, 0, 0, 0], scale: [1, 1, 1] },
  ];
  const shapes = await Promise.all(definitions.map((definition) => world.createShape(definition)));
  const parts: Shape[] = [
    ...shapes.map((shape) => ({ shape })),
    { shape: 'halfspace', normal: [0, 1, 0] },
  ];
  for (const part of parts) {
    await expect(world.createShape({ shape: 'compound', parts: [part] })).rejects.toMatchObject({
      code: 'physics/bad-shape',
    });
  }
});
