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
  /** The pool's part of the extra nonce. */
  readonly extraNonce: string;
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
  extraNonce: string;
  user: string | undefined;
  /** The extra nonce that it has for each job whose shares count. */
  readonly given: Map<string, string>;
  hearsExtraNonces: boolean;
}

/** A pool for as many miners as come. */
export class Pool {
  /** Every share that came, in order. */
  readonly shares: PoolShare[] = [];
  readonly #server: Server;
  readonly #miners = new Set<Miner>();
  readonly #users: ReadonlySet<string>;
  readonly #seen = new Set<string>();
  /** Those whose shares count; the last is at work. */
  #jobs: PoolJob[] = [];
  #difficulty: number;
  #met = 0;

  constructor({ users, difficulty }: PoolOptions) {
    this.#users = new Set(users);
    this.#difficulty = difficulty;
    this.#server = createServer((socket) => {
      const extraNonce = (this.#met++).toString(16).padStart(8, '0');
      const given = new Map<string, string>();
      const miner = { socket, extraNonce, user: undefined, given, hearsExtraNonces: false };
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

  /** Gives all miners another job. A clean one, as by default, makes the shares of all before stale. */
  giveJob(job: PoolJob, isClean = true): void {
    this.#jobs = isClean ? [job] : [...this.#jobs, job];
    for (const miner of this.#miners) if (miner.user !== undefined) this.#notify(miner, isClean);
  }

  /** Gives all miners who want to hear of it another extra nonce, from the next job on. */
  changeExtraNonces(): void {
    for (const miner of this.#miners) {
      if (!miner.hearsExtraNonces) continue;
      miner.extraNonce = (this.#met++).toString(16).padStart(8, '0');
      const params = [miner.extraNonce, EXTRA_BYTES];
      sendLine(miner.socket, { id: null, method: 'mining.set_extranonce', params });
    }
  }

  /** Makes shares harder or easier, from the next job on. */
  setDifficulty(difficulty: number): void {
    this.#difficulty = difficulty;
  }

  #notify({ socket, given, extraNonce }: Miner, isClean = true): void {
    const job = this.#jobs.at(-1);
    if (job === undefined) return;
    const { id, previousHash, coinbase, branches, version, bits, time } = job;
    if (isClean) given.clear();
    given.set(id, extraNonce);
    sendLine(socket, { id: null, method: 'mining.set_difficulty', params: [this.#difficulty] });
    const params = [id, previousHash, ...coinbase, branches, version, bits, time, isClean];
    sendLine(socket, { id: null, method: 'mining.notify', params });
  }

  #hear(miner: Miner, { id = null, method, params = [] }: Message): void {
    const answer = (result: unknown, error: unknown = null) => {
      sendLine(miner.socket, { id, result, error });
    };
    if (method === 'mining.subscribe') {
      answer([[['mining.notify', miner.extraNonce]], miner.extraNonce, EXTRA_BYTES]);
    } else if (method === 'mining.extranonce.subscribe') {
      miner.hearsExtraNonces = true;
      answer(true);
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
  #judge({ user, given }: Miner, params: readonly unknown[]): readonly unknown[] | undefined {
    const [name, jobId, own, time, nonce] = params.map(String);
    if (user === undefined || name !== user) return UNAUTHORISED;
    const job = this.#jobs.find(({ id }) => id === jobId);
    const extraNonce = given.get(jobId ?? '');
    if (job === undefined || extraNonce === undefined) return STALE;
    if (!OWN.test(own ?? '') || !WORD.test(time ?? '') || !WORD.test(nonce ?? '')) return MALFORMED;
    const base = headerOf(job, `${extraNonce}${own ?? ''}`, time);
    const header = { ...base, nonce: Number.parseInt(nonce ?? '', 16) };
    const hash = blockHash(header);
    const isSeen = this.#seen.has(hash);
    const isLow = BigInt(`0x${hash}`) > targetOfBlockDifficulty(this.#difficulty);
    this.shares.push({
      user,
      jobId: job.id,
      extraNonce,
      header,
      hash,
      isAccepted: !isSeen && !isLow,
    });
    this.#seen.add(hash);
    return isSeen ? DUPLICATE : isLow ? LOW : undefined;
  }
}
