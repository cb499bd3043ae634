/** Whatever is made, removed, saved and restored in whatever order: a handle means what it was made for, or nothing. */
import {
  Body,
  Collider,
  createPhysics,
  Joint,
  type Physics,
  type World,
  type WorldState,
} from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hexOf } from './hex.js';
import { takenPages } from './pages.js';

let physics: Standalone<Physics>;

beforeEach(async () => {
  physics = await createPhysics();
});

afterEach(async () => {
  await physics.close();
});

const BALL = { shape: 'ball', radius: 0.5 } as const;

test('a handle made after a state was saved doesn’t come alive again as another thing', async () => {
  const world = await physics.createWorld({ capacity: 8 });
  const state = world.save();
  const before = world.createBody({ type: 'dynamic', position: [1, 2, 3], colliders: [BALL] });
  const [collider] = before.colliders;
  const shape = await world.createShape({
    shape: 'convex-hull',
    points: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1],
  });
  await world.restore(state);
  const after = world.createBody({ type: 'dynamic', position: [4, 5, 6], colliders: [BALL] });
  const other = await world.createShape({ shape: 'voxels', cells: [0, 0, 0], size: [1, 1, 1] });
  expect([after.slot, after.generation]).toEqual([before.slot, before.generation]);
  expect([before.isAlive, collider?.isAlive, after.isAlive]).toEqual([false, false, true]);
  expect(other.slot).toBe(shape.slot);
  expect(() => before.remove()).toThrow('must be a live body');
  expect(() => world.createCollider({ shape })).toThrow('must be a live shape');
  expect(after.translation).toEqual([4, 5, 6]);
});

test('a state takes no more memory than what its world holds needs', async () => {
  const world = await physics.createWorld({ capacity: 8 });
  const heights = Float32Array.from({ length: 1_000_000 }, (_, index) => index % 7);
  const field = await world.createShape({
    shape: 'heightfield',
    rows: 1000,
    heights,
    scale: [9, 1, 9],
  });
  world.createBody({ type: 'dynamic', colliders: [BALL], angularVelocity: [1, 2, 3] });
  using full = world.save();
  const fullBytes = await full.byteLength;
  expect(fullBytes).toBeGreaterThan(heights.byteLength);
  field.dispose();
  await world.step(2);
  const before = takenPages(physics.memory);
  const state = world.save();
  const bytes = await state.byteLength;
  expect(bytes).toBeLessThan(fullBytes - heights.byteLength);
  expect(takenPages(physics.memory) - before).toBe(Math.ceil(bytes / 65_536));
  await world.step(30);
  const digest = hexOf(await world.digest());
  await world.restore(full);
  await world.restore(state);
  await world.step(30);
  expect(hexOf(await world.digest())).toBe(digest);
  state.dispose();
  await world.whenIdle();
});

test('limits and motors of joints are again what they were', async () => {
  const world = await physics.createWorld({ capacity: 8 });
  const bodies = [0, 1, 2, 3].map((x) =>
    world.createBody({
      type: x === 0 ? 'fixed' : 'dynamic',
      position: [x, 5, 0],
      colliders: [{ shape: 'box', halfExtents: [0.3, 0.1, 0.1] }],
    }),
  ) as [Body, Body, Body, Body];
  const anchors = { anchor2: [-1, 0, 0], contactsEnabled: false } as const;
  const hinge = world.createJoint(bodies[0], bodies[1], {
    ...anchors,
    type: 'revolute',
    axis: [0, 0, 1],
    limits: [-0.2, 0.1],
    motor: { targetVelocity: 4, damping: 3, maximumForce: 20 },
  });
  const socket = world.createJoint(bodies[1], bodies[2], {
    ...anchors,
    type: 'spherical',
    limits: { 'angular-y': [-0.1, 0.1], 'angular-z': [0, 0.3] },
    motors: { 'angular-x': { targetVelocity: 1, damping: 2 } },
  });
  const slider = world.createJoint(bodies[2], bodies[3], {
    ...anchors,
    type: 'revolute',
    axis: [0, 0, 1],
    limits: [-0.4, 0.4],
    reduced: true,
  });
  const joints = [hinge, socket, slider];
  const read = () =>
    world.readJoints(joints, ['limits', 'limitedAxes', 'motors', 'motorAxes', 'enabled']);
  await world.step(30);
  const state = world.save();
  const before = await read();
  await world.step(60);
  const first = hexOf(await world.digest());
  await world.restore(state);
  hinge.setLimits('angular-x', [-1, 1]);
  hinge.removeMotor('angular-x');
  socket.removeLimits('angular-y');
  socket.setMotor('angular-x', { targetPosition: 2, stiffness: 9 });
  slider.setLimits('angular-x', [-1.5, 0]);
  await world.step(60);
  expect(await read()).not.toEqual(before);
  expect(hexOf(await world.digest())).not.toBe(first);
  await world.restore(state);
  expect(await read()).toEqual(before);
  await world.step(60);
  expect(hexOf(await world.digest())).toBe(first);
});

/** A handle that may be alive, with how to tell. */
type Made = Body | Collider | Joint;

/** What a world did so far, and what must be alive in it. */
class Game {
  readonly made: Made[] = [];
  readonly world: World;
  #alive = new Set<Made>();
  #saved: { state: WorldState; alive: Set<Made> }[] = [];

  constructor(world: World) {
    this.world = world;
  }

  #note<M extends Made>(made: M): M {
    this.made.push(made);
    this.#alive.add(made);
    return made;
  }

  #pick(choice: number): Body | undefined {
    const all = [...this.#alive].filter((made) => made instanceof Body);
    return all[choice % Math.max(1, all.length)];
  }

  async act(name: Action, choice: number): Promise<void> {
    const { world } = this;
    switch (name) {
      case 'body':
        if (world.bodyCount < world.capacity) {
          const body = this.#note(world.createBody({ type: 'dynamic', position: [choice, 0, 0] }));
          this.#note(body.createCollider(BALL));
        }
        return;
      case 'joint': {
        const [first, second] = [this.#pick(choice), this.#pick(choice + 1)];
        if (first && second && first !== second) {
          this.#note(world.createJoint(first, second, { type: 'spherical' }));
        }
        return;
      }
      case 'remove': {
        const body = this.#pick(choice);
        if (!body) return;
        for (const made of this.#alive) {
          const isIts =
            made === body ||
            (made instanceof Collider && made.body?.slot === body.slot) ||
            (made instanceof Joint && [made.body1, made.body2].includes(body));
          if (isIts) this.#alive.delete(made);
        }
        body.remove();
        return;
      }
      case 'step':
        await world.step(1);
        return;
      case 'save':
        this.#saved.push({ state: world.save(), alive: new Set(this.#alive) });
        return;
      case 'restore': {
        const saved = this.#saved[choice % Math.max(1, this.#saved.length)];
        if (!saved) return;
        await world.restore(saved.state);
        this.#alive = new Set(saved.alive);
        return;
      }
    }
  }

  check(): void {
    const wrong = this.made.filter((made) => made.isAlive !== this.#alive.has(made));
    expect(wrong.map(({ constructor, slot }) => [constructor.name, slot])).toEqual([]);
  }
}

const ACTIONS = ['body', 'joint', 'remove', 'step', 'save', 'restore'] as const;
type Action = (typeof ACTIONS)[number];
const ACTS = fc.array(fc.tuple(fc.constantFrom(...ACTIONS), fc.nat(7)), { maxLength: 24 });

test(
  'handles are alive exactly in the time that they were made in',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(ACTS, async (acts) => {
        const game = new Game(await physics.createWorld({ capacity: 8 }));
        for (const [name, choice] of acts) {
          await game.act(name, choice);
          game.check();
        }
        await game.world.dispose();
      }),
      { numRuns: 100 },
    );
  },
);

test(
  'peers of which one rolled back are equal, with the same slots and generations',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(ACTS, ACTS, async (undone, acts) => {
        const [first, second] = await Promise.all(
          [0, 1].map(() => physics.createWorld({ capacity: 8 })),
        );
        if (!first || !second) throw new Error('there are two worlds');
        const games = [new Game(first), new Game(second)] as const;
        const state = first.save();
        for (const [name, choice] of undone) await games[0].act(name, choice);
        await first.restore(state);
        const fresh = new Game(first);
        for (const [name, choice] of acts) {
          await fresh.act(name, choice);
          await games[1].act(name, choice);
        }
        const names = (made: readonly Made[]) =>
          made.map(({ slot, generation }) => [slot, generation]);
        expect(names(fresh.made)).toEqual(names(games[1].made));
        expect(hexOf(await first.digest())).toBe(hexOf(await second.digest()));
        await Promise.all([first.dispose(), second.dispose()]);
      }),
      { numRuns: 40 },
    );
  },
);
