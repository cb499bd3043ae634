/** Worlds by the clock, poses between steps, and two peers in lockstep. */
import {
  createPhysics,
  physics as capsule,
  type Body,
  type Physics,
  type World,
  type WorldState,
} from '@inos/physics';
import { createInos, type Standalone } from '@inos/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hexOf } from './hex.js';
import { numbersFrom } from './numbers.mjs';
import { addFloor } from './scenes.js';

let physics: Standalone<Physics>;

beforeEach(async () => {
  physics = await createPhysics();
});

afterEach(async () => {
  await physics.close();
});

/** Resolves when something has become true. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const BALL = [{ shape: 'ball', radius: 0.5 }] as const;

test('a run takes steps until it is stopped, with input at exact steps', async () => {
  const world = await physics.createWorld();
  const body = world.createBody({ type: 'dynamic', gravityScale: 0, colliders: BALL });
  await world.step(1);
  const steps: number[] = [];
  const reached = new Promise<void>((resolve) => {
    const run = world.run({
      hz: 500,
      onStep: (step) => {
        steps.push(step);
        if (step === 12) void run.stop().then(resolve);
      },
    });
    run.at(7, () => body.setLinearVelocity([60, 0, 0]));
    expect(() => run.at(1, () => undefined)).toThrow('step must be');
  });
  await reached;
  expect(steps.slice(0, 11)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  // One metre a step, from step 7 on. The world may have gone on before it was stopped.
  expect(body.translation[0]).toBeCloseTo(world.poses.step - 6, 4);
});

test('the capsule goes on by itself while this thread is busy, up to the next input', async () => {
  const world = await physics.createWorld();
  const body = world.createBody({ type: 'dynamic', gravityScale: 0, colliders: BALL });
  await world.step(1);
  const isAt = (step: number) => until(() => world.poses.step >= step);
  const run = world.run({ hz: 50 });
  run.at(30, () => body.setLinearVelocity([60, 0, 0]));
  await isAt(3);
  const before = world.poses.step;
  const deadline = performance.now() + 20_000;
  // Nothing of this thread's event loop runs here.
  while (world.poses.step < 29 && performance.now() < deadline);
  expect(world.poses.step).toBe(29);
  expect(before).toBeLessThan(29);
  await isAt(40);
  await run.stop();
  expect(body.translation[0]).toBeCloseTo(world.poses.step - 29, 3);
});

test('what is asked for during a run is done between two steps', async () => {
  const world = await physics.createWorld();
  addFloor(world);
  const other = await physics.createWorld();
  const body = world.createBody({ type: 'dynamic', position: [0, 9, 0], colliders: BALL });
  await world.step(1);
  await using run = world.run({ hz: 100 });
  const hits = await world.castRays([0, 20, 0, 0, -1, 0]);
  expect(hits.collider(0)).toBeDefined();
  expect((await other.step(5)).step).toBe(5);
  await using second = other.run({ hz: 100 });
  const far = world.poses.step + 20;
  await until(() => world.poses.step >= far && other.poses.step >= 25);
  body.setTranslation([5, 9, 0]);
  await until(() => body.translation[0] === 5);
  expect(run.isPaused || second.isPaused).toBe(false);
});

test('a run whose account holds little takes the steps that it can pay', async () => {
  const account = physics.credits.default;
  const poor = physics.credits.open({ name: 'poor', credits: 0n });
  const world = await physics.createWorld();
  world.createBody({ type: 'dynamic', colliders: BALL });
  await world.step(1);
  physics.credits.transfer(account, poor, account.available - 60n);
  const error = await new Promise((resolve) => world.run({ hz: 1000, onError: resolve }));
  expect(error).toMatchObject({ code: 'job/out-of-budget' });
  expect(world.poses.step).toBeGreaterThan(1);
  expect(account.available).toBeLessThan(12n);
});

test('a paused run stands still, at speed 0 too', async () => {
  const world = await physics.createWorld();
  let isStepped = (): void => undefined;
  const next = () => new Promise<void>((resolve) => (isStepped = resolve));
  const run = world.run({ hz: 200, onStep: () => isStepped() });
  await next();
  run.pause();
  expect(run.isPaused).toBe(true);
  await world.whenIdle();
  const { step } = world.poses;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(world.poses.step).toBe(step);
  run.setSpeed(2);
  run.resume();
  await next();
  expect(world.poses.step).toBeGreaterThan(step);
  expect(run.fraction).toBeLessThanOrEqual(1);
  await run.stop();
  await run.stopped;
});

test('slow motion falls behind, and comes to the same bits with input at the same steps', async () => {
  await using several = await createPhysics({ threads: 3 });
  const begin = async (speed: number) => {
    const world = await several.createWorld({ capacity: 4 });
    addFloor(world);
    const body = world.createBody({ type: 'dynamic', position: [0, 3, 0], colliders: BALL });
    await world.step(1);
    const run = world.run({ hz: 200, speed });
    run.at(20, () => body.applyImpulse([1, 2, 0]));
    run.at(60, () => run.pause());
    return { world, run };
  };
  const [usual, slow] = [await begin(1), await begin(0.25)];
  await until(() => usual.run.isPaused);
  expect(slow.world.poses.step).toBeLessThan(59);
  slow.run.setSpeed(4);
  await until(() => slow.run.isPaused);
  const digests: string[] = [];
  for (const { world, run } of [usual, slow]) {
    await run.stop();
    expect(world.poses.step).toBe(59);
    await world.step(41);
    digests.push(hexOf(await world.digest()));
  }
  expect(digests[1]).toBe(digests[0]);
});

test('closing stops runs first, in a shared runtime and by force too', async () => {
  const ways = [
    async () => {
      const runtime = await createPhysics();
      return { runtime, world: await runtime.createWorld(), end: () => runtime.close() };
    },
    async () => {
      const inos = await createInos({ capsules: { bodies: capsule() } });
      return { world: await inos.bodies.createWorld(), end: () => inos.close() };
    },
    async () => {
      const runtime = await createPhysics();
      return { world: await runtime.createWorld(), end: () => runtime.close({ force: true }) };
    },
    async () => {
      const world = await physics.createWorld();
      return { world, end: () => world.dispose() };
    },
  ];
  for (const way of ways) {
    const { world, end } = await way();
    world.createBody({ type: 'dynamic', colliders: BALL });
    const errors: unknown[] = [];
    const run = world.run({ hz: 20, onError: (error) => errors.push(error) });
    await until(() => world.poses.step > 1);
    const { step } = world.poses;
    await end();
    await run.stopped;
    expect(world.poses.step - step).toBeLessThan(10);
    expect(errors).toEqual([]);
  }
});

test('a run takes as many steps a second as a second of the world has', async () => {
  const world = await physics.createWorld({ stepSeconds: 1 / 200 });
  expect(world.stepSeconds).toBe(1 / 200);
  using state = world.save();
  world.setStepSeconds(1 / 100);
  expect(world.stepSeconds).toBe(1 / 100);
  const snapshot = await world.takeSnapshot();
  await world.restore(state);
  expect(world.stepSeconds).toBe(1 / 200);
  await using again = await physics.restoreSnapshot(snapshot);
  expect(again.stepSeconds).toBeCloseTo(1 / 100, 7);
  const begin = performance.now();
  await using run = world.run();
  await until(() => world.poses.step >= 100);
  expect(performance.now() - begin).toBeLessThan(1200);
  expect(run.isPaused).toBe(false);
});

test('a world runs once at a time, and what cannot be done at a step is refused', async () => {
  const world = await physics.createWorld();
  world.createBody({ type: 'dynamic', colliders: BALL });
  const run = world.run({ hz: 200 });
  expect(() => world.run()).toThrow(expect.objectContaining({ code: 'physics/already-running' }));
  expect(() => run.at(1000, 5 as never)).toThrow(TypeError);
  await until(() => world.poses.step > 2);
  expect(() => run.at(2, () => undefined)).toThrow(RangeError);
  const stopping = run.stop();
  await using next = world.run({ hz: 200 });
  await stopping;
  const code = 'physics/run-stopped';
  expect(() => run.at(10_000, () => undefined)).toThrow(expect.objectContaining({ code }));
  const { step } = world.poses;
  await until(() => world.poses.step > step + 2);
  expect(next.isPaused).toBe(false);
});

test('a run that fails says so', async () => {
  const world = await physics.createWorld();
  const failed = new Promise((resolve) => {
    const run = world.run({ hz: 500, onError: resolve });
    run.at(3, () => {
      throw new Error('no such input');
    });
  });
  expect(await failed).toMatchObject({ message: 'no such input' });
});

test('poses between two steps lie between them', async () => {
  const world = await physics.createWorld({ stepSeconds: 0.1, gravity: [0, 0, 0] });
  world.createBody({
    type: 'dynamic',
    linearVelocity: [2, 0, 0],
    angularVelocity: [0, 1, 0],
    colliders: BALL,
  });
  await world.step(1);
  await world.step(1);
  const translations = new Float32Array(3);
  const rotations = new Float32Array(4);
  expect(world.poses.interpolate(0.25, translations, rotations)).toBe(1);
  expect(translations[0]).toBeCloseTo(0.25, 4);
  expect(Math.hypot(...rotations)).toBeCloseTo(1, 5);
  world.poses.interpolate(1, translations, rotations);
  expect([...translations]).toEqual([...world.poses.translations.subarray(0, 3)]);
  expect([...rotations]).toEqual([...world.poses.rotations.subarray(0, 4)]);
  expect(() => world.poses.interpolate(0, new Float32Array(2), rotations)).toThrow('translations');
});

test('poses are blended with the step before, whatever was asked meanwhile', async () => {
  const world = await physics.createWorld({ stepSeconds: 0.1, gravity: [0, 0, 0] });
  const body = world.createBody({ type: 'dynamic', linearVelocity: [2, 0, 0], colliders: BALL });
  const xBetween = () => {
    const translations = new Float32Array(3);
    world.poses.interpolate(0.5, translations, new Float32Array(4));
    return translations[0];
  };
  await world.step(1);
  await world.step(1);
  for (let asked = 1; asked <= 4; asked++) {
    body.setGravityScale(asked);
    await world.step(0);
    expect(xBetween()).toBeCloseTo(0.3, 4);
  }
  await world.step(1);
  expect(xBetween()).toBeCloseTo(0.5, 4);
});

/** What a player does in a step. */
interface Move {
  readonly step: number;
  readonly player: number;
  readonly impulse: readonly [number, number, number];
}

const PLAYERS = 2;
const DELAY = 6;

/** One side of a game: it steps at once with what it knows, and rolls back when it learns more. */
class Peer {
  readonly #world: World;
  readonly #bodies: readonly Body[];
  readonly #moves = new Map<number, Move[]>();
  readonly #states = new Map<number, WorldState>();
  #oldestNews = Infinity;
  rollbacks = 0;

  constructor(world: World, bodies: readonly Body[]) {
    this.#world = world;
    this.#bodies = bodies;
  }

  learn(move: Move): void {
    const moves = this.#moves.get(move.step) ?? [];
    // The same order everywhere, in whichever order they arrive.
    moves.push(move);
    moves.sort((one, other) => one.player - other.player);
    this.#moves.set(move.step, moves);
    this.#oldestNews = Math.min(this.#oldestNews, move.step);
  }

  async stepTo(step: number): Promise<void> {
    const from = Math.min(this.#oldestNews, step);
    if (from < step) {
      const state = this.#states.get(from);
      if (state === undefined) throw new Error(`news from step ${from} come too late`);
      await this.#world.restore(state);
      this.rollbacks++;
    }
    this.#oldestNews = Infinity;
    for (let at = from; at <= step; at++) {
      this.#states.get(at)?.dispose();
      this.#states.set(at, this.#world.save());
      for (const { player, impulse } of this.#moves.get(at) ?? []) {
        this.#bodies[player]?.applyImpulse(impulse);
      }
      await this.#world.step(1);
    }
    this.#states.get(step - DELAY - 1)?.dispose();
    this.#states.delete(step - DELAY - 1);
    this.#moves.delete(step - DELAY - 1);
  }

  async digest(): Promise<string> {
    return hexOf(await this.#world.digest());
  }
}

async function createPeer(runtime: Physics): Promise<Peer> {
  const world = await runtime.createWorld({ capacity: 8 });
  addFloor(world);
  const bodies = Array.from({ length: PLAYERS }, (_, player) =>
    world.createBody({ type: 'dynamic', position: [player * 1.2, 1, 0], colliders: BALL }),
  );
  world.createBody({
    type: 'dynamic',
    position: [0.5, 3, 0.2],
    canSleep: false,
    colliders: [{ shape: 'box', halfExtents: [0.5, 0.5, 0.5] }],
  });
  return new Peer(world, bodies);
}

test(
  'two peers with delayed and reordered inputs roll back and agree',
  { timeout: 120_000 },
  async () => {
    const STEPS = 2000;
    const next = numbersFrom(11);
    await using elsewhere = await createPhysics();
    const peers = [await createPeer(physics), await createPeer(elsewhere)] as const;
    const flying: { readonly arrives: number; readonly to: number; readonly move: Move }[] = [];
    for (let step = 0; step < STEPS + DELAY; step++) {
      for (let player = 0; player < PLAYERS && step < STEPS; player++) {
        if (next() > 0.05) continue;
        const impulse = [next() - 0.5, next(), next() - 0.5] as const;
        const move = { step, player, impulse };
        peers[player as 0 | 1].learn(move);
        // Each message takes its own time, so they overtake one another.
        const arrives = step + 1 + Math.floor(next() * DELAY);
        flying.push({ arrives, to: 1 - player, move });
      }
      for (const { arrives, to, move } of flying) {
        if (arrives === step) peers[to as 0 | 1].learn(move);
      }
      await Promise.all(peers.map((peer) => peer.stepTo(step)));
    }
    expect(peers[0].rollbacks).toBeGreaterThan(10);
    expect(peers[1].rollbacks).toBeGreaterThan(10);
    expect(await peers[0].digest()).toBe(await peers[1].digest());
  },
);

test('worlds on several threads come to what they come to on one', async () => {
  await using several = await createPhysics({ threads: 2 });
  const fall = async (runtime: Physics, height: number) => {
    const world = await runtime.createWorld({ capacity: 64 });
    addFloor(world);
    world.createBodies({
      type: 'dynamic',
      positions: Float32Array.from({ length: 90 }, (_, index) => height + index * 0.3),
      colliders: BALL,
    });
    for (let round = 0; round < 10; round++) await world.step(10);
    return hexOf(await world.digest());
  };
  const heights = [1, 2, 3, 4];
  const together = await Promise.all(heights.map((height) => fall(several, height)));
  const alone: string[] = [];
  for (const height of heights) alone.push(await fall(physics, height));
  expect(together).toEqual(alone);
});
