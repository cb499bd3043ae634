/** Both ways with ALTCHA's own library, both of its versions: theirs makes, ours verifies; ours makes, theirs does. */
import { createChallenge, MemoryStore, verify } from '@inos/mining/pow';
import * as v2 from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/sha';
import * as v1 from 'altcha-lib/v1';
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
    expect(v1.extractParams(challenge as v1.Challenge)).toMatchObject({ context: 'b' });
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
    const other = await v1.createChallenge({ hmacKey: secret, algorithm: 'SHA-512' });
    await expect(verify(encode(other), { secret, store: 'reusable' })).rejects.toMatchObject({
      code: 'mining/challenge-unsupported',
    });
  });
});

describe('version 2', () => {
  const solve = async (challenge: v2.Challenge) => {
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
    const { solution, payload } = await solve(challenge as v2.Challenge);
    expect(await verifyTheirs(challenge as v2.Challenge, solution)).toMatchObject({
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
    const { solution, payload } = await solve(challenge);
    expect(await verifyTheirs(challenge, solution)).toMatchObject({ verified: true });
    await verify(payload, { secret, store: new MemoryStore(), context: 'b' });
    const changed = { ...challenge, parameters: { ...challenge.parameters, keyPrefix: '0' } };
    await expect(
      verify(encode({ challenge: changed, solution }), { secret, store: 'reusable', context: 'b' }),
    ).rejects.toMatchObject({ code: 'mining/challenge-forged' });
  });

  it('with another function is unsupported, and without a signature forged', async () => {
    const common = { cost: 1, deriveKey, keyPrefix: '0' } as const;
    const unsigned = await v2.createChallenge({ ...common, algorithm: 'SHA-256' });
    const { payload } = await solve(unsigned);
    await expect(verify(payload, { secret, store: 'reusable' })).rejects.toMatchObject({
      code: 'mining/challenge-forged',
    });
    const parameters = { ...unsigned.parameters, algorithm: 'PBKDF2/SHA-256', cost: 5000 };
    const solution = { counter: 1, derivedKey: '00' };
    await expect(
      verify(encode({ challenge: { parameters }, solution }), { secret, store: 'reusable' }),
    ).rejects.toMatchObject({ code: 'mining/challenge-unsupported' });
  });
});
