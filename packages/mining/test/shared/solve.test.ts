/** Solving: our own challenges and those of others, in slices that keep to their share of the time. */
import { createChallenge, MemoryStore, verify, type ChallengeFormat } from '@inos/mining/pow';
import {
  createSolver,
  POW_ERROR_CODES,
  solve,
  type Pace,
  type SolveProgress,
  type Solver,
} from '@inos/mining/solve';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstNumber, solveStamp } from './brute-force.js';
import { hexOf } from './vectors.js';
import protocols from '../../../../vectors/mining/protocols.json';

const secret = 'a secret of the tests, long enough';
const failing = (code: string) => expect.objectContaining({ code }) as Error;

let solver: Solver;
beforeAll(async () => {
  solver = await createSolver({ threads: 2 });
});
afterAll(() => solver.close());

describe.each<ChallengeFormat>(['inos', 'altcha', 'altcha-v2'])('format %s', (format) => {
  it('is solved and verified', async () => {
    const challenge = await createChallenge({ secret, difficulty: 30_000, context: 'c', format });
    const asText = typeof challenge === 'string' ? challenge : JSON.stringify(challenge);
    const store = new MemoryStore();
    const { payload, hashes } = await solver.solve(challenge);
    expect(hashes).toBeGreaterThan(0);
    expect(await verify(payload, { secret, store, context: 'c' })).toMatchObject({ format });
    const again = await solver.solve(asText);
    await expect(verify(again.payload, { secret, store, context: 'c' })).rejects.toThrow(
      failing('mining/challenge-replayed'),
    );
  });
});

it('finds the lowest nonce, counts what it tried, and shows the digest of the whole stamp', async () => {
  const challenge = await createChallenge({ secret, difficulty: 3000 });
  const expected = solveStamp(challenge);
  for (const threads of [1, 3]) {
    const { payload, nonce, digest, hashes } = await solve(challenge, { threads });
    expect(payload).toBe(expected);
    expect(payload).toBe(`${challenge}.${nonce}`);
    expect(hexOf(digest)).toBe(hexOf(sha256(utf8ToBytes(payload))));
    if (threads === 1) expect(hashes).toBe(nonce + 1);
  }
});

describe('a challenge that has expired', () => {
  const NOW = Date.UTC(2026, 0, 2);

  it.each<ChallengeFormat>(['inos', 'altcha', 'altcha-v2'])('as %s is refused', async (format) => {
    const challenge = await createChallenge({ secret, difficulty: 50, format, nowMs: NOW });
    const text = typeof challenge === 'string' ? challenge : JSON.stringify(challenge);
    for (const each of [challenge, text]) {
      for (const search of [solve(each), solver.solve(each)]) {
        await expect(search).rejects.toMatchObject({
          code: 'mining/challenge-expired',
          details: { expiresAtMs: NOW + 600_000 },
        });
      }
    }
    const late = solver.solve(challenge, { nowMs: NOW + 600_000 });
    await expect(late).rejects.toThrow(failing('mining/challenge-expired'));
    const { expiresAtMs } = await solver.solve(challenge, { nowMs: NOW + 599_999 });
    expect(expiresAtMs).toBe(NOW + 600_000);
    await expect(solver.solve(challenge, { nowMs: -1 })).rejects.toThrow('nowMs must be');
  });

  it('meanwhile is worked at no longer', async () => {
    const terms = { secret, difficulty: 2 ** 50, lifetimeMs: 300 };
    const late = solver.solve(await createChallenge(terms));
    await expect(late).rejects.toThrow(failing('mining/challenge-expired'));
  });

  it('is none if it says nothing of the kind', async () => {
    const challenge = await createChallenge({ secret, difficulty: 50, format: 'altcha' });
    const hash = hexOf(sha256(utf8ToBytes('salt7')));
    for (const salt of ['salt', 'salt?expires=soon']) {
      const found = { ...challenge, salt, challenge: hexOf(sha256(utf8ToBytes(`${salt}7`))) };
      expect(await solver.solve(found)).toMatchObject({ nonce: 7, expiresAtMs: Infinity });
    }
    const old = { ...challenge, salt: 'salt?expires=1700000000', challenge: hash };
    await expect(solver.solve(old)).rejects.toThrow(failing('mining/challenge-expired'));
  });
});

describe('Anubis', () => {
  it.each([0, 1, 3, 4])('difficulty %i', async (difficulty) => {
    const randomData = 'c0ffee'.repeat(10);
    const { payload, nonce } = await solver.solve({
      challenge: { id: 'an-id', randomData },
      rules: { difficulty, algorithm: 'fast' },
    });
    const zeros = '0'.repeat(difficulty);
    expect(nonce).toBe(firstNumber(randomData, (hex) => hex.startsWith(zeros)));
    const query = new URLSearchParams(payload);
    expect(query.get('response')).toBe(hexOf(sha256(utf8ToBytes(randomData + String(nonce)))));
    expect([query.get('nonce'), query.get('id')]).toEqual([String(nonce), 'an-id']);
    // All that its server asks for but the page to go to.
    expect([...query.keys()]).toEqual(['response', 'nonce', 'elapsedTime', 'id']);
    expect(query.get('elapsedTime')).toMatch(/^\d+$/);
  });

  it('gives the response of a search', async () => {
    const { challenge, difficulty, nonce, response } = protocols.anubis.search;
    // By nothing of this package: the vector itself is right.
    const digest = await crypto.subtle.digest(
      'SHA-256',
      new TextEncoder().encode(`${challenge}${nonce}`),
    );
    const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0'));
    expect(hex.join('')).toBe(response);
    expect(response.startsWith('0'.repeat(difficulty))).toBe(true);
    const before = performance.now();
    const { payload } = await solver.solve({ challenge, rules: { difficulty } });
    const query = new URLSearchParams(payload);
    expect([query.get('response'), query.get('nonce')]).toEqual([response, String(nonce)]);
    expect(Number(query.get('elapsedTime'))).toBeLessThanOrEqual(
      Math.ceil(performance.now() - before),
    );
  });

  it('gives the response of its own test', async () => {
    const { payload } = await solver.solve({ challenge: 'hunter', rules: { difficulty: 0 } });
    expect(new URLSearchParams(payload).get('response')).toBe(protocols.anubis.response);
  });
});

describe('mCaptcha', () => {
  it.each(protocols.mcaptcha.works)('$string', async ({ string, nonce, result }) => {
    const { salt, difficulty_factor } = protocols.mcaptcha;
    const solution = await solver.solve({ string, salt, difficulty_factor });
    expect(JSON.parse(solution.payload)).toEqual({ string, result, nonce });
  });
});

const zeros = '0'.repeat(64);

/** A clock that stands still but for work and pauses, and notes the pauses. */
function standingClock(sliceMs: number) {
  let time = 0;
  const pauses: number[] = [];
  const pace: Pace = {
    // Asked before and after each slice: between the two it takes its time.
    now: () => (time += sliceMs),
    pause: async (milliseconds) => {
      pauses.push(milliseconds);
      time += milliseconds;
    },
  };
  return { pace, pauses };
}

describe('a share of the time', () => {
  const unsolvable = async () => {
    const challenge = await createChallenge({ secret, difficulty: 1_000_000, format: 'altcha' });
    return { ...challenge, challenge: '1'.padStart(64, '0'), maxnumber: 999_999 };
  };

  it.each([1, 0.5, 0.2])('of %d: slices, and pauses after them', async (cpuShare) => {
    const { pace, pauses } = standingClock(100);
    const reports: SolveProgress[] = [];
    const onProgress = (progress: SolveProgress) => reports.push(progress);
    const search = solver.solve(await unsolvable(), { cpuShare, pace, onProgress });
    await expect(search).rejects.toThrow(failing('mining/challenge-unsolvable'));
    // 65,536 hashes a slice that takes as long as slices shall: 15 whole ones, and what is left of a million.
    expect(reports.map(({ hashes }) => hashes)).toEqual(
      Array.from({ length: 16 }, (_, index) => Math.min(65_536 * (index + 1), 1_000_000)),
    );
    const each = 100 / cpuShare - 100;
    const expected = cpuShare === 1 ? [] : reports.map((): unknown => expect.closeTo(each, 6));
    expect(pauses.slice(0, -1)).toEqual(expected.slice(0, -1));
    expect(pauses).toHaveLength(expected.length);
  });

  it('slices become as long as they shall', async () => {
    const { pace } = standingClock(1000);
    const hashes: number[] = [];
    const onProgress = (progress: SolveProgress) => hashes.push(progress.hashes);
    const search = solver.solve(await unsolvable(), { pace, onProgress });
    await expect(search).rejects.toThrow(failing('mining/challenge-unsolvable'));
    // Ten times too long: an eighth the next time, the most at once, down to the smallest.
    const slices = hashes.map((count, index) => count - (hashes[index - 1] ?? 0));
    expect(slices.slice(0, 4)).toEqual([65_536, 8192, 1024, 1024]);
  });

  it.each([0, -1, 1.1, NaN, '1'])('%j is none', async (cpuShare) => {
    const options = { cpuShare: cpuShare as number };
    await expect(solver.solve(await unsolvable(), options)).rejects.toThrow('cpuShare must be');
    await expect(solve(await unsolvable(), options)).rejects.toThrow('cpuShare must be');
  });
});

describe('it stops', () => {
  it('when it is told, with the reason it is given', async () => {
    const challenge = await createChallenge({ secret, difficulty: 1e15 });
    const reason = new Error('enough');
    const early = AbortSignal.abort(reason);
    await expect(solver.solve(challenge, { signal: early })).rejects.toBe(reason);
    await expect(solve(challenge, { signal: early })).rejects.toBe(reason);
    const working = new AbortController();
    const onProgress = () => {
      working.abort(reason);
    };
    const search = solver.solve(challenge, { signal: working.signal, onProgress });
    await expect(search).rejects.toBe(reason);
    const pausing = new AbortController();
    const paused = solver.solve(challenge, {
      signal: pausing.signal,
      // A pause of hours.
      cpuShare: 1e-9,
      pace: {
        now: () => performance.now(),
        pause: (_, signal) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason as Error));
            pausing.abort(reason);
          }),
      },
    });
    await expect(paused).rejects.toBe(reason);
  });

  it('at once, if only a digest of zeros would do', async () => {
    for (const search of [
      { challenge: 'x', rules: { difficulty: 64 } },
      { ...(await createChallenge({ secret, difficulty: 9, format: 'altcha' })), challenge: zeros },
    ]) {
      await expect(solve(search)).rejects.toThrow(failing('mining/challenge-unsolvable'));
    }
  });

  it('at the highest nonce there can be', async () => {
    const challenge = await createChallenge({ secret, difficulty: 100, format: 'altcha' });
    const search = solver.solve({ ...challenge, challenge: 'f'.repeat(64), maxnumber: 5 });
    await expect(search).rejects.toMatchObject({
      code: 'mining/challenge-unsolvable',
      details: { hashes: 6 },
    });
  });
});

it.each([
  undefined,
  7,
  '',
  'inos1.x',
  '[]',
  '{}',
  { rules: { difficulty: 65 }, challenge: 'x' },
  { rules: { difficulty: 1 }, challenge: {} },
  { rules: { difficulty: 1 }, challenge: 'x'.repeat(2000) },
  { difficulty_factor: 0, string: 'x', salt: 'y' },
  { difficulty_factor: 5, string: 7, salt: 'y' },
  { salt: 's', challenge: 'x', algorithm: 'SHA-256' },
  { salt: 's', challenge: '0'.repeat(64), algorithm: 'SHA-512', signature: '0'.repeat(64) },
  { parameters: { algorithm: 'SHA-256', cost: 1 } },
])('refuses %j', async (challenge) => {
  await expect(solve(challenge as never)).rejects.toThrow(failing('mining/challenge-malformed'));
});

const SHA2 = ['SHA-256', 'SHA-384', 'SHA-512'];
const OF_KEYS = SHA2.flatMap((name) => [name, `PBKDF2/${name}`]);

it.each([
  [
    { salt: 's', challenge: '0'.repeat(64), algorithm: 'MD5', signature: '0'.repeat(64) },
    'MD5',
    ['SHA-1', ...SHA2],
  ],
  [{ parameters: { algorithm: 'SCRYPT', cost: 5000, memoryCost: 8 } }, 'SCRYPT', OF_KEYS],
  [{ parameters: { algorithm: 'ARGON2ID', cost: 2, parallelism: 1 } }, 'ARGON2ID', OF_KEYS],
  [{ rules: { difficulty: 1, algorithm: 'preact' }, challenge: 'x' }, 'preact', ['fast', 'slow']],
])(
  'doesn’t know how to solve %j, and says what it knows',
  async (challenge, algorithm, supported) => {
    const error = await solve(challenge as never).catch((error: unknown) => error);
    expect(error).toEqual(failing('mining/challenge-unsupported'));
    expect(error).toMatchObject({ details: { algorithm, supported } });
    for (const name of [algorithm, ...supported]) expect((error as Error).message).toContain(name);
  },
);

describe('whatever it is given', () => {
  const codes: readonly unknown[] = POW_ERROR_CODES;

  /** Refuses it with a code of its own; a solution within a thousand hashes is as good. */
  async function survives(challenge: unknown): Promise<void> {
    const enough = new AbortController();
    const onProgress = () => {
      enough.abort({ code: 'mining/challenge-unsolvable' });
    };
    const search = solver.solve(challenge as never, { signal: enough.signal, onProgress });
    const outcome = await search.catch((error: unknown) => error);
    if (!(outcome instanceof Object && 'payload' in outcome)) {
      expect(codes).toContain((outcome as { code?: unknown }).code);
    }
  }

  it('text', async () => {
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary' }), survives));
    await fc.assert(fc.asyncProperty(fc.json(), survives));
  });

  it('objects of every protocol', async () => {
    const any = fc.oneof(fc.jsonValue(), fc.nat(), fc.string(), fc.constant('SHA-256'));
    const hex = fc.oneof(any, fc.stringMatching(/^[0-9a-f]{64}$/), fc.constantFrom('00', '0'));
    const objects = fc.oneof(
      fc.record({ algorithm: any, challenge: hex, salt: any, signature: hex, maxnumber: any }),
      fc.record({
        parameters: fc.record({
          algorithm: any,
          cost: fc.constant(1),
          nonce: hex,
          salt: hex,
          keyPrefix: hex,
          keyLength: any,
        }),
        signature: hex,
      }),
      fc.record({ challenge: any, rules: fc.record({ difficulty: any, algorithm: any }) }),
      fc.record({ string: any, salt: any, difficulty_factor: any }),
    );
    await fc.assert(fc.asyncProperty(objects, survives), { numRuns: 300 });
  });
});
