/** Both ways with ALTCHA's own library, both of its versions: theirs makes, ours verifies; ours makes, theirs does. */
import { createChallenge, MemoryStore, verify } from '@inos/mining/pow';
import { solve, type AltchaV2Challenge } from '@inos/mining/solve';
import * as v2 from 'altcha-lib';
import { deriveKey as derivePbkdf2 } from 'altcha-lib/algorithms/pbkdf2';
import { deriveKey } from 'altcha-lib/algorithms/sha';
import * as v1 from 'altcha-lib/v1';
import type { Challenge } from 'altcha-lib/v1/types';
import { describe, expect, it } from 'vitest';
import { solveAltcha } from '../shared/brute-force.js';

const secret = 'a secret of the tests, long enough';
const encode = (value: unknown) => btoa(JSON.stringify(value));
const inAMinute = () => new Date(Date.now() + 60_000);

describe('version 1', () => {
  it('ours is solved and verified by theirs, and their solution by ours', async () => {
    const challenge = await createChallenge({
      secret,
      difficulty: 500,
      context: 'b',
      format: 'altcha',
    });
    const { salt, maxnumber, algorithm, signature } = challenge;
    const solution = await v1.solveChallenge(challenge.challenge, salt, algorithm, maxnumber)
      .promise;
    if (solution === null) throw new Error('theirs finds it');
    const payload = encode({
      algorithm,
      challenge: challenge.challenge,
      number: solution.number,
      salt,
      signature,
      took: solution.took,
    });
    expect(await v1.verifySolution(payload, secret)).toBe(true);
    const verified = await verify(payload, { secret, store: new MemoryStore(), context: 'b' });
    expect(verified).toMatchObject({ format: 'altcha', id: challenge.challenge, context: 'b' });
    expect(v1.extractParams(challenge as Challenge)).toMatchObject({ context: 'b' });
  });

  it('theirs is verified by ours', async () => {
    const expires = inAMinute();
    const challenge = await v1.createChallenge({ hmacKey: secret, maxnumber: 1000, expires });
    const payload = solveAltcha(challenge);
    expect(await verify(payload, { secret, store: new MemoryStore() })).toMatchObject({
      expiresAtMs: Math.floor(expires.getTime() / 1000) * 1000,
    });
    const none = await v1.createChallenge({ hmacKey: secret, maxnumber: 1000 });
    const store = new MemoryStore();
    const use = () => verify(solveAltcha(none), { secret, store });
    expect(await use()).toMatchObject({ expiresAtMs: Infinity });
    await expect(use()).rejects.toMatchObject({ code: 'mining/challenge-replayed' });
  });

  it('what theirs refuses, ours does', async () => {
    const expires = new Date(Date.now() - 5000);
    const late = solveAltcha(
      await v1.createChallenge({ hmacKey: secret, maxnumber: 100, expires }),
    );
    expect(await v1.verifySolution(late, secret)).toBe(false);
    await expect(verify(late, { secret, store: 'reusable' })).rejects.toMatchObject({
      code: 'mining/challenge-expired',
    });
    const other = await v1.createChallenge({ hmacKey: secret });
    const md5 = encode({ ...other, algorithm: 'MD5', number: 1 });
    await expect(verify(md5, { secret, store: 'reusable' })).rejects.toMatchObject({
      code: 'mining/challenge-unsupported',
    });
  });

  it.each(['SHA-1', 'SHA-384', 'SHA-512'])('theirs with %s is verified by ours', async (name) => {
    const algorithm = name as 'SHA-512';
    const challenge = await v1.createChallenge({ algorithm, hmacKey: secret, maxnumber: 300 });
    const { salt, maxnumber } = challenge;
    const found = await v1.solveChallenge(challenge.challenge, salt, algorithm, maxnumber).promise;
    if (found === null) throw new Error('theirs finds it');
    const solution = { ...challenge, number: found.number };
    const options = { secret, store: 'reusable' } as const;
    expect(await verify(encode(solution), options)).toMatchObject({ id: challenge.challenge });
    const wrong = encode({ ...solution, number: found.number + 1 });
    await expect(verify(wrong, options)).rejects.toMatchObject({ code: 'mining/proof-wrong' });
    // The last byte alone, beyond what fits a number of 32 bytes.
    const digits = challenge.challenge.slice(0, -2);
    for (const end of ['00', '01']) {
      const forged = encode({ ...solution, challenge: digits + end });
      await expect(verify(forged, options)).rejects.toMatchObject({
        code: 'mining/challenge-forged',
      });
    }
    const short = encode({ ...solution, challenge: digits });
    await expect(verify(short, options)).rejects.toMatchObject({
      code: 'mining/challenge-malformed',
    });
    // Another function's signature of the same is none.
    const sha256 = await v1.createChallenge({ hmacKey: secret, number: 1, salt });
    const mixed = { ...solution, signature: sha256.signature };
    await expect(verify(encode(mixed), options)).rejects.toThrow();
  });

  it('a digest that differs after its 32nd byte is another', async () => {
    const algorithm = 'SHA-512';
    const challenge = await v1.createChallenge({ algorithm, hmacKey: secret, number: 5 });
    const digits = `${challenge.challenge.slice(0, -2)}${challenge.challenge.endsWith('00') ? '01' : '00'}`;
    await expect(
      solve({ ...challenge, challenge: digits, maxnumber: 10 }, { threads: 1 }),
    ).rejects.toMatchObject({ code: 'mining/challenge-unsolvable' });
  });
});

describe('version 2', () => {
  const solveTheirs = async (challenge: v2.Challenge) => {
    const solution = await v2.solveChallenge({ challenge, deriveKey });
    if (solution === null) throw new Error('theirs finds it');
    return { solution, payload: encode({ challenge, solution }) };
  };
  const verifyTheirs = (challenge: v2.Challenge, solution: v2.Solution) =>
    v2.verifySolution({ challenge, solution, deriveKey, hmacSignatureSecret: secret });

  it('ours is solved and verified by theirs, and their solution by ours', async () => {
    const challenge = await createChallenge({
      secret,
      difficulty: 200,
      context: 'b',
      format: 'altcha-v2',
    });
    const { solution, payload } = await solveTheirs(challenge);
    expect(await verifyTheirs(challenge, solution)).toMatchObject({
      verified: true,
    });
    const verified = await verify(payload, { secret, store: new MemoryStore(), context: 'b' });
    expect(verified).toMatchObject({ format: 'altcha-v2', id: challenge.signature, context: 'b' });
  });

  it.each([
    ['a prefix', { keyPrefix: '00' }],
    ['a prefix of half a byte more', { keyPrefix: '00a' }],
    ['a counter of the server’s', { counter: 300 }],
    ['a shorter key', { counter: 200, keyLength: 20 }],
  ])('theirs with %s is verified by ours', async (_, options) => {
    const challenge = await v2.createChallenge({
      algorithm: 'SHA-256',
      cost: 1,
      deriveKey,
      hmacSignatureSecret: secret,
      expiresAt: inAMinute(),
      data: { context: 'b', zebra: 1, apple: null },
      ...options,
    });
    const { solution, payload } = await solveTheirs(challenge);
    expect(await verifyTheirs(challenge, solution)).toMatchObject({ verified: true });
    await verify(payload, { secret, store: new MemoryStore(), context: 'b' });
    const changed = { ...challenge, parameters: { ...challenge.parameters, keyPrefix: '0' } };
    await expect(
      verify(encode({ challenge: changed, solution }), { secret, store: 'reusable', context: 'b' }),
    ).rejects.toMatchObject({ code: 'mining/challenge-forged' });
  });

  it('counters are digits where both say so', async () => {
    const counterMode = 'string';
    const challenge = await createChallenge({
      secret,
      difficulty: 200,
      format: 'altcha-v2',
      counterMode,
    });
    const solution = await v2.solveChallenge({ challenge, deriveKey, counterMode });
    if (solution === null) throw new Error('theirs finds it');
    const payload = encode({ challenge, solution });
    const options = { secret, store: 'reusable' } as const;
    expect(await verify(payload, { ...options, counterMode })).toMatchObject({
      id: challenge.signature,
    });
    await expect(verify(payload, options)).rejects.toMatchObject({ code: 'mining/proof-wrong' });
    const counter = 2 ** 32;
    const beyond = await v2.createChallenge({
      algorithm: 'SHA-256',
      cost: 1,
      deriveKey,
      hmacSignatureSecret: secret,
      counter,
      counterMode,
      keyPrefixLength: 31,
    });
    const derivedKey = beyond.parameters.keyPrefix;
    const far = encode({ challenge: beyond, solution: { counter, derivedKey } });
    await verify(far, { ...options, counterMode });
    await expect(verify(far, options)).rejects.toMatchObject({
      code: 'mining/challenge-malformed',
    });
    const unknown = { ...options, counterMode: 'hex' as never };
    await expect(verify(payload, unknown)).rejects.toThrow("counterMode must be 'uint32' or");
    await expect(solve(challenge, { counterMode: 'hex' as never })).rejects.toThrow(RangeError);
  });

  it.each([
    ['SHA-256', 3, 32],
    ['SHA-384', 1, 48],
    ['SHA-512', 1, 64],
    ['SHA-512', 20, 20],
    ['PBKDF2/SHA-256', 100, 32],
    ['PBKDF2/SHA-384', 50, 40],
    ['PBKDF2/SHA-512', 50, 64],
  ])('theirs with %s, a cost of %i and %i bytes is solved and verified', async (...terms) => {
    const [algorithm, cost, keyLength] = terms;
    const derive = algorithm.startsWith('PBKDF2') ? derivePbkdf2 : deriveKey;
    const options = { algorithm, cost, keyLength, deriveKey: derive, expiresAt: inAMinute() };
    for (const search of [{ keyPrefix: '0' }, { counter: 17 }]) {
      const challenge = await v2.createChallenge({
        ...options,
        ...search,
        hmacSignatureSecret: secret,
      });
      const theirs = await v2.solveChallenge({ challenge, deriveKey: derive });
      const solved = await solve(challenge, { threads: 2 });
      const { solution } = JSON.parse(atob(solved.payload)) as { solution: v2.Solution };
      expect(solution).toEqual({ counter: theirs?.counter, derivedKey: theirs?.derivedKey });
      // Of two at once one may be ahead; alone it tries none too many.
      expect(solved.hashes).toBeGreaterThan(solution.counter);
      const alone = await solve(challenge, { threads: 1 });
      expect(alone).toEqual({ ...solved, hashes: solution.counter + 1 });
      const checked = { challenge, solution, deriveKey: derive, hmacSignatureSecret: secret };
      expect(await v2.verifySolution(checked)).toMatchObject({ verified: true });
      await verify(solved.payload, { secret, store: new MemoryStore() });
      const wrong = { ...solution, counter: solution.counter + 1 };
      const forged = encode({ challenge, solution: wrong });
      await expect(verify(forged, { secret, store: 'reusable' })).rejects.toMatchObject({
        code: 'mining/proof-wrong',
      });
    }
  });

  it('stops deriving keys when its signal aborts, and keeps to its share', async () => {
    const challenge = await v2.createChallenge({
      algorithm: 'PBKDF2/SHA-256',
      cost: 100,
      deriveKey: derivePbkdf2,
      keyPrefix: '00000000',
    });
    const pauses: number[] = [];
    const controller = new AbortController();
    let now = 0;
    const pace = {
      now: () => (now += 100),
      pause: (milliseconds: number) => {
        pauses.push(milliseconds);
        if (pauses.length === 3) controller.abort(new Error('enough'));
        return Promise.resolve();
      },
    };
    const options = { threads: 2, cpuShare: 0.25, pace, signal: controller.signal };
    await expect(solve(challenge as AltchaV2Challenge, options)).rejects.toThrow('enough');
    expect(pauses).toEqual([300, 300, 300]);
  });

  it('with a memory-hard function or too high a cost is unsupported, and without a signature forged', async () => {
    const common = { cost: 1, deriveKey, keyPrefix: '0' } as const;
    const unsigned = await v2.createChallenge({ ...common, algorithm: 'SHA-256' });
    const { payload } = await solveTheirs(unsigned);
    await expect(verify(payload, { secret, store: 'reusable' })).rejects.toMatchObject({
      code: 'mining/challenge-forged',
    });
    for (const other of [
      { algorithm: 'SCRYPT', cost: 1024 },
      { algorithm: 'ARGON2ID', cost: 2 },
      { algorithm: 'PBKDF2/SHA-256', cost: 10_000_001 },
      { algorithm: 'SHA-512', cost: 100_001 },
    ]) {
      const { algorithm } = other;
      const challenge = { parameters: { ...unsigned.parameters, ...other } };
      const solution = { counter: 1, derivedKey: '00' };
      const message = expect.stringContaining(algorithm) as string;
      const unsupported = {
        code: 'mining/challenge-unsupported',
        message,
        details: expect.objectContaining({ algorithm }) as object,
      };
      await expect(
        verify(encode({ challenge, solution }), { secret, store: 'reusable' }),
      ).rejects.toMatchObject(unsupported);
      await expect(solve(challenge as AltchaV2Challenge)).rejects.toMatchObject(unsupported);
    }
  });
});
