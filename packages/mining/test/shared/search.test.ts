/** Nonce search: the lowest nonce whatever the threads; budget, cancel, deadline; wrong arguments. */
import { sha256 } from '@noble/hashes/sha2.js';
import {
  createMining,
  expectedHashes,
  searchMessage,
  searchProgress,
  type NonceFormat,
  type SearchAlgorithm,
  type SearchOptions,
  type SearchTarget,
} from '@inos/mining';
import { blake3 } from '@noble/hashes/blake3.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, hexOf, SEARCHES } from './vectors.js';

let mining: Awaited<ReturnType<typeof createMining>>;
beforeAll(async () => {
  mining = await createMining({ threads: 4 });
});
afterAll(() => mining.close());

const header = Uint8Array.from({ length: 80 }, (_, index) => index);
const zeros = new Uint8Array(32);
/** Nobody will ever see a digest that low. */
const impossible = new Uint8Array(32).fill(1, 31);

describe('search', () => {
  it.each(SEARCHES)('$name', async ({ name: _, found, nonce, digest, ...options }) => {
    const expected = found ? { found, nonce, exactNonce: BigInt(nonce ?? NaN), digest } : { found };
    for (const threads of [1, 3]) {
      const outcome = await mining.search({ ...options, threads });
      expect(outcome.found ? { ...outcome, digest: hexOf(outcome.digest) } : outcome).toEqual(
        expected,
      );
    }
  });

  it('finds Bitcoin’s first block by its defaults', async () => {
    const genesis = SEARCHES.find(({ name }) => name === 'Bitcoin block 0');
    if (genesis === undefined) throw new Error('the vectors have lost block 0');
    const outcome = await mining.search({
      header: genesis.header,
      target: genesis.target,
      firstNonce: 2_083_000_000,
    });
    expect(outcome).toMatchObject({ found: true, nonce: 2_083_236_893 });
  });

  it('gives the lowest of many nonces, whatever the threads', async () => {
    const target = bytesOf(`0007${'ff'.repeat(30)}`);
    const reference = (() => {
      for (let nonce = 0; ; nonce++) {
        const bytes = header.slice();
        new DataView(bytes.buffer).setUint32(10, nonce, true);
        const digest = sha256(bytes);
        if (hexOf(digest) <= hexOf(target))
          return { found: true, nonce, exactNonce: BigInt(nonce), digest };
      }
    })();
    const search: SearchOptions = { header, target, algorithm: 'sha256', nonceOffset: 10 };
    for (let threads = 1; threads <= 4; threads++) {
      expect(await mining.search({ ...search, threads })).toEqual(reference);
    }
  });

  it('counts the hashes it tried exactly when nothing is found', async () => {
    const job = mining.search({ header, target: impossible, lastNonce: 99_999 });
    expect(await job).toEqual({ found: false });
    expect(job.usage).toMatchObject({ units: 100_000n, charged: 100n + 98n });
  });

  it('counts the hashes it tried exactly on one thread', async () => {
    const target = bytesOf(`00ff${'ff'.repeat(30)}`);
    const job = mining.search({ header, target, algorithm: 'sha256', threads: 1 });
    const outcome = await job;
    if (!outcome.found) throw new Error('one in 256 qualifies');
    expect(job.usage.units).toBe(BigInt(outcome.nonce) + 1n);
  });

  it('stops where its budget is spent and says how far it came', async () => {
    const job = mining.search({ header, target: impossible }, { budget: 150n });
    await expect(job).rejects.toMatchObject({
      code: 'job/out-of-budget',
      details: { units: 51_200n, charged: 150n },
    });
    expect(job.status).toBe('out-of-budget');
  });

  it('stops when it is cancelled or past its deadline', async () => {
    const job = mining.search({ header, target: impossible });
    setTimeout(() => job.cancel(), 30);
    await expect(job).rejects.toMatchObject({ code: 'job/cancelled' });
    let units = 0n;
    // How long a thread takes to come is the machine's affair.
    for (let deadlineMs = 30; units === 0n; deadlineMs *= 2) {
      const late = mining.search({ header, target: impossible }, { deadlineMs });
      await expect(late).rejects.toMatchObject({ code: 'job/expired' });
      ({ units } = late.usage);
    }
  });

  it('says how far it has come', async () => {
    const job = mining.search({ header, target: impossible, lastNonce: 3_000_000 });
    let last = { fraction: 0, units: 0n };
    for await (const progress of job.progress) last = progress;
    expect(last).toEqual({ fraction: 1, units: 3_000_001n });
  });

  it.each<[Partial<Record<keyof SearchOptions, unknown>>, string]>([
    [{ header: 'text' }, 'header must be a Uint8Array'],
    [{ header: new Uint8Array(3) }, 'header must be 4 to 1024 bytes long'],
    [{ header: new Uint8Array(1025) }, 'header must be 4 to 1024 bytes long'],
    [{ target: new Uint8Array(31) }, 'target must be 32 bytes long, got Uint8Array(31)'],
    [{ target: '00' }, 'target must be a Uint8Array'],
    [{ nonceOffset: 77 }, 'nonceOffset must be an integer from 0 to 76'],
    [{ nonceOffset: -1 }, 'nonceOffset must be'],
    [{ nonceOffset: 1.5 }, 'nonceOffset must be'],
    [{ algorithm: 'scrypt' }, 'algorithm must be'],
    [{ algorithm: 'sha512' }, 'for a search'],
    [{ digestOrder: 'middle' }, 'digestOrder must be'],
    ...[{ zeroBits: 8 }, { prefix: new Uint8Array(1) }, { digest: impossible }].flatMap(
      (target): [object, string][] => [
        [{ target, digestOrder: 'middle' }, "digestOrder must be 'big-endian' or 'little-endian'"],
        [{ target, digestOrder: 'little-endian' }, "digestOrder must be 'big-endian' or left out"],
      ],
    ),
    [{ threads: 0 }, 'threads must be'],
    [{ firstNonce: 2 ** 32 }, 'firstNonce must be'],
    [{ firstNonce: 1.5 }, 'firstNonce must be'],
    [{ firstNonce: -1n }, 'firstNonce must be'],
    [{ firstNonce: 10, lastNonce: 9 }, 'lastNonce must be an integer from 10'],
    [{ nonceFormat: 'hex' }, 'nonceFormat must be uint32-le, uint32-be,'],
    [{ nonceFormat: 'uint64-le', nonceOffset: 73 }, 'nonceOffset must be an integer from 0 to 72'],
    [{ nonceFormat: 'decimal', nonceOffset: 81 }, 'nonceOffset must be an integer from 0 to 80'],
    [
      { nonceFormat: 'uint64-le', firstNonce: 5, lastNonce: 2n ** 63n },
      'lastNonce must be an integer from 5 to 9007199254740995',
    ],
    [{ mode: 'last' }, 'mode must be'],
    [{ target: {} }, 'target must be exactly one of'],
    [{ target: { zeroBits: 1, prefix: impossible } }, 'target must be exactly one of'],
    [{ target: { between: [impossible] } }, 'target.between must be the lowest'],
    [{ target: { between: [Uint8Array.of(1), impossible] } }, 'target.between must be 32 bytes'],
    [
      { target: { between: [new Uint8Array(32).fill(1), impossible] } },
      'target.between must be the lowest before the highest',
    ],
    [{ target: { zeroBits: 256 } }, 'target.zeroBits must be an integer from 0 to 255'],
    ...[
      zeros,
      { atMost: zeros },
      { between: [zeros, zeros] },
      { prefix: zeros },
      { digest: zeros },
    ].map((target): [object, string] => [{ target }, 'target must be met by more than the digest']),
    [{ target: { prefix: new Uint8Array(0) } }, 'target.prefix must be 1 to 32 bytes long'],
    [{ target: { digest: new Uint8Array(31) } }, 'target.digest must be 32 bytes long'],
    [{ target: { atLeast: 5 } }, 'target.atLeast must be a Uint8Array'],
  ])('refuses %o', (wrong, message) => {
    const options = { header, target: impossible, ...wrong } as SearchOptions;
    expect(() => mining.search(options)).toThrow(message);
  });

  it('refuses what is no object', () => {
    expect(() => mining.search(undefined as never)).toThrow('search must be');
  });

  it('refuses options that there aren’t, rather than to search something else', () => {
    const options = { header: new Uint8Array(80), target: { zeroBits: 1 }, nonceOfset: 4 };
    expect(() => mining.search(options)).toThrow(
      /^search\.nonceOfset must be one of the known names/,
    );
  });
});

const REFERENCE: Readonly<Record<SearchAlgorithm, (bytes: Uint8Array) => Uint8Array>> = {
  sha256: (bytes) => sha256(bytes),
  sha256d: (bytes) => sha256(sha256(bytes)),
  blake3: (bytes) => blake3(bytes),
};
const ALGORITHMS = Object.keys(REFERENCE) as SearchAlgorithm[];
const FORMATS = ['uint32-le', 'uint32-be', 'uint64-le', 'uint64-be', 'decimal'] as const;
const WIDTHS: Readonly<Record<NonceFormat, number>> = {
  'uint32-le': 4,
  'uint32-be': 4,
  'uint64-le': 8,
  'uint64-be': 8,
  decimal: 0,
};

/** The message of a nonce, written again for this test alone. */
function messageOf(bytes: Uint8Array, format: NonceFormat, offset: number, nonce: bigint) {
  let written: number[];
  if (format === 'decimal') {
    written = Array.from(String(nonce), (digit) => digit.charCodeAt(0));
  } else {
    const [width, order] = [WIDTHS[format], format.slice(-2)];
    written = Array.from({ length: width }, (_, at) => Number((nonce >> BigInt(8 * at)) & 0xffn));
    if (order === 'be') written.reverse();
  }
  return Uint8Array.from([
    ...bytes.subarray(0, offset),
    ...written,
    ...bytes.subarray(offset + WIDTHS[format]),
  ]);
}

describe('nonce formats', () => {
  it('are found where brute force finds them, at any offset', async () => {
    const search = fc.record({
      algorithm: fc.constantFrom(...ALGORITHMS),
      format: fc.constantFrom(...FORMATS),
      bytes: fc.uint8Array({ minLength: 8, maxLength: 200 }),
      place: fc.nat(),
      first: fc.oneof(fc.bigInt(0n, 20_000n), fc.bigInt(0n, 2n ** 64n - 100n)),
      zeroBits: fc.integer({ min: 0, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(search, async ({ algorithm, format, bytes, place, first, zeroBits }) => {
        const firstNonce = WIDTHS[format] === 4 ? first % (2n ** 32n - 100n) : first;
        const nonceOffset = place % (bytes.length - WIDTHS[format] + 1);
        const options = { header: bytes, nonceFormat: format, nonceOffset };
        const target = { zeroBits };
        const lastNonce = firstNonce + 60n;
        const outcome = await mining.search({
          ...options,
          algorithm,
          target,
          firstNonce,
          lastNonce,
        });
        let expected: unknown = { found: false };
        for (let nonce = firstNonce; nonce <= lastNonce; nonce++) {
          const message = messageOf(bytes, format, nonceOffset, nonce);
          expect(searchMessage(options, nonce)).toEqual(message);
          const digest = REFERENCE[algorithm](message);
          if (Math.clz32((digest[0] ?? 255) << 24) < zeroBits) continue;
          expected = { found: true, nonce: Number(nonce), exactNonce: nonce, digest };
          break;
        }
        expect(outcome).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('appends digits, as challenges do', async () => {
    const salt = new TextEncoder().encode('a salt');
    const digest = sha256(new TextEncoder().encode('a salt123456'));
    const outcome = await mining.search({
      algorithm: 'sha256',
      header: salt,
      nonceFormat: 'decimal',
      target: { digest },
      lastNonce: 1_000_000,
    });
    expect(outcome).toEqual({ found: true, nonce: 123_456, exactNonce: 123_456n, digest });
  });

  it('need no header when they are digits', async () => {
    const outcome = await mining.search({
      algorithm: 'blake3',
      header: new Uint8Array(0),
      nonceFormat: 'decimal',
      target: { digest: blake3(new TextEncoder().encode('12345')) },
    });
    expect(outcome).toMatchObject({ found: true, nonce: 12_345 });
  });

  it('reach beyond one chunk of BLAKE3', async () => {
    const long = new Uint8Array(1024).fill(9);
    const message = searchMessage({ header: long, nonceFormat: 'decimal' }, 77);
    const outcome = await mining.search({
      algorithm: 'blake3',
      header: long,
      nonceFormat: 'decimal',
      target: { digest: blake3(message) },
      lastNonce: 100,
    });
    expect(outcome).toMatchObject({ found: true, nonce: 77 });
  });

  it.each([
    [{ header }, 2 ** 32],
    [{ header }, -1],
    [{ header }, 0.5],
    [{ header: new Uint8Array(3) }, 0],
    [{ header, nonceOffset: 77 }, 0],
    [{ header, nonceFormat: 'uint64-le' }, 2n ** 64n],
  ] as const)('searchMessage(%o, %s) is refused', (options, nonce) => {
    expect(() => searchMessage(options, nonce)).toThrow(RangeError);
  });
});

describe('targets', () => {
  it('are ranges of numbers, also those that must be reached', async () => {
    const digests = Array.from({ length: 500 }, (_, nonce) => {
      const message = searchMessage({ header, nonceFormat: 'decimal' }, nonce);
      return { nonce, hex: hexOf(sha256(message)) };
    });
    const of = (qualifies: (hex: string) => boolean) =>
      digests.find(({ hex }) => qualifies(hex))?.nonce;
    const bound = `fe${'00'.repeat(31)}`;
    const cases: [SearchTarget, number | undefined][] = [
      [{ atMost: bytesOf(`01${'00'.repeat(31)}`) }, of((hex) => hex <= `01${'00'.repeat(31)}`)],
      [{ atLeast: bytesOf(bound) }, of((hex) => hex >= bound)],
      [
        { between: [bytesOf('0a'.padEnd(64, '0')), bytesOf('0b'.padEnd(64, 'f'))] },
        of((hex) => hex.startsWith('0a') || hex.startsWith('0b')),
      ],
      [{ zeroBits: 8 }, of((hex) => hex.startsWith('00'))],
      [{ zeroBits: 4 }, of((hex) => hex.startsWith('0'))],
      [{ prefix: bytesOf('ab') }, of((hex) => hex.startsWith('ab'))],
    ];
    for (const [target, nonce] of cases) {
      const search = { header, target, algorithm: 'sha256', nonceFormat: 'decimal' } as const;
      const outcome = await mining.search({ ...search, lastNonce: 499 });
      expect(outcome.found ? outcome.nonce : undefined).toBe(nonce);
    }
  });

  it('say how many hashes they take on average', () => {
    expect(expectedHashes({ zeroBits: 20 })).toBe(2 ** 20);
    expect(expectedHashes({ zeroBits: 0 })).toBe(1);
    expect(expectedHashes({ prefix: bytesOf('abcd') })).toBe(2 ** 16);
    expect(expectedHashes({ digest: impossible })).toBe(2 ** 256);
    expect(expectedHashes({ atLeast: bytesOf(`80${'00'.repeat(31)}`) })).toBe(2);
    expect(expectedHashes(bytesOf(`00000000ffff${'00'.repeat(26)}`))).toBeCloseTo(
      4_295_032_833,
      -1,
    );
    expect(() => expectedHashes({ zeroBits: 300 })).toThrow(RangeError);
  });
});

describe('modes and progress', () => {
  it('any gives a nonce that qualifies, first the lowest', async () => {
    for (let threads = 1; threads <= 4; threads++) {
      const options = { header, target: { zeroBits: 12 }, algorithm: 'sha256', threads } as const;
      const any = await mining.search({ ...options, mode: 'any' });
      const first = await mining.search(options);
      if (!any.found || !first.found) throw new Error('one in 4,096 qualifies');
      const digest = sha256(searchMessage(options, any.nonce));
      expect(any.digest).toEqual(digest);
      expect(hexOf(digest).startsWith('000')).toBe(true);
      expect(any.nonce).toBeGreaterThanOrEqual(first.nonce);
    }
  });

  it('tells the hash rate and the time to expect', async () => {
    const options = { header, target: impossible, lastNonce: 3_000_000 };
    const job = mining.search(options);
    let last;
    for await (const progress of searchProgress(job, options)) {
      expect(progress.hashRate).toBeGreaterThanOrEqual(0);
      last = progress;
    }
    expect(last).toMatchObject({ fraction: 1, hashes: 3_000_001n, expectedSeconds: 0 });
    expect(last?.hashRate).toBeGreaterThan(0);
  });
});
