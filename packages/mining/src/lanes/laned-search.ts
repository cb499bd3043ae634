/**
 * Searches that a GPU takes part in or whose threads may work for a part of the time: `search` with `lanes` or
 * `cpuShare`. The job is the capsule's own, so that budget, deadline, cancel and usage are what they always are; the
 * lane, and what holds the threads back, meet it at a board in the shared memory.
 */
import {
  InosError,
  outOfRange,
  type CapsuleMethod,
  type Job,
  type JobOptions,
  type SafeSAB,
} from '@inos/sdk';
import { DigestOrder } from '../generated/mining.js';
import { Pacer } from '../pacer.js';
import {
  LANE_SHARE,
  parseSearch,
  type GpuShare,
  type LaneShare,
  type Search,
  type SearchOptions,
  type SearchOutcome,
} from '../search.js';
import type { GpuLane } from './gpu-lane.js';
import { LaneBoard, type BoardWords } from './lane-board.js';
import type { GpuTask } from './messages.js';

/** The `search` that users call. */
export type SearchMethod = CapsuleMethod<readonly [options: SearchOptions], SearchOutcome>;

/** Shares of the jobs that have one, for their progress. */
const shares = new WeakMap<object, Share>();

/** What the GPU has done of a job so far; `undefined` if none takes part in it. */
export function gpuShareOf(job: object): GpuShare | undefined {
  return shares.get(job)?.gpu;
}

/** What makes a search need a board. */
interface Parts {
  /** What a GPU is told, if one may take part. */
  readonly gpu?: GpuTask;
  /** Of the threads, if they have a part at all. */
  readonly cpuShare: number;
}

/** A search's board, from its allocation until nobody touches it any more. */
class Share implements LaneShare {
  readonly words: BoardWords;
  readonly #board: LaneBoard;
  readonly #memory: SafeSAB;
  #final: GpuShare | undefined;
  /** Who still touches the board: the job, and the lane once it has joined. */
  #users = 1;
  readonly #ended = new AbortController();
  readonly #parts: Parts;
  #leave: () => void = () => undefined;

  constructor(memory: SafeSAB, parts: Parts) {
    this.#memory = memory;
    this.#parts = parts;
    this.words = memory.alloc(BigInt64Array, LaneBoard.WORDS);
    this.#board = new LaneBoard(this.words);
    if (parts.cpuShare === 1) this.#board.allowAll();
  }

  get gpu(): GpuShare | undefined {
    if (this.#parts.gpu === undefined) return undefined;
    if (this.#final) return this.#final;
    const { hashes, reason } = this.#board;
    return reason === undefined ? { hashes } : { hashes, missing: reason };
  }

  /** Gives up before the lane has joined. */
  refuse(reason: unknown): void {
    this.#board.giveUp(reason);
  }

  join(lane: GpuLane, task: GpuTask): void {
    this.#users++;
    const onReleased = () => {
      this.#letGo();
    };
    this.#leave = lane.join({ board: this.#board, task, onReleased });
  }

  /** Lets the threads work for their share of the time, until the job ends. */
  async pace(): Promise<void> {
    const { cpuShare } = this.#parts;
    if (cpuShare === 1) return;
    this.#users++;
    const { signal } = this.#ended;
    const isOver = () => signal.aborted;
    const pacer = new Pacer(cpuShare);
    // Until a thread is there, the time is others'.
    await this.#board.asked(isOver);
    const work = async (hashes: number) => {
      this.#board.allow(hashes);
      await this.#board.asked(isOver);
    };
    while (!isOver()) await pacer.slice(work, signal).catch(() => undefined);
    this.#letGo();
  }

  /** For when the job has ended. */
  end(): void {
    this.#final = this.gpu;
    this.#ended.abort();
    this.#board.wake();
    this.#leave();
    this.#letGo();
  }

  #letGo(): void {
    if (--this.#users === 0) this.#memory.free(this.words);
  }
}

function taskOf(search: Search): GpuTask {
  const { algorithm, header, nonceOffset, nonceFormat, lowest, highest, lastNonce } = search;
  const isLittleEndian = search.digestOrder === DigestOrder.LITTLE_ENDIAN;
  return {
    algorithm,
    header: Uint8Array.from(header),
    nonceOffset,
    nonceFormat,
    lowest,
    highest,
    isLittleEndian,
    lastNonce,
  };
}

function partsOf(options: SearchOptions): Parts {
  const { lanes, cpuShare } = (options as SearchOptions | null | undefined) ?? {};
  // What isn't even an object is left to `search` to complain of.
  if (lanes === undefined && cpuShare === undefined) return { cpuShare: 1 };
  const search = parseSearch(options);
  const hasCpu = search.lanes.includes('cpu');
  return {
    ...(search.lanes.includes('gpu') ? { gpu: taskOf(search) } : {}),
    cpuShare: hasCpu ? search.cpuShare : 1,
  };
}

function needsBoard({ gpu, cpuShare }: Parts): boolean {
  return gpu !== undefined || cpuShare < 1;
}

/** Whether workers can be given this memory: on pages only with cross-origin isolation. */
function canShare(): boolean {
  return !('crossOriginIsolated' in globalThis) || globalThis.crossOriginIsolated;
}

/** Makes the capsule's `search` one that knows `lanes`. */
export function lanedSearch(
  search: SearchMethod,
  memory: SafeSAB,
  loadLane: () => Promise<GpuLane>,
): SearchMethod {
  const submit = (options: SearchOptions, jobOptions?: JobOptions): Job<SearchOutcome> => {
    const parts = partsOf(options);
    if (!needsBoard(parts)) return search(options, jobOptions);
    if (parts.cpuShare < 1 && !canShare()) {
      const text = 'search with a cpuShare below 1 needs a page that is cross-origin isolated';
      throw new InosError('runtime/unsupported', `${text}: solve does without`);
    }
    const share = new Share(memory, parts);
    if (!canShare()) share.refuse('a GPU needs a page that is cross-origin isolated');
    let job: Job<SearchOutcome>;
    try {
      job = search({ ...options, [LANE_SHARE]: share } as SearchOptions, jobOptions);
    } catch (error) {
      memory.free(share.words);
      throw error;
    }
    shares.set(job, share);
    void share.pace();
    void follow(job, share, parts.gpu);
    return job;
  };

  const follow = async (job: Job<SearchOutcome>, share: Share, task?: GpuTask): Promise<void> => {
    const ended = job.then(
      () => undefined,
      () => undefined,
    );
    try {
      if (task !== undefined && canShare()) share.join(await loadLane(), task);
    } catch (error) {
      share.refuse(error);
    }
    await ended;
    share.end();
  };

  return Object.assign(submit, {
    quote: (options: SearchOptions) => search.quote(options),
    prepare: (options: SearchOptions, jobOptions?: JobOptions) => {
      const { gpu, cpuShare } = partsOf(options);
      if (gpu) throw outOfRange('search.lanes', "['cpu'] for a prepared job", options.lanes);
      if (cpuShare < 1) throw outOfRange('search.cpuShare', '1 for a prepared job', cpuShare);
      return search.prepare(options, jobOptions);
    },
  });
}
