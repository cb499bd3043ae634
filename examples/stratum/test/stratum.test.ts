/** The client against the pool: shares found, accepted and refused, jobs that become stale, difficulties that change. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createMining, type Mining } from '@inos/mining';
import { blockHash, targetOfBlockDifficulty, verifyHeader } from '@inos/mining/bitcoin';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { mine, type Share } from '../src/client.js';
import { readLines, sendLine, type Message } from '../src/lines.js';
import { Pool } from '../src/pool.js';
import { headerOf, merkleRoot, sha256d, swapWords, type PoolJob } from '../src/work.js';

/** The coinbase of Bitcoin's first block; the six bytes from its middle stand for extra nonces. */
const COINBASE =
  '01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104' +
  '455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f6620736563' +
  '6f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a6' +
  '7130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6b' +
  'f11d5fac00000000';
const GENESIS = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f';
const job = (id: string): PoolJob => ({
  id,
  previousHash: '00'.repeat(32),
  coinbase: [COINBASE.slice(0, 100), COINBASE.slice(112)],
  branches: [],
  version: '00000001',
  bits: '1d00ffff',
  time: '495fab29',
});

/** About one hash in 2^14 is a share. */
const EASY = 2 ** -18;

let mining: Mining & { close(): Promise<void> };
let pool: Pool;
let port: number;
beforeAll(async () => {
  mining = await createMining({ threads: 2 });
});
afterAll(() => mining.close());
beforeEach(async () => {
  pool = new Pool({ users: ['alice', 'bob'], difficulty: EASY });
  port = await pool.listen();
});
afterEach(() => {
  pool.close();
});

describe('a job', () => {
  it('becomes the header of the block that it was', () => {
    const header = { ...headerOf(job('1'), COINBASE.slice(100, 112)), nonce: 2_083_236_893 };
    expect(blockHash(header)).toBe(GENESIS);
    expect(verifyHeader(header).hash).toBe(GENESIS);
  });

  it('joins the coinbase with each branch on the way to the root', () => {
    const branches = ['11'.repeat(32), '22'.repeat(32)];
    const pair = (left: Buffer, right: string) =>
      sha256d(Buffer.concat([left, Buffer.from(right, 'hex')]));
    const leaf = sha256d(Buffer.from(COINBASE, 'hex'));
    const [one = '', two = ''] = branches;
    const root = merkleRoot({ ...job('1'), branches }, COINBASE.slice(100, 112));
    expect(root).toEqual(pair(pair(leaf, one), two));
  });

  it('has the block before in words turned round', () => {
    expect(swapWords('0102030405060708')).toBe('0403020108070605');
    const previousHash = swapWords(Buffer.from(GENESIS, 'hex').reverse().toString('hex'));
    expect(headerOf({ ...job('1'), previousHash }, '00').previousHash).toBe(GENESIS);
  });
});

/** Mines until so many shares were answered. */
async function mineShares(
  user: string,
  count: number,
  onEach?: (share: Share) => void,
  searcher: Pick<Mining, 'search'> = mining,
) {
  const controller = new AbortController();
  const shares: Share[] = [];
  const onShare = (share: Share) => {
    shares.push(share);
    onEach?.(share);
    if (shares.length >= count) controller.abort();
  };
  const { signal } = controller;
  await mine({ host: '127.0.0.1', port, user, mining: searcher, signal, onShare });
  return shares;
}

describe('a miner', () => {
  it('finds shares that the pool accepts', async () => {
    pool.giveJob(job('a'));
    const shares = await mineShares('alice', 5);
    expect(shares.every(({ isAccepted }) => isAccepted)).toBe(true);
    expect(new Set(shares.map(({ nonce }) => nonce)).size).toBe(5);
    for (const { hash, header, isAccepted } of pool.shares) {
      expect(isAccepted).toBe(true);
      expect(blockHash(header)).toBe(hash);
      expect(BigInt(`0x${hash}`) <= targetOfBlockDifficulty(EASY)).toBe(true);
    }
  });

  it('leaves a job for a newer one', async () => {
    pool.giveJob(job('a'));
    const shares = await mineShares('bob', 6, ({ jobId }) => {
      if (jobId === 'a') pool.giveJob(job('b'));
    });
    expect(shares.filter(({ isAccepted }) => isAccepted).at(-1)?.jobId).toBe('b');
  });

  describe('that has found a share of a job when the next one comes', () => {
    /** The shares of both jobs: the first search of the first ends only when the second has come. */
    const sharesAround = async (isClean: boolean) => {
      let isFirst = true;
      const search = async (
        options: Parameters<Mining['search']>[0],
        { signal }: { readonly signal: AbortSignal },
      ) => {
        if (!isFirst) return mining.search(options, { signal });
        isFirst = false;
        const outcome = await mining.search(options);
        const isSuperseded = new Promise((resolve) => signal.addEventListener('abort', resolve));
        // Of another second: else its shares would be the same ones.
        pool.giveJob({ ...job('b'), time: '495fab2a' }, isClean);
        await isSuperseded;
        return outcome;
      };
      pool.giveJob(job('a'));
      return mineShares('alice', 3, undefined, { search: search as never });
    };

    it('hands it in, if the next one isn’t clean', async () => {
      const shares = await sharesAround(false);
      expect(shares.map(({ jobId }) => jobId)).toContain('a');
      expect(shares.every(({ isAccepted }) => isAccepted)).toBe(true);
    });

    it('forgets it, if the next one is clean', async () => {
      const shares = await sharesAround(true);
      expect(shares.map(({ jobId, isAccepted }) => [jobId, isAccepted])).toEqual(
        Array.from({ length: 3 }, () => ['b', true]),
      );
    });
  });

  it('takes another extra nonce, from the next job on', async () => {
    pool.giveJob(job('a'));
    let isChanged = false;
    const shares = await mineShares('alice', 6, () => {
      if (isChanged) return;
      isChanged = true;
      pool.changeExtraNonces();
      pool.giveJob(job('b'), false);
    });
    expect(shares.every(({ isAccepted }) => isAccepted)).toBe(true);
    const used = (id: string) =>
      new Set(pool.shares.filter(({ jobId }) => jobId === id).map(({ extraNonce }) => extraNonce));
    expect([...used('a')]).toEqual(['00000000']);
    expect([...used('b')]).toEqual(['00000001']);
  });

  it('leaves a pool whose extra nonce makes no sense', async () => {
    const server = createServer((socket) => {
      readLines(socket, ({ id = null, method }) => {
        if (method === 'mining.subscribe') sendLine(socket, { id, result: [[], '00', 2] });
        if (method !== 'mining.authorize') return;
        sendLine(socket, { id, result: true });
        sendLine(socket, { id: null, method: 'mining.set_extranonce', params: ['xyz', 2] });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
    await expect(mineShares('alice', 1)).rejects.toThrow('no extra nonce');
    server.close();
  });

  it('works as hard as it is told from the next job on', async () => {
    pool.giveJob(job('a'));
    const shares = await mineShares('alice', 3, ({ jobId }) => {
      if (jobId !== 'a') return;
      pool.setDifficulty(EASY * 4);
      pool.giveJob(job('harder'));
    });
    expect(shares.some(({ jobId }) => jobId === 'harder')).toBe(true);
    const target = targetOfBlockDifficulty(EASY * 4);
    const harder = pool.shares.filter(({ jobId, isAccepted }) => jobId === 'harder' && isAccepted);
    expect(harder.length).toBeGreaterThan(0);
    for (const { hash } of harder) expect(BigInt(`0x${hash}`) <= target).toBe(true);
  });

  it('two get extra nonces of their own, so that nobody repeats the other’s work', async () => {
    pool.giveJob(job('a'));
    await Promise.all([mineShares('alice', 3), mineShares('bob', 3)]);
    expect(pool.shares.every(({ isAccepted }) => isAccepted)).toBe(true);
    expect(new Set(pool.shares.map(({ header }) => header.merkleRoot)).size).toBe(2);
  });

  it('gives up when the pool doesn’t know it, or isn’t there', async () => {
    await expect(mineShares('mallory', 1)).rejects.toThrow("the pool doesn't know mallory");
    pool.close();
    await expect(mineShares('alice', 1)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('ends when the pool goes away', async () => {
    pool.setDifficulty(1e9);
    pool.giveJob(job('a'));
    const going = mineShares('alice', 1);
    await vi.waitFor(() => {
      expect(pool.miners).toBe(1);
    });
    pool.close();
    await going;
  });
});

describe('the pool', () => {
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** A connection that speaks for itself. */
  function talk() {
    const socket = connect({ host: '127.0.0.1', port });
    sockets.push(socket);
    const waiting = new Map<number, (message: Message) => void>();
    readLines(socket, (message) => {
      if (typeof message.id === 'number') waiting.get(message.id)?.(message);
    });
    let id = 0;
    return async (method: string, ...params: readonly unknown[]) => {
      id++;
      sendLine(socket, { id, method, params });
      const { result, error } = await new Promise<Message>((resolve) => waiting.set(id, resolve));
      return error === null ? result : (error as readonly unknown[])[1];
    };
  }

  it('refuses what is stale, malformed, twice the same, too easy, or nobody’s', async () => {
    pool.giveJob(job('a'));
    const accepted = await mineShares('alice', 1);
    const ask = talk();
    expect(await ask('mining.subscribe')).toMatchObject([
      [['mining.notify', expect.any(String)]],
      expect.any(String),
      2,
    ]);
    const submit = (...params: readonly unknown[]) => ask('mining.submit', ...params);
    expect(await submit('alice', 'a', '0000', job('a').time, '00000000')).toBe(
      'Unauthorized worker',
    );
    expect(await ask('mining.authorize', 'alice', 'x')).toBe(true);
    expect(await submit('bob', 'a', '0000', job('a').time, '00000000')).toBe('Unauthorized worker');
    expect(await submit('alice', 'z', '0000', job('a').time, '00000000')).toBe('Job not found');
    expect(await submit('alice', 'a', '00', job('a').time, '00000000')).toBe('Malformed share');
    expect(await submit('alice', 'a', '0000', job('a').time, 'xxxxxxxx')).toBe('Malformed share');
    expect(await submit('alice', 'a', '0000', job('a').time, '00000001')).toBe(
      'Low difficulty share',
    );
    expect(await submit('alice', 'a', '0000', job('a').time, '00000001')).toBe('Duplicate share');
    expect(await ask('mining.dance')).toBe('Unknown method');
    expect(accepted[0]?.isAccepted).toBe(true);
  });

  it('ends connections that don’t speak Stratum', async () => {
    const closed = await Promise.all(
      ['no json\n', '7\n', 'x'.repeat(70_000)].map(
        (text) =>
          new Promise((resolve) => {
            const socket = connect({ host: '127.0.0.1', port }, () => socket.write(text));
            sockets.push(socket);
            socket.on('error', () => undefined);
            socket.on('close', () => {
              resolve(true);
            });
          }),
      ),
    );
    expect(closed).toEqual([true, true, true]);
  });
});
