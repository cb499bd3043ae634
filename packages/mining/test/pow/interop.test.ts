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
    const { payload } = await solver.solve(challenge as never);
    expect(await v1.verifySolution(payload, secret)).toBe(true);
  }
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
  const { payload } = await solver.solve(challenge as never);
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
