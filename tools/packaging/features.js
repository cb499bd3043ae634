// What is tried wherever the packages are installed: in Node and its like, and in pages. Copied beside each consumer,
// so that the engine or the bundler there loads it as it loads the user's own modules.
import { createInos, diagnose } from '@inos/sdk';
import { fixture } from '@inos/fixture';
import { mining } from '@inos/mining';
import { physics } from '@inos/physics';

const TIMEOUT_MS = 10_000;
const STUCK_AFTER_MS = 200;
const BYTES = new TextEncoder().encode('packed, installed and run');

/** Enough work to be at it until it is cancelled. */
const LONG = { pieces: 2 ** 30, roundsPerPiece: 2000 };

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

function expectEqual(actual, expected, what) {
  if (String(actual) !== String(expected)) throw new Error(`${what}: ${actual} is not ${expected}`);
}

/** Each tries one thing and throws if it doesn't work. */
const FEATURES = {
  /** One job, its result checked by Web Crypto. */
  async job() {
    const inos = await createInos({ capsules: { mining: mining() }, credits: 1_000_000n });
    const job = inos.mining.hash('sha256', BYTES);
    expectEqual(await job, await sha256(BYTES), 'sha256');
    expectEqual(job.usage.units > 0n, true, 'the job was charged');
    await inos.close();
  },

  /** Two worlds that were made and stepped alike have the same digest, and what fell has fallen. */
  async physics() {
    const inos = await createInos({ capsules: { physics: physics() } });
    const digests = [];
    for (let twin = 0; twin < 2; twin++) {
      const world = await inos.physics.createWorld({ gravity: [0, -9.81, 0] });
      const colliders = [{ shape: 'ball', radius: 0.5 }];
      const ball = world.createBody({ type: 'dynamic', position: [0, 5, 0], colliders });
      await world.step(30);
      const [, height] = ball.translation;
      expectEqual(height > 3 && height < 4.5, true, `a ball at ${height} m has fallen`);
      digests.push(await world.digest());
      await world.step(1);
      expectEqual(String(await world.digest()) !== String(digests[0]), true, 'a step is seen');
    }
    expectEqual(digests[0], digests[1], 'the digest of a twin');
    await inos.close();
  },

  /** A rope hangs from one end: the capsule's other module is found, too. */
  async softBodies() {
    const inos = await createInos({ capsules: { physics: physics({ softBodies: true }) } });
    const world = await inos.physics.createWorld({ gravity: [0, -9.81, 0] });
    const ends = { start: [0, 4, 0], end: [2, 4, 0] };
    const rope = await world.createSoftBody({ kind: 'rope', ...ends, count: 8, pinned: [0] });
    await world.step(30);
    const heights = [...(await rope.readPositions())].filter((_, index) => index % 3 === 1);
    expectEqual(heights[0], 4, 'the height of the pinned end');
    expectEqual(heights[7] < 3.5, true, `the other end at ${heights[7]} m has fallen`);
    await inos.close();
  },

  /** Two threads share a search, and work at the same time. */
  async threads() {
    const capsules = { mining: mining({ threads: 2 }), fixture: fixture({ threads: 2 }) };
    const inos = await createInos({ capsules });
    const header = new Uint8Array(80).fill(7);
    const target = new Uint8Array(32).fill(0xff);
    target[0] = 0;
    const result = await inos.mining.search({ header, target, algorithm: 'sha256d', threads: 2 });
    new DataView(header.buffer).setUint32(76, result.nonce, true);
    expectEqual(result.digest, await sha256(await sha256(header)), 'the digest of the nonce found');
    const jobs = [inos.fixture.sum(LONG), inos.fixture.sum(LONG)];
    while (jobs.some(({ status }) => status !== 'running')) await pause(1);
    for (const job of jobs) job.cancel();
    for (const job of jobs) expectEqual(await codeOf(job), 'job/cancelled', 'a long sum');
    await inos.close();
  },

  /** Data that lies in the shared memory, which grows meanwhile, is hashed where it lies. */
  async memory() {
    const inos = await createInos({ capsules: { mining: mining() } });
    const input = inos.memory.alloc(Uint8Array, 1 << 20).fill(3);
    const job = inos.mining.hash('sha256', input);
    const before = inos.memory.byteLength;
    inos.memory.alloc(Uint8Array, 2 ** 26);
    expectEqual(inos.memory.byteLength > before, true, 'the memory grew');
    expectEqual(await job, await sha256(input.slice()), 'sha256');
    expectEqual(job.usage.bytesCopied, 0, 'bytes copied');
    await inos.close();
  },

  /** A capsule that panics or traps starts anew and does the next job. */
  async crash() {
    const inos = await createInos({ capsules: { fixture: fixture({ threads: 2 }) } });
    const crashes = { panic: 'capsule/panicked', trap: 'capsule/crashed' };
    for (const [misdeed, code] of Object.entries(crashes)) {
      expectEqual(await codeOf(inos.fixture.misbehave(misdeed)), code, misdeed);
      expectEqual(await inos.fixture.sum({ pieces: 10, threads: 2 }), 45n, 'the sum afterwards');
    }
    await inos.close();
  },

  /** A thread that hears nothing is ended, and the capsule does the next job. */
  async stuck() {
    const stuckAfterMs = STUCK_AFTER_MS;
    const inos = await createInos({ capsules: { fixture: fixture({ stuckAfterMs }) } });
    expectEqual(await codeOf(inos.fixture.misbehave('never-poll')), 'capsule/stuck', 'never-poll');
    expectEqual(await inos.fixture.sum({ pieces: 10 }), 45n, 'the sum afterwards');
    await inos.close();
  },

  /** The host sleeps until an answer wakes it, instead of looking every few milliseconds. */
  async wake() {
    const { findings } = await diagnose();
    const waiting = findings.find(({ feature }) => feature === 'waitAsync');
    expectEqual(waiting.isAvailable, true, waiting.detail);
  },
};

async function codeOf(job) {
  try {
    await job;
    return 'no error';
  } catch (error) {
    return error.code ?? error;
  }
}

async function outcomeOf(attempt) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, TIMEOUT_MS, `took over ${TIMEOUT_MS} ms`);
  });
  const ok = attempt().then(
    () => 'ok',
    // Not every engine's stack begins with the message.
    (error) => [error.code, error.message, error.cause, error.stack].filter(Boolean).join('\n'),
  );
  const outcome = await Promise.race([ok, late]);
  clearTimeout(timer);
  return outcome;
}

/** Tries everything and resolves, for each thing, 'ok' or what went wrong. */
export async function tryFeatures() {
  const outcomes = {};
  for (const [name, attempt] of Object.entries(FEATURES)) {
    outcomes[name] = await outcomeOf(attempt);
  }
  return outcomes;
}
