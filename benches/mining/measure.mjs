// What is measured: searching nonces, hashing a mebibyte, many messages, a large file. Results are compared
// before anything is timed: those that differ end the bench.
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../scripts/process.mjs';
import { percentile } from '../loop/statistics.mjs';
import { HEADER, NONCE_OFFSET } from './contestants.mjs';
import { sampleRates } from './turns.mjs';

const OURS = 'ours';
const NATIVE = 'native, 4 lanes';
const SCALAR = 'native, scalar with midstate';
const MEBIBYTE = 2 ** 20;
/** No digest will ever be seen that is so low: searches run to their range's end. */
const IMPOSSIBLE = new Uint8Array(32).fill(1, 31);

/**
 * Rounds below the rate that counts. What else runs on a machine makes turns slower, never quicker: a median says how
 * busy it was, this what everybody can.
 */
const DISTURBED_ROUNDS = 0.95;
const undisturbed = (samples) => percentile(samples, DISTURBED_ROUNDS);

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

/**
 * Rates of contestants, each by its undisturbed rounds, and how many times each peer's rate ours is.
 *
 * @param {{ samples: Record<string, number[]>, perPiece: number }} group samples are pieces of work per second; a piece
 *   is so much of the unit
 */
function rateGroup({ id, title, unit, samples, perPiece, of, thresholds }) {
  const rates = Object.fromEntries(
    Object.entries(samples).map(([name, list]) => [name, undisturbed(list) * perPiece]),
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

/** Double SHA-256 of a header for each nonce: one search, or a call for each. */
export async function measureSearch({ single, peers }, native, rounds) {
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
  const search = { header: HEADER, target: IMPOSSIBLE };
  const turns = [
    {
      name: OURS,
      seconds: (count) => secondsOf(() => single.search({ ...search, lastNonce: count - 1 })),
    },
    { name: NATIVE, seconds: (count) => native.search('lanes', count) },
    { name: SCALAR, seconds: (count) => native.search('scalar', count) },
    ...Object.entries(peers).map(([name, peer]) => ({
      name,
      seconds: (count) => secondsOf(() => perNonce(peer, count)),
    })),
  ];
  return rateGroup({
    id: 'search',
    title: 'Double SHA-256 of an 80-byte header, one thread',
    unit: 'MH/s',
    perPiece: 1e-6,
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
export async function measureThreads({ single, all }, threads, rounds) {
  const search = { header: HEADER, target: IMPOSSIBLE };
  const turn = (name, mining) => ({
    name,
    seconds: (count) => secondsOf(() => mining.search({ ...search, lastNonce: count - 1 })),
  });
  const turns = [turn('one thread', single), turn(OURS, all)];
  return rateGroup({
    id: 'threads',
    title: `The same on ${threads} threads`,
    unit: 'MH/s',
    perPiece: 1e-6,
    samples: await sampleRates(turns, rounds),
    of: ['one thread'],
    thresholds: [{ name: OURS, key: 'of one thread', atLeast: 0.9 * threads }],
  });
}

/** A mebibyte that lies in shared memory, one thread. */
export async function measureMebibyte({ single, peers }, algorithm, rounds) {
  const data = single.memory.alloc(Uint8Array, MEBIBYTE);
  data.forEach((_, index) => (data[index] = index * 31));
  const own = data.slice();
  const expected = await single.hash(algorithm, data);
  const entries = Object.entries(peers).filter(([, peer]) => algorithm in peer);
  for (const [name, peer] of entries) requireEqual(name, peer[algorithm](own), expected);
  const turns = [
    {
      name: OURS,
      seconds: (count) =>
        secondsOf(async () => {
          for (let turn = 0; turn < count; turn++) await single.hash(algorithm, data);
        }),
    },
    ...entries.map(([name, peer]) => ({
      name,
      seconds: (count) =>
        secondsOf(() => {
          for (let turn = 0; turn < count; turn++) peer[algorithm](own);
        }),
    })),
  ];
  const samples = await sampleRates(turns, rounds);
  single.memory.free(data);
  return rateGroup({
    id: algorithm,
    title: `${algorithm} of 1 MiB, one thread`,
    unit: 'GiB/s',
    perPiece: 1 / 1024,
    samples,
    of: ['hash-wasm', 'noble'],
    thresholds: [{ name: OURS, key: 'of hash-wasm', atLeast: algorithm === 'blake3' ? 2 : 1.2 }],
  });
}

/** Ten thousand messages of 64 bytes: one call, or a call for each. */
export async function measureMany({ single, peers }, algorithm, rounds) {
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
      seconds: (batches) =>
        secondsOf(async () => {
          for (let batch = 0; batch < batches; batch++) {
            await single.hashMany(algorithm, packed, { output });
          }
        }),
    },
    ...entries.map(([name, peer]) => ({
      name,
      seconds: (batches) =>
        secondsOf(() => {
          for (let batch = 0; batch < batches; batch++) {
            for (let index = 0; index < count; index++) peer[algorithm](message(index));
          }
        }),
    })),
  ];
  const samples = await sampleRates(turns, rounds);
  single.memory.free(data);
  single.memory.free(output);
  return rateGroup({
    id: `many ${algorithm}`,
    title: `${algorithm} of 10,000 messages of 64 bytes, one thread`,
    unit: 'million/s',
    perPiece: count / 1e6,
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
    const times = async (count, work) => {
      let seconds = 0;
      for (let turn = 0; turn < count; turn++) seconds += await work();
      return seconds;
    };
    const turns = [
      {
        name: OURS,
        seconds: (count) => times(count, () => secondsOf(() => all.hashFile('blake3', path))),
      },
      ...Object.entries(natives).map(([name, native]) => ({
        name,
        seconds: (count) => times(count, async () => (await native.file(path, threads)).seconds),
      })),
    ];
    const [peer] = Object.keys(natives);
    return rateGroup({
      id: 'file',
      title: `BLAKE3 of a file of ${mebibytes} MiB, ${threads} threads`,
      unit: 'GiB/s',
      perPiece: mebibytes / 1024,
      samples: await sampleRates(turns, rounds),
      of: Object.keys(natives),
      thresholds: [{ name: OURS, key: `of ${peer}`, atLeast: 0.8 }],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** From cancelling a search that all threads work on to the last of them having stopped. */
export async function measureCancel({ all }, threads, rounds) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
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
