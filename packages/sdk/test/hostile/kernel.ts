/**
 * A kernel whose capsule writes what it likes: into its records, its rings, its entry, its thread's block. Every job ends
 * once, with its result or with an error that the kernel knows, and no credits come or go.
 */
import { Job as JobStruct } from '../../src/generated/job.js';
import { Ledger } from '../../src/credits/ledger.js';
import { PriceTag } from '../../src/credits/price-list.js';
import { INOS_ERROR_CODES } from '../../src/error-codes.js';
import { InosError, sdkError } from '../../src/errors.js';
import { Emitter } from '../../src/kernel/events.js';
import { Kernel } from '../../src/kernel/kernel.js';
import { readResult } from '../../src/kernel/message.js';
import { supervise } from '../../src/kernel/supervise.js';
import type { ThreadEvents, ThreadLauncher } from '../../src/kernel/supervisor.js';
import type { JobRequest, JobResult, Task } from '../../src/kernel/task.js';
import {
  capsuleWord,
  inboxOffset,
  JobState,
  JobWords,
  Layout,
  outboxOffset,
  Rings,
  RingWords,
  threadWord,
} from '../../src/memory/layout.js';
import { SafeSAB } from '../../src/memory/safe-sab.js';
import { Input, readChanges, type Changes } from './input.js';
import { freshMemory, words } from './memory.js';
import { watch } from './watched.js';

const MOST_STEPS = 40;
const CREDITS = 1_000_000;
const OUTPUT_BYTES = 16;
const RESULT_BYTES = 64;
const RECORD_BYTES = 1024;

/** A thread that does nothing: what its capsule does is the test's. */
class IdleLauncher implements ThreadLauncher {
  readonly awaits = 'nothing';
  readonly #alive = new Set<ThreadEvents>();

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  launch(_: unknown, events: ThreadEvents) {
    this.#alive.add(events);
    queueMicrotask(() => {
      events.onReady();
    });
    return { terminate: () => Promise.resolve(), keepAlive: () => undefined };
  }

  /** All its threads leave, or one of them crashes. */
  end(hasCrashed: boolean): void {
    for (const events of this.#alive) {
      if (hasCrashed) events.onCrash(new Error('a hostile end'));
      else events.onLeft();
    }
    this.#alive.clear();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Reads all that a result may name. */
function decode(job: JobResult): unknown {
  const left = readResult(job.result(), JobStruct);
  return [job.output().length, left.seed, left.method, String(left.params)];
}

function requestOf(account: number, input: Input): JobRequest<unknown> {
  const message = {
    byteLength: 64,
    writeTo: (to: Uint8Array, at: number) => {
      to.fill(7, at, at + 64);
    },
  };
  const price = new PriceTag('price', { base: 10n, price: 3n, units: 2n, unit: 'unit' });
  return {
    plan: {
      capsule: 0,
      method: 0,
      outputBytes: OUTPUT_BYTES,
      resultBytes: RESULT_BYTES,
      price,
      pace: { lingerMicroseconds: 0 },
      toError: (code, text) => sdkError('capsule/failed', text, { details: { code } }),
    },
    message,
    account,
    threads: 1,
    budget: 1000,
    minimum: 10,
    priority: input.below(Rings.PRIORITIES),
    deadlineMs: undefined,
    signal: undefined,
    whenFull: 'wait',
    bytesCopied: 0,
    decode,
    release: () => undefined,
  };
}

/** The memory's ledger is the host's: what it says is another target's. */
function isOthers(offset: number): boolean {
  const isLedger =
    offset >= Layout.LEDGER_OFFSET && offset < Layout.LEDGER_OFFSET + Layout.LEDGER_BYTES;
  return isLedger || offset < Layout.HEADER_OFFSET + Layout.HEADER_BYTES;
}

/** One run. */
class Run {
  readonly #input: Input;
  readonly #sab: SafeSAB;
  readonly #ledger: Ledger;
  readonly #launcher = new IdleLauncher();
  readonly #kernel: Kernel;
  readonly #account: number;
  readonly #changes: Changes;
  readonly #jobs: Task<unknown>[] = [];
  readonly #ends: number[] = [];
  #failure: Error | undefined;

  constructor(input: Input) {
    this.#input = input;
    this.#sab = SafeSAB.attach(freshMemory().memory);
    this.#ledger = new Ledger(this.#sab, 16);
    this.#ledger.found();
    this.#account = this.#ledger.open();
    this.#ledger.transfer(0, this.#account, CREDITS);
    this.#kernel = new Kernel(this.#sab, this.#ledger, {
      backlogLimit: 4,
      zero: performance.now(),
      mayBlock: true,
      events: new Emitter(),
      onPaid: () => undefined,
    });
    this.#kernel.attach(
      {
        name: 'enemy',
        key: 'enemy',
        methods: ['work'],
        threads: 1,
        staticOffset: Layout.THIRD_PARTY_STATIC_OFFSET,
        staticBytes: 64,
        memoryBytes: 2 ** 22,
        crashLimit: 2,
        stuckAfterMs: Infinity,
        prices: [],
        operator: 0,
      },
      (kernel, member) => Promise.resolve(supervise(kernel, member, this.#launcher)),
    );
    this.#changes = readChanges(input, (offset) => !isOthers(offset));
  }

  #submit(): void {
    const index = this.#jobs.length;
    const job = this.#kernel.submitTask(requestOf(this.#account, this.#input));
    this.#jobs.push(job);
    this.#ends.push(0);
    job.whenEnded(
      () => this.#end(index),
      (error: unknown) => {
        this.#end(index);
        this.#requireKnown(error);
      },
    );
  }

  #end(index: number): void {
    this.#ends[index] = (this.#ends[index] ?? 0) + 1;
  }

  #requireKnown(error: unknown): void {
    const isKnown = error instanceof InosError && INOS_ERROR_CODES.includes(error.code as never);
    if (!isKnown) this.#failure ??= error as Error;
  }

  /** A word that a hostile capsule may write. */
  #wordOf(): number {
    const input = this.#input;
    const record = Layout.ARENA_OFFSET + RECORD_BYTES * (1 + input.below(6));
    switch (input.below(6)) {
      case 0:
        return inboxOffset(0, input.below(Rings.PRIORITIES)) / 4 + input.below(24);
      case 1:
        return outboxOffset(0) / 4 + input.below(24);
      case 2:
        return capsuleWord(0) + input.below(32);
      case 3:
        return threadWord(0) + input.below(32);
      case 4:
        return (record + JobWords.BODY_OFFSET) / 4 + input.below(64);
      default:
        return record / 4 + input.below(JobWords.HEAD_BYTES / 4);
    }
  }

  /** Answers a job as a capsule does, or nearly so. */
  #answer(): void {
    const input = this.#input;
    const plain = words();
    const place = Layout.ARENA_OFFSET + RECORD_BYTES * (1 + input.below(6));
    const control = place / 4 + JobWords.CONTROL;
    const generation = (plain[control] ?? 0) >>> JobWords.CONTROL_GENERATION_SHIFT;
    const state = input.isSet() ? JobState.DONE : input.below(12);
    plain[control] = ((generation << JobWords.CONTROL_GENERATION_SHIFT) | state) >>> 0;
    const outbox = outboxOffset(0) / 4;
    const tail = plain[outbox + RingWords.TAIL] ?? 0;
    const slot = outbox + RingWords.SLOTS + (tail % Rings.OUTBOX_CAPACITY) * RingWords.SLOT_WORDS;
    plain[slot + RingWords.SLOT_OFFSET] = input.below(8) === 0 ? input.word() : place;
    plain[slot + RingWords.SLOT_GENERATION] = input.below(8) === 0 ? input.word() : generation;
    plain[slot + RingWords.SLOT_SEQUENCE] = tail + 1 - (tail % Rings.OUTBOX_CAPACITY);
    plain[outbox + RingWords.TAIL] = tail + 1;
  }

  /** Looks at all that a user may look at. */
  #look(): void {
    const kernel = this.#kernel;
    for (const { status, usage, progress, steps } of this.#jobs) {
      const isSane = progress.fraction >= 0 && progress.fraction <= 1 && usage.units >= 0n;
      if (!isSane || status.length === 0 || steps === null) {
        throw new Error(`a job makes no sense: ${status}, ${progress.fraction}, ${usage.units}`);
      }
    }
    if (kernel.stats.inFlight > this.#jobs.length) throw new Error('more in flight than submitted');
  }

  #step(): void {
    const input = this.#input;
    switch (input.below(8)) {
      case 0:
      case 1:
        this.#submit();
        break;
      case 2:
      case 3:
        this.#answer();
        break;
      case 4:
        this.#jobs[input.below(8)]?.cancel();
        break;
      case 5:
        this.#look();
        break;
      case 6:
        words()[this.#wordOf()] = input.word();
        break;
      default:
        this.#kernel.drain();
    }
  }

  async go(): Promise<void> {
    const total = this.#ledger.total();
    for (let step = 0; step < MOST_STEPS && !this.#input.isEmpty; step++) {
      const mayCrash = this.#input.below(32) === 0;
      watch(this.#changes.hook, () => {
        try {
          this.#step();
        } catch (error) {
          this.#requireKnown(error);
        }
      });
      if (this.#failure) throw this.#failure;
      if (mayCrash) this.#launcher.end(true);
      await Promise.resolve();
    }
    await this.#close();
    const held = this.#ledger.available(this.#account) + this.#ledger.reserved(this.#account);
    const earned = this.#ledger.available(0) + this.#ledger.reserved(0);
    if (BigInt(held + earned) !== total) throw new Error('credits came or went');
  }

  async #close(): Promise<void> {
    const closing = this.#kernel.close(true);
    setTimeout(() => {
      this.#launcher.end(false);
    });
    await closing;
    if (this.#failure) throw this.#failure;
    if (this.#ends.some((count) => count !== 1))
      throw new Error(`jobs ended ${this.#ends.join()} times`);
    if (this.#kernel.stats.inFlight !== 0) throw new Error('a job has not ended');
  }
}

export async function kernel(bytes: Uint8Array): Promise<void> {
  await new Run(new Input(bytes)).go();
}
