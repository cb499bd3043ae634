// What is measured: searching nonces, hashing a mebibyte, many messages, a large file. Results are compared
// before anything is timed: those that differ end the bench.
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../scripts/process.mjs';
import { interleave } from '../loop/interleave.mjs';
import { median } from '../loop/statistics.mjs';
import { HEADER, NONCE_OFFSET } from './contestants.mjs';

const OURS = 'ours';
const NATIVE = 'native, 4 lanes';
const SCALAR = 'native, scalar with midstate';
const MEBIBYTE = 2 ** 20;
/** No digest will ever be seen that is so low: searches run to their range's end. */
const IMPOSSIBLE = new Uint8Array(32).fill(1, 31);

const hex = (bytes) => Buffer.from(bytes).toString('hex');

async function secondsOf(work) {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function requireEqual(name, found, expected) {
  if (hex(found) !== hex(expected)) {
    throw new Failure(`${name} gives ${hex(found)}, the others ${hex(expected)}`);
  }
}

/** Rates of contestants, each the median of its samples, and how many times each peer's rate ours is. */
function rateGroup({ id, title, unit, samples, of, thresholds }) {
  const rates = Object.fromEntries(
    Object.entries(samples).map(([name, list]) => [name, median(list)]),
  );
  const rows = Object.entries(rates).map(([name, rate]) => ({
    name,
    rate,
    ...(name === OURS
      ? Object.fromEntries(of.map((peer) => [`of ${peer}`, rates[OURS] / rates[peer]]))
      : {}),
  }));
  const columns = [
    { key: 'rate', title: unit },
    ...of.map((peer) => ({ key: `of ${peer}`, title: `× ${peer}` })),
  ];
  return { id, title, columns, rows, thresholds };
}

async function sampleRates(turns, rounds) {
  const samples = Object.fromEntries(turns.map(({ name }) => [name, []]));
  await interleave(turns, rounds, async ({ name, rate }) => {
    samples[name].push(await rate());
  });
  return samples;
}

/** Double SHA-256 of a header for each nonce: one search, or a call for each. */
export async function measureSearch({ single, peers }, native, { rounds, nonces }) {
  const message = HEADER.slice();
  const view = new DataView(message.buffer);
  const perNonce = ({ sha256 }, count) => {
    for (let nonce = 0; nonce < count; nonce++) {
      view.setUint32(NONCE_OFFSET, nonce, true);
      sha256(sha256(message));
    }
  };
  const found = await single.search({
    header: HEADER,
    target: { atMost: new Uint8Array(32).fill(0xff, 1, 2) },
  });
  view.setUint32(NONCE_OFFSET, found.nonce, true);
  for (const [name, { sha256 }] of Object.entries(peers)) {
    requireEqual(name, sha256(sha256(message)), found.digest);
  }
  const ours = (count) =>
    secondsOf(() => single.search({ header: HEADER, target: IMPOSSIBLE, lastNonce: count - 1 }));
  await ours(nonces); // Engines optimise what has run for a while.
  const turns = [
    { name: OURS, rate: async () => nonces / (await ours(nonces)) / 1e6 },
    {
      name: NATIVE,
      rate: async () => nonces / (await native.search('lanes', nonces)) / 1e6,
    },
    {
      name: SCALAR,
      rate: async () => nonces / (await native.search('scalar', nonces)) / 1e6,
    },
    ...Object.entries(peers).map(([name, peer]) => {
      const count = Math.ceil(nonces / 20);
      return {
        name,
        rate: async () => count / (await secondsOf(() => perNonce(peer, count))) / 1e6,
      };
    }),
  ];
  return rateGroup({
    id: 'search',
    title: 'Double SHA-256 of an 80-byte header, one thread',
    unit: 'MH/s',
    samples: await sampleRates(turns, rounds),
    of: ['hash-wasm', 'noble', NATIVE, SCALAR],
    thresholds: [
      { name: OURS, key: 'of hash-wasm', atLeast: 15 },
      { name: OURS, key: 'of noble', atLeast: 15 },
      { name: OURS, key: `of ${NATIVE}`, atLeast: 0.8 },
      { name: OURS, key: `of ${SCALAR}`, atLeast: 2.5 },
    ],
  });
}

/** The same search on all threads. */
export async function measureThreads({ single, all }, threads, { rounds, nonces }) {
  const turn = (name, mining, count) => {
    const search = { header: HEADER, target: IMPOSSIBLE, lastNonce: count - 1 };
    const rate = async () => count / (await secondsOf(() => mining.search(search))) / 1e6;
    return { name, rate };
  };
  const turns = [turn('one thread', single, nonces), turn(OURS, all, nonces * threads)];
  return rateGroup({
    id: 'threads',
    title: `The same on ${threads} threads`,
    unit: 'MH/s',
    samples: await sampleRates(turns, rounds),
    of: ['one thread'],
    thresholds: [{ name: OURS, key: 'of one thread', atLeast: 0.9 * threads }],
  });
}

/** A mebibyte that lies in shared memory, one thread. */
export async function measureMebibyte({ single, peers }, algorithm, { rounds, repeats }) {
  const data = single.memory.alloc(Uint8Array, MEBIBYTE);
  data.forEach((_, index) => (data[index] = index * 31));
  const own = data.slice();
  const expected = await single.hash(algorithm, data);
  const entries = Object.entries(peers).filter(([, peer]) => algorithm in peer);
  for (const [name, peer] of entries) requireEqual(name, peer[algorithm](own), expected);
  const rateOf = (work) => async () => repeats / (await secondsOf(work)) / 1000;
  const turns = [
    {
      name: OURS,
      rate: rateOf(async () => {
        for (let turn = 0; turn < repeats; turn++) await single.hash(algorithm, data);
      }),
    },
    ...entries.map(([name, peer]) => ({
      name,
      rate: rateOf(() => {
        for (let turn = 0; turn < repeats; turn++) peer[algorithm](own);
      }),
    })),
  ];
  for (const { rate } of turns) await rate();
  const samples = await sampleRates(turns, rounds);
  single.memory.free(data);
  return rateGroup({
    id: algorithm,
    title: `${algorithm} of 1 MiB, one thread`,
    unit: 'GiB/s',
    samples,
    of: ['hash-wasm', 'noble'],
    thresholds: [{ name: OURS, key: 'of hash-wasm', atLeast: algorithm === 'blake3' ? 2 : 1.2 }],
  });
}

/** Ten thousand messages of 64 bytes: one call, or a call for each. */
export async function measureMany({ single, peers }, algorithm, { rounds }) {
  const [count, messageBytes] = [10_000, 64];
  const data = single.memory.alloc(Uint8Array, count * messageBytes);
  const output = single.memory.alloc(Uint8Array, count * 32);
  data.forEach((_, index) => (data[index] = index * 7));
  const own = data.slice();
  const message = (index) => own.subarray(index * messageBytes, (index + 1) * messageBytes);
  const packed = { data, messageBytes };
  const entries = Object.entries(peers).filter(([, peer]) => algorithm in peer);
  await single.hashMany(algorithm, packed, { output });
  for (const [name, peer] of entries) {
    for (let index = 0; index < count; index++) {
      requireEqual(
        name,
        peer[algorithm](message(index)),
        output.slice(index * 32, index * 32 + 32),
      );
    }
  }
  const turns = [
    {
      name: OURS,
      rate: async () =>
        count / (await secondsOf(() => single.hashMany(algorithm, packed, { output }))) / 1e6,
    },
    ...entries.map(([name, peer]) => ({
      name,
      rate: async () =>
        count /
        (await secondsOf(() => {
          for (let index = 0; index < count; index++) peer[algorithm](message(index));
        })) /
        1e6,
    })),
  ];
  for (const { rate } of turns) await rate();
  const samples = await sampleRates(turns, rounds * 3);
  single.memory.free(data);
  single.memory.free(output);
  return rateGroup({
    id: `many ${algorithm}`,
    title: `${algorithm} of 10,000 messages of 64 bytes, one thread`,
    unit: 'million/s',
    samples,
    of: ['hash-wasm', 'noble'],
    thresholds: [{ name: OURS, key: 'of hash-wasm', atLeast: 4 }],
  });
}

/** A large file, all threads, from the system's cache. */
export async function measureFile({ all }, natives, threads, { rounds, mebibytes }) {
  const folder = mkdtempSync(join(tmpdir(), 'inos-bench-'));
  try {
    const path = join(folder, 'large');
    writeRandom(path, mebibytes);
    const found = await all.hashFile('blake3', path);
    for (const [name, native] of Object.entries(natives)) {
      const { digest } = await native.file(path, threads);
      requireEqual(name, Buffer.from(digest, 'hex'), found);
    }
    const gibibytes = mebibytes / 1024;
    const turns = [
      {
        name: OURS,
        rate: async () => gibibytes / (await secondsOf(() => all.hashFile('blake3', path))),
      },
      ...Object.entries(natives).map(([name, native]) => ({
        name,
        rate: async () => gibibytes / (await native.file(path, threads)).seconds,
      })),
    ];
    const [peer] = Object.keys(natives);
    return rateGroup({
      id: 'file',
      title: `BLAKE3 of a file of ${mebibytes} MiB, ${threads} threads`,
      unit: 'GiB/s',
      samples: await sampleRates(turns, rounds),
      of: Object.keys(natives),
      thresholds: [{ name: OURS, key: `of ${peer}`, atLeast: 0.8 }],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** From cancelling a search that all threads work on to the last of them having stopped. */
export async function measureCancel({ all }, threads, { rounds }) {
  const times = [];
  for (let round = 0; round < 10 * rounds; round++) {
    const job = all.search({
      header: HEADER,
      target: IMPOSSIBLE,
      nonceFormat: 'uint64-le',
      nonceOffset: 72,
    });
    const ended = Promise.resolve(job).catch(() => performance.now());
    await new Promise((resolve) => setTimeout(resolve, 5 + (round % 7)));
    const cancelled = performance.now();
    job.cancel();
    times.push((await ended) - cancelled);
  }
  times.sort((one, other) => one - other);
  const time = times[Math.floor(times.length / 2)];
  const worst = times[Math.floor(times.length * 0.9)];
  return {
    id: 'cancel',
    title: `From cancelling a search to the last of ${threads} threads having stopped: milliseconds`,
    columns: [
      { key: 'time', title: 'median' },
      { key: 'worst', title: 'nine in ten' },
    ],
    rows: [{ name: OURS, time, worst }],
    thresholds: [
      { name: OURS, key: 'time', atMost: 1 },
      { name: OURS, key: 'worst', atMost: 1 },
    ],
  };
}

function writeRandom(path, mebibytes) {
  const file = openSync(path, 'w');
  const piece = randomFillSync(new Uint8Array(MEBIBYTE));
  for (let count = 0; count < mebibytes; count++) {
    piece[0] = count;
    writeSync(file, piece);
  }
  closeSync(file);
}
