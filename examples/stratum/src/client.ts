/**
 * A Stratum V1 client: subscribes, authorises, and searches each job of the pool for shares until a newer one comes.
 */
import { connect, type Socket } from 'node:net';
import { headerSearch, targetOfBlockDifficulty } from '@inos/mining/bitcoin';
import type { Mining } from '@inos/mining';
import { InosError } from '@inos/sdk';
import { readLines, sendLine, type Message } from './lines.js';
import { headerOf, type PoolJob } from './work.js';

/** What a miner needs to take part. */
export interface MinerOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly mining: Pick<Mining, 'search'>;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Called for each share with the pool's answer. */
  readonly onShare?: (share: Share) => void;
}

/** A share, and what the pool said to it. */
export interface Share {
  readonly jobId: string;
  readonly nonce: number;
  readonly isAccepted: boolean;
  /** Why not. */
  readonly error: unknown;
}

const LAST_NONCE = 0xffffffff;

/** Eight digits for each four bytes. */
function hexWord(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** One connection to a pool. */
class Miner {
  readonly #socket: Socket;
  readonly #options: MinerOptions;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #nextId = 1;
  #extraNonce = '';
  #extraBytes = 0;
  #difficulty = 1;
  #work = new AbortController();

  constructor(socket: Socket, options: MinerOptions) {
    this.#socket = socket;
    this.#options = options;
    readLines(socket, (message) => {
      this.#hear(message);
    });
  }

  /** Ends the search at work. */
  stop(): void {
    this.#work.abort(new Error('stopped'));
    for (const answer of this.#waiting.values()) answer({ error: 'the connection has ended' });
  }

  async begin(): Promise<void> {
    const { user, password = 'x' } = this.#options;
    const subscribed = await this.#ask('mining.subscribe', ['inos-example']);
    if (!Array.isArray(subscribed.result)) throw new Error('the pool refused to be subscribed to');
    const [, extraNonce, extraBytes] = subscribed.result as [unknown, string, number];
    this.#extraNonce = extraNonce;
    this.#extraBytes = extraBytes;
    const authorised = await this.#ask('mining.authorize', [user, password]);
    if (authorised.result !== true) throw new Error(`the pool doesn't know ${user}`);
  }

  #ask(method: string, params: readonly unknown[]): Promise<Message> {
    const id = this.#nextId++;
    sendLine(this.#socket, { id, method, params });
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
    });
  }

  #hear({ id, method, params = [], ...rest }: Message): void {
    if (method === 'mining.set_difficulty') this.#difficulty = Number(params[0]);
    else if (method === 'mining.notify') this.#take(params);
    else if (typeof id === 'number') {
      this.#waiting.get(id)?.(rest);
      this.#waiting.delete(id);
    }
  }

  #take(params: readonly unknown[]): void {
    const [id, previousHash, before, after, branches, version, bits, time] = params as [
      string,
      string,
      string,
      string,
      string[],
      string,
      string,
      string,
    ];
    const job = {
      id,
      previousHash,
      coinbase: [before, after] as const,
      branches,
      version,
      bits,
      time,
    };
    this.#work.abort(new Error('a newer job'));
    this.#work = new AbortController();
    void this.#mine(job, this.#difficulty, this.#work.signal).catch((error: unknown) => {
      this.#socket.destroy(error as Error);
    });
  }

  /** Searches all nonces of one extra nonce after the other. */
  async #mine(job: PoolJob, difficulty: number, signal: AbortSignal): Promise<void> {
    const target = targetOfBlockDifficulty(difficulty);
    for (let extra = 0; extra < 2 ** (8 * this.#extraBytes); extra++) {
      const own = extra.toString(16).padStart(2 * this.#extraBytes, '0');
      const search = headerSearch(headerOf(job, this.#extraNonce + own), target);
      for (let firstNonce = 0; firstNonce <= LAST_NONCE;) {
        const nonce = await this.#search({ ...search, firstNonce }, signal);
        if (signal.aborted) return;
        if (nonce === undefined) break;
        await this.#submit(job, own, nonce);
        firstNonce = nonce + 1;
      }
    }
  }

  async #search(
    search: Parameters<Mining['search']>[0],
    signal: AbortSignal,
  ): Promise<number | undefined> {
    try {
      const outcome = await this.#options.mining.search(search, { signal });
      return outcome.found ? outcome.nonce : undefined;
    } catch (error) {
      if (error instanceof InosError && error.code === 'job/cancelled') return undefined;
      throw error;
    }
  }

  async #submit(job: PoolJob, own: string, nonce: number): Promise<void> {
    const { user, onShare } = this.#options;
    const params = [user, job.id, own, job.time, hexWord(nonce)];
    const { result, error } = await this.#ask('mining.submit', params);
    onShare?.({ jobId: job.id, nonce, isAccepted: result === true, error });
  }
}

/**
 * Mines for a pool until the signal is aborted or the pool goes away.
 *
 * @throws Node's own errors of the connection; an Error when the pool refuses
 */
export async function mine(options: MinerOptions): Promise<void> {
  const { host, port, signal } = options;
  const socket = connect({ host, port });
  const miner = new Miner(socket, options);
  const ended = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => {
      miner.stop();
      resolve();
    });
  });
  const end = () => {
    miner.stop();
    socket.destroy();
  };
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const begun = miner.begin();
  try {
    await Promise.race([begun, ended]);
    await ended;
  } finally {
    signal.removeEventListener('abort', end);
    socket.destroy();
  }
}
