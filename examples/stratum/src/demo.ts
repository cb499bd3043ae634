/**
 * A miner at work: `[HOST PORT USER [PASSWORD]]`, by default for a pool of its own on loopback and ten shares.
 */
import { createMining } from '@inos/mining';
import { mine, type MinerOptions } from './client.js';
import { Pool } from './pool.js';

const SHARES = 10;

/** About one hash in 2^18 is a share. */
const DIFFICULTY = 2 ** -14;

/** A pool that has the work of Bitcoin's first block to give. */
async function openPool(): Promise<Pool> {
  const pool = new Pool({ users: ['example'], difficulty: DIFFICULTY });
  pool.giveJob({
    id: 'first',
    previousHash: '00'.repeat(32),
    coinbase: ['01000000', 'ffffffff'],
    branches: [],
    version: '00000001',
    bits: '1d00ffff',
    time: '495fab29',
  });
  return pool;
}

const [host, port, user = 'example', password] = process.argv.slice(2);
const pool = host === undefined ? await openPool() : undefined;
const ended = new AbortController();
process.once('SIGINT', () => {
  ended.abort();
});
let count = 0;
await using mining = await createMining();
const options: MinerOptions = {
  host: host ?? '127.0.0.1',
  port: pool ? await pool.listen() : Number(port),
  user,
  ...(password === undefined ? {} : { password }),
  mining,
  signal: ended.signal,
  onShare: ({ jobId, nonce, isAccepted, error }) => {
    const outcome = isAccepted ? 'accepted' : `refused: ${JSON.stringify(error)}`;
    console.log(`job ${jobId}, nonce ${nonce}: ${outcome}`);
    if (pool && ++count === SHARES) ended.abort();
  },
};
try {
  await mine(options);
} finally {
  pool?.close();
}
