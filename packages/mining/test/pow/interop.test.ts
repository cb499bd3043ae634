/** ALTCHA's library makes the challenge, our solver solves it, their verifier says yes: both of their versions. */
import { createSolver, type Solver } from '@inos/mining/solve';
import * as v2 from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/sha';
import * as v1 from 'altcha-lib/v1';
import { afterAll, beforeAll, expect, it } from 'vitest';

const secret = 'a secret of the tests, long enough';
const expiresAt = new Date(Date.now() + 600_000);

let solver: Solver;
beforeAll(async () => {
  solver = await createSolver({ threads: 2 });
});
afterAll(() => solver.close());

it('version 1', async () => {
  for (const maxnumber of [1, 9, 1000, 200_000]) {
    const challenge = await v1.createChallenge({
      hmacKey: secret,
      maxnumber,
      expires: expiresAt,
      params: { client: 'ä & b' },
    });
    const { payload } = await solver.solve(challenge);
    expect(await v1.verifySolution(payload, secret)).toBe(true);
  }
});

it.each(['SHA-1', 'SHA-384', 'SHA-512'])('version 1 with %s', async (name) => {
  // Their types leave SHA-384 out.
  const algorithm = name as 'SHA-512';
  for (const maxnumber of [1, 500]) {
    const challenge = await v1.createChallenge({ algorithm, hmacKey: secret, maxnumber });
    const { payload, nonce, digest } = await solver.solve(challenge);
    expect(await v1.verifySolution(payload, secret)).toBe(true);
    const { salt } = challenge;
    const theirs = await v1.solveChallenge(challenge.challenge, salt, algorithm, maxnumber).promise;
    expect(nonce).toBe(theirs?.number);
    const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    expect(hex).toBe(challenge.challenge);
    const few = { ...challenge, maxnumber: nonce - 1 };
    await expect(solver.solve(few)).rejects.toMatchObject({
      code: 'mining/challenge-unsolvable',
    });
  }
});

it.each([
  ['SHA-256', 1],
  ['SHA-512', 2],
])('version 2 with counters as digits, %s at a cost of %i', async (algorithm, cost) => {
  const counterMode = 'string';
  const challenge = await v2.createChallenge({
    algorithm,
    cost,
    deriveKey,
    hmacSignatureSecret: secret,
    counter: 1234,
    counterMode,
  });
  const { payload, nonce } = await solver.solve(challenge, { counterMode });
  expect(nonce).toBe(1234);
  const sent = JSON.parse(atob(payload)) as v2.Payload;
  const terms = { ...sent, deriveKey, hmacSignatureSecret: secret };
  expect(await v2.verifySolution({ ...terms, counterMode })).toMatchObject({ verified: true });
  expect(await v2.verifySolution(terms)).toMatchObject({ verified: false });
});

it.each([
  ['a prefix', { keyPrefix: '0000' }],
  ['a prefix of half a byte more', { keyPrefix: 'abc' }],
  ['a counter of the server’s', { counter: 123_456 }],
  ['a key of 20 bytes', { counter: 77, keyLength: 20 }],
  ['a signature of the key', { counter: 5000, hmacKeySignatureSecret: 'another' }],
])('version 2 with %s', async (_, options) => {
  const challenge = await v2.createChallenge({
    algorithm: 'SHA-256',
    cost: 1,
    deriveKey,
    hmacSignatureSecret: secret,
    expiresAt,
    ...options,
  });
  const { payload } = await solver.solve(challenge);
  const sent = JSON.parse(atob(payload)) as v2.Payload;
  const verified = await v2.verifySolution({
    ...sent,
    deriveKey,
    hmacSignatureSecret: secret,
    ...('hmacKeySignatureSecret' in options
      ? { hmacKeySignatureSecret: options.hmacKeySignatureSecret }
      : {}),
  });
  expect(verified).toMatchObject({ verified: true });
});
