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

/** What of a job's coinbase is the pool's choice for this miner, and how many bytes the miner chooses itself. */
interface ExtraNonce {
  readonly pools: string;
  readonly ownBytes: number;
}

/** No pool gives more: what there is to search with them has no end. */
const MOST_OWN_BYTES = 8;

function extraNonceOf([pools, ownBytes]: readonly unknown[]): ExtraNonce {
  const isHex = typeof pools === 'string' && /^([\da-f]{2})*$/i.test(pools);
  if (!isHex || !Number.isInteger(ownBytes)) throw new Error('no extra nonce');
  const bytes = ownBytes as number;
  if (bytes < 0 || bytes > MOST_OWN_BYTES) throw new Error('an extra nonce of another length');
  return { pools, ownBytes: bytes };
}

/** A job at work, or one whose last share is still to be handed in. */
interface Work {
  readonly job: PoolJob;
  readonly difficulty: number;
  readonly extraNonce: ExtraNonce;
  /** Aborted when there is a newer job. */
  readonly superseded: AbortSignal;
  /** Whether its shares are worth nothing any more. */
  isStale: boolean;
}

/** One connection to a pool. */
class Miner {
  readonly #socket: Socket;
  readonly #options: MinerOptions;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #nextId = 1;
  #extraNonce: ExtraNonce = { pools: '', ownBytes: 0 };
  #difficulty = 1;
  #newer = new AbortController();
  readonly #works = new Set<Work>();

  constructor(socket: Socket, options: MinerOptions) {
    this.#socket = socket;
    this.#options = options;
    readLines(socket, (message) => {
      this.#hear(message);
    });
  }

  /** Ends the search at work. */
  stop(): void {
    this.#makeStale();
    this.#newer.abort(new Error('stopped'));
    for (const answer of this.#waiting.values()) answer({ error: 'the connection has ended' });
  }

  async begin(): Promise<void> {
    const { user, password = 'x' } = this.#options;
    const subscribed = await this.#ask('mining.subscribe', ['inos-example']);
    if (!Array.isArray(subscribed.result)) throw new Error('the pool refused to be subscribed to');
    this.#extraNonce = extraNonceOf(subscribed.result.slice(1));
    // Pools that never change it may refuse.
    void this.#ask('mining.extranonce.subscribe', []);
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
    else if (method === 'mining.set_extranonce') this.#extraNonce = extraNonceOf(params);
    else if (method === 'mining.notify') this.#take(params);
    else if (typeof id === 'number') {
      this.#waiting.get(id)?.(rest);
      this.#waiting.delete(id);
    }
  }

  #take(params: readonly unknown[]): void {
    const [id, previousHash, before, after, branches, version, bits, time, isClean] = params as [
      string,
      string,
      string,
      string,
      string[],
      string,
      string,
      string,
      boolean | undefined,
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
    // Unless the pool says so, what was found of older jobs still counts.
    if (isClean !== false) this.#makeStale();
    this.#newer.abort(new Error('a newer job'));
    this.#newer = new AbortController();
    const work = {
      job,
      difficulty: this.#difficulty,
      extraNonce: this.#extraNonce,
      superseded: this.#newer.signal,
      isStale: false,
    };
    this.#works.add(work);
    void this.#mine(work)
      .catch((error: unknown) => this.#socket.destroy(error as Error))
      .finally(() => this.#works.delete(work));
  }

  #makeStale(): void {
    for (const work of this.#works) work.isStale = true;
  }

  /** Searches all nonces of one extra nonce after the other. */
  async #mine(work: Work): Promise<void> {
    const { job, difficulty, extraNonce, superseded } = work;
    const { pools, ownBytes } = extraNonce;
    const target = targetOfBlockDifficulty(difficulty);
    for (let extra = 0; extra < 2 ** (8 * ownBytes); extra++) {
      const own = ownBytes === 0 ? '' : extra.toString(16).padStart(2 * ownBytes, '0');
      const search = headerSearch(headerOf(job, pools + own), target);
      for (let firstNonce = 0; firstNonce <= LAST_NONCE;) {
        const nonce = await this.#search({ ...search, firstNonce }, superseded);
        if (work.isStale) return;
        if (nonce !== undefined) await this.#submit(job, own, nonce);
        if (superseded.aborted) return;
        if (nonce === undefined) break;
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
