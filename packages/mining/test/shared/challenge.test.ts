/** Challenges made and verified: what passes, and what each wrong thing is refused with. */
import {
  createChallenge,
  MemoryStore,
  POW_ERROR_CODES,
  targetOfDifficulty,
  verify,
  type ChallengeFormat,
  type VerifyOptions,
} from '@inos/mining/pow';
import { sha256 } from '@noble/hashes/sha2.js';
import { hmac } from '@noble/hashes/hmac.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveAltcha, solveStamp } from './brute-force.js';
import { hexOf } from './vectors.js';

const secret = 'a secret of the tests, long enough';
const DIFFICULTY = 50;
const NOW = Date.UTC(2026, 0, 2);
/** How deep JSON is nested here. */
const MAXIMUM_DEPTH = 50;

const failing = (code: string) => expect.objectContaining({ code }) as Error;

async function solved(options: { context?: string; nowMs?: number; secret?: string } = {}) {
  return solveStamp(await createChallenge({ secret, difficulty: DIFFICULTY, ...options }));
}

function check(payload: unknown, options: Partial<VerifyOptions> = {}) {
  return verify(payload, { secret, store: new MemoryStore(), ...options });
}

describe('a stamp', () => {
  it('says what it proves', async () => {
    const challenge = await createChallenge({
      secret,
      difficulty: DIFFICULTY,
      context: 'sign up: Zoë',
      lifetimeMs: 5000,
      nowMs: NOW,
    });
    const salt = challenge.split('.')[4];
    expect(await check(solveStamp(challenge), { context: 'sign up: Zoë', nowMs: NOW })).toEqual({
      format: 'inos',
      id: salt,
      context: 'sign up: Zoë',
      expiresAtMs: NOW + 5000,
      difficulty: DIFFICULTY,
    });
  });

  it('is refused where more is asked for than when it was made', async () => {
    const payload = await solved();
    const store = new MemoryStore();
    await expect(check(payload, { store, minimumDifficulty: DIFFICULTY + 1 })).rejects.toThrow(
      failing('mining/challenge-too-easy'),
    );
    await expect(check(payload, { minimumDifficulty: 0 })).rejects.toThrow('minimumDifficulty');
    expect(await check(payload, { store, minimumDifficulty: DIFFICULTY })).toBeDefined();
  });

  it('is remembered for a minute more than it lasts: clocks differ', async () => {
    const spent: number[] = [];
    const store = { spend: (_: string, until: number) => spent.push(until) > 0 };
    await check(await solved({ nowMs: NOW }), { store, nowMs: NOW + 599_999 });
    expect(spent).toEqual([NOW + 660_000]);
  });

  it('is signed with HMAC-SHA-256 over all that stands before the signature', async () => {
    const challenge = await createChallenge({ secret, difficulty: DIFFICULTY, context: 'x' });
    const point = challenge.lastIndexOf('.');
    const mac = hmac(sha256, utf8ToBytes(secret), utf8ToBytes(challenge.slice(0, point)));
    const digits = atob(
      challenge
        .slice(point + 1)
        .replaceAll('-', '+')
        .replaceAll('_', '/'),
    );
    expect(Array.from(mac)).toEqual(Array.from(digits, (letter) => letter.charCodeAt(0)));
  });

  it('has its nonce at the beginning of a block, and a salt of its own', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        async (difficulty, context) => {
          fc.pre(new TextEncoder().encode(context).length <= 512);
          const [one, other] = [0, 1].map(() => createChallenge({ secret, difficulty, context }));
          expect(((await one)?.length ?? 0) % 64).toBe(63);
          expect(await one).not.toBe(await other);
          expect((await one)?.length).toBeLessThanOrEqual(960);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('the longest context there may be is a challenge still', async () => {
    const context = 'x'.repeat(512);
    expect(await check(await solved({ context }), { context })).toMatchObject({ context });
  });
});

describe('verifying refuses', () => {
  it('a solution that was used before', async () => {
    const store = new MemoryStore();
    const payload = await solved();
    await check(payload, { store });
    await expect(check(payload, { store })).rejects.toThrow(failing('mining/challenge-replayed'));
  });

  it('all but one of many uses at once', async () => {
    const store = new MemoryStore();
    const payload = await solved();
    const uses = await Promise.allSettled(
      Array.from({ length: 20 }, () => check(payload, { store })),
    );
    expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('another nonce for the same challenge, once one was used', async () => {
    const store = new MemoryStore();
    const challenge = await createChallenge({ secret, difficulty: 1 });
    await check(`${challenge}.5`, { store });
    await expect(check(`${challenge}.6`, { store })).rejects.toThrow(
      failing('mining/challenge-replayed'),
    );
  });

  it('one that has expired, from that very millisecond on', async () => {
    const payload = await solved({ nowMs: NOW });
    await check(payload, { nowMs: NOW + 599_999 });
    await expect(check(payload, { nowMs: NOW + 600_000 })).rejects.toThrow(
      failing('mining/challenge-expired'),
    );
  });

  it('one that another secret signed', async () => {
    const payload = await solved({ secret: 'another secret of the tests' });
    await expect(check(payload)).rejects.toThrow(failing('mining/challenge-forged'));
  });

  it('one made for something else', async () => {
    const payload = await solved({ context: 'search' });
    await expect(check(payload, { context: 'signup' })).rejects.toThrow(
      failing('mining/challenge-mismatch'),
    );
    await expect(check(payload)).rejects.toThrow(failing('mining/challenge-mismatch'));
  });

  it('one whose nonce is wrong, without spending it', async () => {
    const store = new MemoryStore();
    const challenge = await createChallenge({ secret, difficulty: 1e12 });
    await expect(check(`${challenge}.1`, { store })).rejects.toThrow(failing('mining/proof-wrong'));
    expect(store.size).toBe(0);
  });

  it('one whose terms were changed', async () => {
    const payload = await solved({ nowMs: NOW, context: 'x' });
    const parts = payload.split('.');
    for (const [index, other] of [
      [1, '1'],
      [2, String(NOW + 1e9)],
      [3, 'eQ'],
      [4, `${'A'.repeat(30)}${parts[4]?.slice(30) ?? ''}`],
    ] as const) {
      const changed = parts.with(index, other).join('.');
      const context = index === 3 ? 'y' : 'x';
      await expect(check(changed, { nowMs: NOW, context })).rejects.toThrow(
        failing('mining/challenge-forged'),
      );
    }
  });

  it.each([
    undefined,
    null,
    7,
    '',
    'inos1',
    'inos1.1.2.3.4.5.6.7',
    'inos2.1.1.eA.AAAAAAAAAAAAAAAAAAAAAA.x.1',
    '{}',
    btoa('no json'),
    btoa('null'),
    btoa('[]'),
    btoa('{"salt":1}'),
    'x'.repeat(10_000),
  ])('what is no solution: %j', async (payload) => {
    await expect(check(payload)).rejects.toThrow(failing('mining/challenge-malformed'));
  });

  it('a challenge that isn’t solved', async () => {
    const challenge = await createChallenge({ secret, difficulty: 1 });
    await expect(check(challenge)).rejects.toThrow(failing('mining/challenge-malformed'));
  });

  it('any other text, and any change of a solution, with a code of its own', async () => {
    const payload = await solved();
    const codes: readonly string[] = POW_ERROR_CODES;
    const refused = async (text: unknown) => {
      const error: unknown = await check(text).catch((reason: unknown) => reason);
      expect(codes).toContain((error as { code?: string }).code);
    };
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary' }), refused));
    // Text in every script: base64 is of its UTF-8.
    const encoded = (json: string) =>
      btoa(String.fromCharCode(...utf8ToBytes(json.toWellFormed())));
    await fc.assert(fc.asyncProperty(fc.json({ maxDepth: 5 }).map(encoded), refused));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(payload.length - 2),
        fc.string({ maxLength: 3 }),
        async (at, text) => {
          const changed = payload.slice(0, at) + text + payload.slice(at + 1);
          // Digits of the nonce aside: others can be right.
          fc.pre(changed !== payload && at < payload.lastIndexOf('.'));
          await refused(changed);
        },
      ),
    );
  });
});

describe('whatever JSON it is given', () => {
  const codes: readonly string[] = POW_ERROR_CODES;

  /** The base64 that solvers send; its text may be in any script. */
  const encoded = (value: unknown) => {
    const json = JSON.stringify(value).toWellFormed();
    return btoa(Array.from(utf8ToBytes(json), (byte) => String.fromCharCode(byte)).join(''));
  };

  /** The code that it is refused with, which is one of ours; or that it isn't. */
  async function outcomeOf(payload: string): Promise<string> {
    const error: unknown = await check(payload, { nowMs: NOW }).catch((reason: unknown) => reason);
    if (typeof error === 'object' && error !== null && 'format' in error) return 'verified';
    const code = (error as { code?: string }).code ?? String(error);
    expect(codes).toContain(code);
    return code;
  }

  const nested = (depth: number, isArray: boolean): unknown =>
    JSON.parse(
      isArray
        ? `${'['.repeat(depth)}1${']'.repeat(depth)}`
        : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    );

  const any = fc.oneof(
    fc.jsonValue({ maxDepth: 5 }),
    fc.tuple(fc.nat(MAXIMUM_DEPTH), fc.boolean()).map((each) => nested(...each)),
    fc.constantFrom('SHA-256', 'PBKDF2/SHA-256', '', '0'.repeat(64), -1, 0.5, 2 ** 53, 1e308, null),
  );

  /** The fields of a value and of what lies in it, as paths. */
  function paths(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
    if (typeof value !== 'object' || value === null) return [path];
    const inner = Object.entries(value).flatMap(([name, each]) => paths(each, [...path, name]));
    return path.length === 0 ? inner : [path, ...inner];
  }

  function changed(value: unknown, [name, ...rest]: readonly string[], to: unknown): unknown {
    if (name === undefined) return to;
    const fields = value as Readonly<Record<string, unknown>>;
    return { ...fields, [name]: changed(fields[name], rest, to) };
  }

  it('it refuses it with a code of its own', async () => {
    await fc.assert(
      fc.asyncProperty(any, async (value) => {
        expect(await outcomeOf(encoded(value))).not.toBe('verified');
      }),
      { numRuns: 500 },
    );
  });

  it.each(['altcha', 'altcha-v2'] as const)('and %s with any field changed', async (format) => {
    const options = { secret, difficulty: DIFFICULTY, context: '', nowMs: NOW, format } as const;
    const challenge = await createChallenge(options);
    const payload =
      format === 'altcha' ? solveAltcha(challenge as never) : solveV2(challenge as never);
    const solution: unknown = JSON.parse(atob(payload));
    expect(await outcomeOf(encoded(solution))).toBe('verified');
    const seen = new Set<string>();
    const extra = [['more'], ['challenge', 'parameters', 'data'], ['challenge', 'parameters', 'x']];
    const places = [...paths(solution), ...(format === 'altcha' ? [['more']] : extra)];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), any, async (place, value) => {
        const payload = encoded(changed(solution, place, value));
        fc.pre(payload !== encoded(solution));
        const code = await outcomeOf(payload);
        // What isn't signed: fields that nobody reads, and the most that the number can be.
        if (code === 'verified') expect(['more', 'maxnumber']).toContain(place.at(-1));
        seen.add(code);
      }),
      { numRuns: 1000 },
    );
    // It isn't all turned away at the door.
    expect([...seen]).toEqual(
      expect.arrayContaining(['mining/challenge-malformed', 'mining/challenge-forged']),
    );
  });
});

describe('secrets', () => {
  it('can be replaced: the first signs, all verify', async () => {
    const next = 'the next secret of the tests';
    const old = await solved();
    const fresh = await solved({ secret: [next, secret] as never });
    for (const payload of [old, fresh]) await check(payload, { secret: [next, secret] });
    await check(fresh, { secret: next });
    await expect(check(old, { secret: next })).rejects.toThrow(failing('mining/challenge-forged'));
  });

  it('can be bytes', async () => {
    const bytes = utf8ToBytes(secret);
    await check(await solved(), { secret: bytes });
    await check(await solved({ secret: bytes as never }));
  });

  it.each([
    ['fifteen letters', 'at least 16 bytes'],
    [new Uint8Array(15), 'at least 16 bytes'],
    [[], 'one secret at least'],
    [undefined, 'secret must be a string or a Uint8Array'],
  ])('%o is none', async (wrong, message) => {
    await expect(createChallenge({ secret: wrong as never, difficulty: 1 })).rejects.toThrow(
      message,
    );
  });
});

describe('options', () => {
  it.each([
    [{ difficulty: 0 }, 'difficulty must be'],
    [{ difficulty: 1.5 }, 'difficulty must be'],
    [{ difficulty: 2 ** 53 }, 'difficulty must be'],
    [{ difficulty: 2 ** 31 + 1, format: 'altcha-v2' }, 'difficulty must be at most'],
    [{ lifetimeMs: 0 }, 'lifetimeMs must be'],
    [{ lifetimeMs: 1e12 }, 'lifetimeMs must be'],
    [{ context: 7 }, 'context must be a string'],
    [{ context: 'é'.repeat(257) }, 'context must be at most 512 bytes'],
    [{ context: '\ud800' }, 'context must be without lone surrogates'],
    [{ nowMs: -1 }, 'nowMs must be'],
    [{ format: 'hashcash' }, "format must be 'inos'"],
    [{ format: 'altcha', context: 'é'.repeat(160) }, 'context must be short enough for ALTCHA'],
    [{ lifeTimeMs: 5 }, 'options.lifeTimeMs must be one of the known names (secret, store, '],
  ])('%o', async (wrong, message) => {
    const options = { secret, difficulty: 1, ...wrong } as Parameters<typeof createChallenge>[0];
    await expect(createChallenge(options)).rejects.toThrow(message);
  });

  it('misspelt ones aren’t ignored: they may be what makes it safe', async () => {
    const payload = await solved();
    const misspelt = { minimumDificulty: 2 ** 40 } as Partial<VerifyOptions>;
    await expect(check(payload, misspelt)).rejects.toThrow('minimumDificulty must be one of');
    await expect(verify(payload, undefined as never)).rejects.toThrow('options must be an object');
    expect(() => new MemoryStore({ size: 5 } as never)).toThrow('size must be one of');
    // One object for all that a server does is none.
    const all = { secret, difficulty: 5, context: 'all', store: 'reusable' } as const;
    const stamp = await createChallenge(all);
    await verify(solveStamp(stamp), { ...all, minimumDifficulty: 5 });
  });

  it('ALTCHA’s, whose seconds are whole, last as long as they shall at least', async () => {
    const terms = { secret, difficulty: 5, nowMs: 1_000_001, lifetimeMs: 500 };
    expect((await createChallenge({ ...terms, format: 'altcha' })).salt).toContain('expires=1001&');
    const { parameters } = await createChallenge({ ...terms, format: 'altcha-v2' });
    expect(parameters.expiresAt).toBe(1001);
  });

  it('a context that ALTCHA has room for is one that can be solved', async () => {
    const context = 'a'.repeat(512);
    const challenge = await createChallenge({ secret, difficulty: 5, format: 'altcha', context });
    await check(solveAltcha(challenge), { context });
  });

  it('a store is needed, or the word that says so', async () => {
    await expect(check('x', { store: undefined as never })).rejects.toThrow('store must be');
    const payload = await solved();
    for (const _ of [1, 2]) await check(payload, { store: 'reusable' });
  });

  it('a difficulty is how many digests there are for each one that will do', () => {
    expect(hexOf(targetOfDifficulty(1))).toBe('f'.repeat(64));
    expect(hexOf(targetOfDifficulty(256))).toBe(`00${'f'.repeat(62)}`);
    expect(() => targetOfDifficulty(0)).toThrow('difficulty must be');
  });
});

describe('the memory store', () => {
  it('forgets what has expired, and nothing else', () => {
    const store = new MemoryStore({ capacity: 3 });
    const now = Date.now();
    const spendAll = () =>
      [60_000, 90_000, 60_000].map((left, index) => store.spend(String(index), now + left));
    expect(store.spend('old', now - 60_000)).toBe(true);
    expect(spendAll()).toEqual([true, true, true]);
    expect(store.size).toBe(3);
    expect(spendAll()).toEqual([false, false, false]);
  });

  it('is full rather than forgetful', () => {
    const store = new MemoryStore({ capacity: 2 });
    const later = Date.now() + 60_000;
    store.spend('a', later);
    store.spend('b', later);
    expect(() => store.spend('c', later)).toThrow(failing('mining/store-full'));
    expect(store.spend('a', later)).toBe(false);
    expect(() => new MemoryStore({ capacity: 0 })).toThrow('capacity must be');
    expect(() => store.spend('x', NaN)).toThrow('expiresAtMs must be');
  });
});

describe.each<ChallengeFormat>(['altcha', 'altcha-v2'])('format %s', (format) => {
  it('says its difficulty, and is refused where more is asked for', async () => {
    const options = { secret, difficulty: DIFFICULTY, format } as const;
    const challenge = await createChallenge(options);
    const payload =
      format === 'altcha'
        ? solveAltcha(challenge as never)
        : solveV2(challenge as Awaited<ReturnType<typeof createChallenge<'altcha-v2'>>>);
    await expect(check(payload, { minimumDifficulty: DIFFICULTY + 1 })).rejects.toThrow(
      failing('mining/challenge-too-easy'),
    );
    expect(await check(payload, { minimumDifficulty: DIFFICULTY })).toMatchObject({
      difficulty: DIFFICULTY,
    });
  });

  it('refuses what is changed, expired, for something else or used', async () => {
    const store = new MemoryStore();
    const options = {
      secret,
      difficulty: DIFFICULTY,
      context: 'a&b=1?',
      nowMs: NOW,
      format,
    } as const;
    const challenge = await createChallenge(options);
    const payload =
      format === 'altcha'
        ? solveAltcha(challenge as never)
        : solveV2(challenge as Awaited<ReturnType<typeof createChallenge<'altcha-v2'>>>);
    const good = { store, context: 'a&b=1?', nowMs: NOW };
    await expect(check(payload, { ...good, context: 'a' })).rejects.toThrow(
      failing('mining/challenge-mismatch'),
    );
    await expect(check(payload, { ...good, nowMs: NOW + 600_000 })).rejects.toThrow(
      failing('mining/challenge-expired'),
    );
    await expect(check(payload, { ...good, secret: 'another secret altogether' })).rejects.toThrow(
      failing('mining/challenge-forged'),
    );
    const text = atob(payload);
    const wrong = text.replace(
      /"(number|counter)":(\d+)/,
      (_, name, digits) => `"${name}":${Number(digits) + 1}`,
    );
    await expect(check(btoa(wrong), good)).rejects.toThrow(failing('mining/proof-wrong'));
    expect(await check(payload, good)).toMatchObject({
      format,
      context: 'a&b=1?',
      expiresAtMs: NOW + 600_000,
    });
    await expect(check(payload, good)).rejects.toThrow(failing('mining/challenge-replayed'));
  });
});

function solveV2(challenge: {
  parameters: { nonce: string; salt: string; keyPrefix: string };
}): string {
  const { nonce, salt, keyPrefix } = challenge.parameters;
  for (let counter = 0; counter < 1e4; counter++) {
    const digits = `${salt}${nonce}${counter.toString(16).padStart(8, '0')}`;
    const message = Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    const derivedKey = hexOf(sha256(message));
    if (derivedKey.startsWith(keyPrefix)) {
      return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
    }
  }
  throw new Error('no counter');
}

it('digits can’t be moved between the terms and the number of an ALTCHA challenge', async () => {
  const challenge = await createChallenge({ secret, difficulty: 1, format: 'altcha', nowMs: NOW });
  // The number 12 behind "…&expires=1" would be the number 2 behind "…&expires=11", had the salt no end of its own.
  const forged = { ...challenge, salt: challenge.salt.slice(0, -1), number: 1 };
  await expect(check(btoa(JSON.stringify(forged)), { nowMs: NOW })).rejects.toThrow(
    failing('mining/challenge-malformed'),
  );
});
