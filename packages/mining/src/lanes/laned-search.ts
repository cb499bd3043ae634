/**
 * Searches that a GPU takes part in: `search` with `lanes`. The job is the capsule's own, so that budget, deadline,
 * cancel and usage are what they always are; the lane meets it at a board in the shared memory.
 */
import { outOfRange, type CapsuleMethod, type Job, type JobOptions, type SafeSAB } from '@inos/sdk';
import { DigestOrder } from '../generated/mining.js';
import {
  LANE_SHARE,
  parseSearch,
  type GpuShare,
  type LaneShare,
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

/** A search's board, from its allocation until nobody touches it any more. */
class Share implements LaneShare {
  readonly words: BoardWords;
  readonly #board: LaneBoard;
  readonly #memory: SafeSAB;
  #final: GpuShare | undefined;
  /** Who still touches the board: the job, and the lane once it has joined. */
  #users = 1;
  #leave: () => void = () => undefined;

  constructor(memory: SafeSAB) {
    this.#memory = memory;
    this.words = memory.alloc(BigInt64Array, LaneBoard.WORDS);
    this.#board = new LaneBoard(this.words);
  }

  get gpu(): GpuShare {
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

  /** For when the job has ended. */
  end(): void {
    this.#final = this.gpu;
    this.#leave();
    this.#letGo();
  }

  #letGo(): void {
    if (--this.#users === 0) this.#memory.free(this.words);
  }
}

function taskOf(options: SearchOptions): GpuTask {
  const search = parseSearch(options);
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
  // What isn't even an object is left to `search` to complain of.
  const asksForGpu = (options: Partial<SearchOptions> | null) =>
    options?.lanes !== undefined && parseSearch(options as SearchOptions).lanes.includes('gpu');

  const submit = (options: SearchOptions, jobOptions?: JobOptions): Job<SearchOutcome> => {
    if (!asksForGpu(options)) return search(options, jobOptions);
    const task = taskOf(options);
    const share = new Share(memory);
    if (!canShare()) share.refuse('a GPU needs a page that is cross-origin isolated');
    let job: Job<SearchOutcome>;
    try {
      job = search({ ...options, [LANE_SHARE]: share } as SearchOptions, jobOptions);
    } catch (error) {
      memory.free(share.words);
      throw error;
    }
    shares.set(job, share);
    void follow(job, share, task);
    return job;
  };

  const follow = async (job: Job<SearchOutcome>, share: Share, task: GpuTask): Promise<void> => {
    const ended = job.then(
      () => undefined,
      () => undefined,
    );
    try {
      if (canShare()) share.join(await loadLane(), task);
    } catch (error) {
      share.refuse(error);
    }
    await ended;
    share.end();
  };

  return Object.assign(submit, {
    quote: (options: SearchOptions) => search.quote(options),
    prepare: (options: SearchOptions, jobOptions?: JobOptions) => {
      if (asksForGpu(options)) {
        throw outOfRange('search.lanes', "['cpu'] for a prepared job", options.lanes);
      }
      return search.prepare(options, jobOptions);
    },
  });
}
