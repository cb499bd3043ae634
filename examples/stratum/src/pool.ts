/**
 * A pool of its own, on loopback: gives work out, changes its difficulty, checks the shares. It pays nobody.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { blockHash, targetOfBlockDifficulty, type BlockHeader } from '@inos/mining/bitcoin';
import { readLines, sendLine, type Message } from './lines.js';
import { headerOf, type PoolJob } from './work.js';

/** A share that a miner handed in. */
export interface PoolShare {
  readonly user: string;
  readonly jobId: string;
  readonly header: BlockHeader;
  readonly hash: string;
  readonly isAccepted: boolean;
}

/** Options of {@link Pool}. */
export interface PoolOptions {
  readonly users: readonly string[];
  /** How many times as hard as Bitcoin's first block a share is: far below 1 for tests. */
  readonly difficulty: number;
}

/** Stratum's own numbers for refusals. */
const STALE = [21, 'Job not found', null] as const;
const DUPLICATE = [22, 'Duplicate share', null] as const;
const LOW = [23, 'Low difficulty share', null] as const;
const UNAUTHORISED = [24, 'Unauthorized worker', null] as const;
const MALFORMED = [20, 'Malformed share', null] as const;

const EXTRA_BYTES = 2;
const WORD = /^[\da-f]{8}$/;
const OWN = /^[\da-f]{4}$/;

interface Miner {
  readonly socket: Socket;
  readonly extraNonce: string;
  user: string | undefined;
}

/** A pool for as many miners as come. */
export class Pool {
  /** Every share that came, in order. */
  readonly shares: PoolShare[] = [];
  readonly #server: Server;
  readonly #miners = new Set<Miner>();
  readonly #users: ReadonlySet<string>;
  readonly #seen = new Set<string>();
  #job: PoolJob | undefined;
  #difficulty: number;
  #met = 0;

  constructor({ users, difficulty }: PoolOptions) {
    this.#users = new Set(users);
    this.#difficulty = difficulty;
    this.#server = createServer((socket) => {
      const extraNonce = (this.#met++).toString(16).padStart(8, '0');
      const miner: Miner = { socket, extraNonce, user: undefined };
      this.#miners.add(miner);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#miners.delete(miner));
      readLines(socket, (message) => {
        this.#hear(miner, message);
      });
    });
  }

  /** How many miners are authorised. */
  get miners(): number {
    return [...this.#miners].filter(({ user }) => user !== undefined).length;
  }

  /** Begins to listen; resolves to its port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sends all miners away. */
  close(): void {
    for (const { socket } of this.#miners) socket.destroy();
    this.#server.close();
  }

  /** Gives all miners another job, which makes shares of the one before stale. */
  giveJob(job: PoolJob): void {
    this.#job = job;
    for (const miner of this.#miners) if (miner.user !== undefined) this.#notify(miner);
  }

  /** Makes shares harder or easier, from the next job on. */
  setDifficulty(difficulty: number): void {
    this.#difficulty = difficulty;
  }

  #notify({ socket }: Miner): void {
    if (this.#job === undefined) return;
    const { id, previousHash, coinbase, branches, version, bits, time } = this.#job;
    sendLine(socket, { id: null, method: 'mining.set_difficulty', params: [this.#difficulty] });
    const params = [id, previousHash, ...coinbase, branches, version, bits, time, true];
    sendLine(socket, { id: null, method: 'mining.notify', params });
  }

  #hear(miner: Miner, { id = null, method, params = [] }: Message): void {
    const answer = (result: unknown, error: unknown = null) => {
      sendLine(miner.socket, { id, result, error });
    };
    if (method === 'mining.subscribe') {
      answer([[['mining.notify', miner.extraNonce]], miner.extraNonce, EXTRA_BYTES]);
    } else if (method === 'mining.authorize') {
      const user = String(params[0]);
      const isKnown = this.#users.has(user);
      answer(isKnown, isKnown ? null : UNAUTHORISED);
      if (!isKnown) return;
      miner.user = user;
      this.#notify(miner);
    } else if (method === 'mining.submit') {
      const error = this.#judge(miner, params);
      answer(error === undefined ? true : null, error ?? null);
    } else {
      answer(null, [20, 'Unknown method', null]);
    }
  }

  /** What is wrong with a share, if anything. */
  #judge({ user, extraNonce }: Miner, params: readonly unknown[]): readonly unknown[] | undefined {
    const [name, jobId, own, time, nonce] = params.map(String);
    if (user === undefined || name !== user) return UNAUTHORISED;
    if (this.#job === undefined || jobId !== this.#job.id) return STALE;
    if (!OWN.test(own ?? '') || !WORD.test(time ?? '') || !WORD.test(nonce ?? '')) return MALFORMED;
    const base = headerOf(this.#job, `${extraNonce}${own ?? ''}`, time);
    const header = { ...base, nonce: Number.parseInt(nonce ?? '', 16) };
    const hash = blockHash(header);
    const isSeen = this.#seen.has(hash);
    const isLow = BigInt(`0x${hash}`) > targetOfBlockDifficulty(this.#difficulty);
    this.shares.push({ user, jobId, header, hash, isAccepted: !isSeen && !isLow });
    this.#seen.add(hash);
    return isSeen ? DUPLICATE : isLow ? LOW : undefined;
  }
}
