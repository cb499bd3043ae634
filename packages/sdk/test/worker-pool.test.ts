/**
 * The workers that capsules' threads share while they start, with workers that do as the test tells them.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openEarly } from '../src/capsule/early-workers.js';
import {
  installPlatform,
  type CapsuleWorker,
  type Platform,
  type WorkerTask,
} from '../src/capsule/platform.js';
import { take } from '../src/capsule/turns.js';
import { poolOf, type WorkerPool } from '../src/capsule/worker-pool.js';

/** So many that two workers come up together. */
const CORES = 3;
const AT_ONCE = 2;

/** A worker that says what the test has it say. */
class FakeWorker implements CapsuleWorker {
  isUp = false;
  isGone = false;
  isKeptAlive = false;
  /** The capsules whose threads it has run. */
  readonly tasks: number[] = [];
  /** What it was told to run next. */
  readonly #next: WorkerTask[] = [];
  #isBusy = false;
  lose: (reason: unknown) => void = () => undefined;
  readonly lost = new Promise<unknown>((resolve) => (this.lose = resolve));
  onMessage: CapsuleWorker['onMessage'] = () => (this.isUp = true);

  run(task: WorkerTask): void {
    this.#next.push(task);
    if (!this.#isBusy) this.goOn();
  }

  /** Leaves the thread that it runs and begins with the next, as workers do, before anybody hears of it. */
  goOn(): void {
    const task = this.#next.shift();
    this.#isBusy = task !== undefined;
    if (task === undefined) return;
    if (take(task.turn)) this.tasks.push(task.capsule);
    else this.goOn();
  }

  keepAlive(isNeeded: boolean): void {
    this.isKeptAlive = isNeeded;
  }

  terminate(): Promise<void> {
    this.isGone = true;
    return Promise.resolve();
  }

  say(kind: 'up' | 'ready' | 'left'): void {
    if (kind === 'left') this.goOn();
    this.onMessage({ kind });
  }
}

/** A capsule of one thread, and what it was told and said. */
class FakeCapsule {
  readonly told: string[] = [];
  isStopping = false;
  leaves = false;
  enter: () => void = () => undefined;
  readonly thread;

  constructor(pool: WorkerPool, capsule: number, isShared = true) {
    const tell = (what: string) => () => void this.told.push(what);
    const events = {
      onReady: tell('ready'),
      onLeft: tell('left'),
      onCrash: tell('crashed'),
      onRest: (enter: () => void) => {
        this.told.push('rests');
        this.enter = enter;
      },
    };
    const task = { capsule } as WorkerTask;
    this.thread = pool.run(task, events, isShared ? this : undefined);
  }

  leaveWhenIdle(isWanted: boolean): void {
    this.leaves = isWanted;
  }
}

let workers: FakeWorker[] = [];
let pool: WorkerPool;
let memory: object;
const at = (index: number): FakeWorker => {
  const worker = workers[index];
  if (worker === undefined) throw new Error(`there is no worker ${index}`);
  return worker;
};
const start = (count: number) =>
  Array.from({ length: count }, (_, capsule) => new FakeCapsule(pool, capsule));

beforeEach(() => {
  vi.useFakeTimers();
  workers = [];
  installPlatform({
    hardwareThreads: CORES,
    canShare: true,
    mayBlock: true,
    compileAt: () => Promise.reject(new Error('no module is compiled here')),
    openWorker: () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
  } satisfies Platform);
  memory = {};
  pool = poolOf(memory);
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a pool of workers', () => {
  it('gives each of few threads a worker of its own, and asks none to leave it', () => {
    const capsules = start(AT_ONCE);
    expect(workers).toHaveLength(AT_ONCE);
    for (const worker of workers) {
      worker.say('up');
      worker.say('ready');
    }
    expect(workers.map(({ tasks }) => tasks)).toEqual([[0], [1]]);
    expect(capsules.map(({ leaves }) => leaves)).toEqual([false, false]);
    const late = new FakeCapsule(pool, AT_ONCE);
    expect(workers).toHaveLength(AT_ONCE + 1);
    expect(capsules.map(({ leaves }) => leaves)).toEqual([false, false]);
    at(AT_ONCE).say('up');
    expect(at(AT_ONCE).tasks).toEqual([AT_ONCE]);
    expect(late.leaves).toBe(false);
  });

  it('has many take turns on as many workers as there are cores to spare', () => {
    const capsules = start(5);
    expect(workers).toHaveLength(AT_ONCE);
    at(0).say('up');
    at(0).say('ready');
    expect(capsules[0]?.leaves).toBe(true);
    for (let turn = 0; turn < 4; turn++) at(0).say('left');
    expect(at(0).tasks).toEqual([0, 1, 2, 3, 4]);
    expect(capsules.map(({ told }) => told.at(-1))).toEqual([
      ...['rests', 'rests', 'rests', 'rests'],
      undefined,
    ]);
    // Nobody waits any more: who is on a worker may stay until somebody does.
    expect(capsules[4]?.leaves).toBe(false);
    capsules[1]?.enter();
    expect(capsules[4]?.leaves).toBe(true);
    at(0).say('left');
    expect(at(0).tasks.at(-1)).toBe(1);
  });

  it('starts more after a while, until each thread has one', async () => {
    start(5);
    for (const worker of workers) worker.say('up');
    await vi.runAllTimersAsync();
    expect(workers).toHaveLength(2 * AT_ONCE);
    at(2).say('up');
    // One for each that still has none.
    expect(workers).toHaveLength(5);
    at(0).say('left');
    at(3).say('up');
    at(4).say('up');
    expect(workers).toHaveLength(5);
    for (const worker of workers) worker.say('ready');
    const running = workers.map(({ tasks }) => tasks.at(-1));
    expect(running.sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('starts none while turns end soon, unless they go on for long', async () => {
    const capsules = start(3);
    for (const worker of workers) worker.say('up');
    const turnFor = async (milliseconds: number) => {
      for (let passed = 0; passed < milliseconds; passed += 10) {
        await vi.advanceTimersByTimeAsync(10);
        at(0).say('left');
        for (const capsule of capsules) capsule.enter();
      }
    };
    await turnFor(150);
    expect(workers).toHaveLength(AT_ONCE);
    await turnFor(100);
    expect(workers).toHaveLength(AT_ONCE + 1);
  });

  it('gives threads that can’t share a worker at once, each', () => {
    const capsules = [0, 1, 2, 3].map((capsule) => new FakeCapsule(pool, capsule, false));
    expect(workers).toHaveLength(4);
    for (const worker of workers) worker.say('up');
    expect(workers.map(({ tasks }) => tasks)).toEqual([[0], [1], [2], [3]]);
    at(0).say('left');
    expect(capsules[0]?.told).toEqual(['left']);
  });

  it('uses a worker again, and one that was started early', async () => {
    openEarly(memory);
    at(0).say('up');
    const [first] = start(1);
    await vi.advanceTimersByTimeAsync(0);
    expect(at(0).tasks).toEqual([0]);
    if (first) first.isStopping = true;
    at(0).say('left');
    expect(first?.told).toEqual(['left']);
    new FakeCapsule(pool, 1);
    expect(at(0).tasks).toEqual([0, 1]);
    expect(workers).toHaveLength(1);
  });

  it('takes back who has no worker, and ends who has one', async () => {
    const [first, second, third] = start(3);
    at(0).say('up');
    third?.thread.recall?.();
    expect(third?.told).toEqual(['left']);
    first?.thread.recall?.();
    expect(first?.told).toEqual([]);
    await first?.thread.terminate();
    expect(at(0).isGone).toBe(true);
    at(1).say('up');
    expect(at(1).tasks).toEqual([1]);
    await second?.thread.terminate();
    expect(at(1).isGone).toBe(true);
  });

  describe('tells a worker who is next', () => {
    it('so that it goes on before anybody hears', () => {
      const capsules = start(3);
      at(0).say('up');
      at(0).goOn();
      expect(at(0).tasks).toEqual([0, 1]);
      expect(capsules[0]?.told).toEqual([]);
      at(0).onMessage({ kind: 'left' });
      at(0).onMessage({ kind: 'ready' });
      expect(capsules.map(({ told }) => told)).toEqual([['rests'], ['ready'], []]);
      at(0).goOn();
      expect(at(0).tasks).toEqual([0, 1, 2]);
    });

    it('and gives that one to a worker that is free before', () => {
      const [first, second] = start(3);
      at(0).say('up');
      expect(first?.leaves).toBe(true);
      at(1).say('up');
      at(1).say('left');
      expect(at(1).tasks).toEqual([2, 1]);
      at(0).goOn();
      expect(at(0).tasks).toEqual([0]);
      expect([first?.leaves, second?.told]).toEqual([false, []]);
    });

    it('until that one is recalled', () => {
      const [first, second] = start(3);
      at(0).say('up');
      second?.thread.recall?.();
      expect(second?.told).toEqual(['left']);
      at(0).say('left');
      expect(at(0).tasks).toEqual([0, 2]);
      expect(first?.told).toEqual(['rests']);
    });

    it('which leaves by itself if it is recalled too late', () => {
      const [, second] = start(3);
      at(0).say('up');
      at(0).goOn();
      second?.thread.recall?.();
      expect(second?.told).toEqual([]);
      if (second) second.isStopping = true;
      at(0).onMessage({ kind: 'left' });
      at(0).say('left');
      expect(second?.told).toEqual(['left']);
    });

    it('and ends it without that one', async () => {
      const [first] = start(2);
      at(0).say('up');
      expect(first?.leaves).toBe(true);
      await first?.thread.terminate();
      expect(at(0).isGone).toBe(true);
      at(1).say('up');
      expect(at(1).tasks).toEqual([1]);
    });

    it.each([
      ['the thread before', 0, false],
      ['that one', 1, true],
    ])('and ends nobody else for %s once it has gone on', async (_, ended, isGone) => {
      const capsules = start(2);
      at(0).say('up');
      at(0).goOn();
      const capsule = capsules[ended];
      if (capsule) capsule.isStopping = true;
      const end = capsule?.thread.terminate();
      await vi.advanceTimersByTimeAsync(0);
      expect(at(0).isGone).toBe(false);
      at(0).onMessage({ kind: 'left' });
      await end;
      expect(at(0).isGone).toBe(isGone);
      expect(at(0).tasks).toEqual([0, 1]);
    });

    it.each([
      ['runs elsewhere if it had not begun', false, []],
      ['dies with it if it had begun', true, ['crashed']],
    ])('which %s when the worker is lost', async (_, hasBegun, told) => {
      const [first, second] = start(2);
      at(0).say('up');
      if (hasBegun) at(0).goOn();
      at(0).lose(new Error('gone'));
      await vi.advanceTimersByTimeAsync(0);
      expect([first?.told, second?.told]).toEqual([['crashed'], told]);
      at(1).say('up');
      expect(at(1).tasks).toEqual(hasBegun ? [] : [1]);
    });
  });

  it('tells a thread that waits of a worker that never came up', async () => {
    const [only] = start(1);
    at(0).lose(new Error('no such file'));
    await vi.advanceTimersByTimeAsync(0);
    expect(only?.told).toEqual(['crashed']);
    expect(workers).toHaveLength(1);
  });

  it('keeps the process alive for workers that somebody waits for, not for others', () => {
    const [only] = start(1);
    expect(at(0).isKeptAlive).toBe(false);
    only?.thread.keepAlive(true);
    expect(at(0).isKeptAlive).toBe(true);
    at(0).say('up');
    expect(at(0).isKeptAlive).toBe(true);
    if (only) only.isStopping = true;
    at(0).say('left');
    expect(at(0).isKeptAlive).toBe(false);
  });

  it('ends its workers with its last user', async () => {
    const same = poolOf(memory);
    expect(same).toBe(pool);
    const [only] = start(1);
    at(0).say('up');
    if (only) only.isStopping = true;
    at(0).say('left');
    await same.close();
    expect(at(0).isGone).toBe(false);
    await pool.close();
    expect(at(0).isGone).toBe(true);
  });
});
