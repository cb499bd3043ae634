/**
 * Runs a capsule in a memory of its own, on threads of this process. The capsule can write what it likes there: the
 * host takes no lock and trusts no balance in it, and after a crash the memory begins anew.
 */
import { sdkError, type InosError } from '../../errors.js';
import type { CapsuleHost, CapsuleSpec } from '../../kernel/capsule-host.js';
import type { JobProgress, JobStatus, JobSteps } from '../../kernel/job.js';
import { Kernel } from '../../kernel/kernel.js';
import type { LoadSupervisor, Member } from '../../kernel/kernel-parts.js';
import type { AnyTask, JobRequest, Task } from '../../kernel/task.js';
import { JobState, LedgerWords } from '../../memory/layout.js';
import type { SharedArray } from '../../memory/region.js';
import { copyBack, copyIn } from './copies.js';
import type { Engine, FinalStatus, JobEnd, Passage, RunningJob } from './engine.js';
import { beginAnew } from './new-life.js';
import { OwnSab } from './own-sab.js';
import { PlayLedger } from './play-ledger.js';

/** A job that waits in the memory while that begins anew. */
interface Waiting {
  readonly id: number;
  readonly enter: () => void;
}

/** A capsule's own memory, and the kernel that runs its jobs there. */
export class OwnMemory implements Engine {
  readonly sab: OwnSab;
  readonly ahead = 32;
  readonly isTraced = true;
  readonly #kernel: Kernel;
  readonly #ledger: PlayLedger;
  /** Accounts of jobs that may come. */
  readonly #accounts: number[] = [];
  /** While the memory begins anew: the jobs that no thread had taken, and that shall enter it again. */
  #waiting: Waiting[] | undefined;
  #host: CapsuleHost | undefined;

  /** @param outer - the runtime's kernel */
  constructor(outer: Kernel, maximumBytes: number) {
    this.sab = OwnSab.create({ maximumBytes });
    this.#ledger = new PlayLedger(this.sab);
    this.#ledger.found();
    this.#kernel = new Kernel(this.sab, this.#ledger, {
      ...outer.options,
      onPaid: () => undefined,
      onCrashed: (member) => {
        this.#beginAnew(member);
      },
    });
    this.#kernel.tracer = outer.tracer?.within(this.sab, this.#kernel);
  }

  attach(spec: CapsuleSpec, load: LoadSupervisor): CapsuleHost {
    for (let job = 0; job < this.#mostJobs(spec); job++) this.#accounts.push(this.#ledger.open());
    this.#host = this.#kernel.attach({ ...spec, operator: LedgerWords.TREASURY }, load);
    return this.#host;
  }

  #mostJobs({ threads }: CapsuleSpec): number {
    return threads + this.ahead;
  }

  get #attached(): CapsuleHost {
    if (this.#host === undefined) throw new Error('attach() comes first');
    return this.#host;
  }

  get depth(): number {
    return this.#attached.spec.threads;
  }

  get givenUp() {
    return this.#attached.givenUp;
  }

  get vitals(): Engine['vitals'] {
    const [inner = NO_VITALS] = Object.values(this.#kernel.stats.capsules);
    const { pages, restarts, threads, state } = inner;
    return { pages, restarts, threads, state };
  }

  owns(view: ArrayBufferView): boolean {
    return this.sab.owns(view);
  }

  start(): Promise<void> {
    return this.#kernel.start(this.#attached.index);
  }

  run<R>(passage: Passage<R>): RunningJob {
    const job = new OwnRunningJob(
      this.#kernel,
      this.#enter(passage, (task) => (job.task = task)),
    );
    return job;
  }

  /**
   * Brings a job into the memory.
   *
   * @param onEntered - hears of the job's new task should it have to enter again
   * @throws InosError `memory/freed`, `memory/out-of-memory`; then nothing was kept
   */
  #enter<R>(passage: Passage<R>, onEntered: (task: OwnTask) => void): OwnTask {
    const { id, request, message } = passage;
    const { life = this.sab.life } = request;
    if (life !== this.sab.life) throw this.#goneError(id);
    const copies: SharedArray[] = [];
    const account = this.#accounts.pop() ?? LedgerWords.TREASURY;
    const giveBack = () => {
      // Should the capsule have ruined the tables, it has less room.
      for (const copy of copies.splice(0)) this.sab.arena.free(copy.byteOffset);
      this.#accounts.push(account);
    };
    const enterAgain = () => {
      try {
        onEntered(this.#enter(passage, onEntered));
      } catch (error) {
        passage.onEnded({ units: 0, cost: 0, fraction: 0, steps: {}, status: 'failed', error });
      }
    };
    try {
      for (const crossing of request.crossings ?? [])
        copies.push(copyIn(this.sab, crossing, message));
      this.#ledger.fund(account, request.budget);
      const inner: JobRequest<R> = {
        ...limitsOf(request),
        plan: { ...request.plan, capsule: this.#attached.index },
        message: {
          byteLength: message.byteLength,
          writeTo: (to, at) => {
            to.set(message, at);
          },
        },
        account,
        decode: (result) => request.decode(result),
        release: () => {
          const waiting = this.#waiting;
          if (waiting === undefined) copyBack(request.crossings ?? [], copies);
          giveBack();
          if (waiting === undefined) passage.onEnded(endOf(task));
          else waiting.push({ id, enter: enterAgain });
        },
      };
      const task = this.#kernel.submitTask(inner, id);
      return task;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  #goneError(job: number): InosError {
    const { name: capsule } = this.#attached.spec;
    const message = `job ${job} names memory that went with a crash of capsule ${capsule}`;
    return sdkError('memory/freed', message, { details: { job, capsule } });
  }

  /** After a crash: the memory begins anew, and the jobs that waited in it enter it again. */
  #beginAnew(member: Member): void {
    const kernel = this.#kernel;
    kernel.unsettled.takeAll();
    const waiting = (this.#waiting = [] as Waiting[]);
    kernel.failAll(member);
    this.#waiting = undefined;
    const { host } = member;
    beginAnew({ sab: this.sab, ledger: this.#ledger, kernel }, host, this.#mostJobs(host.spec));
    waiting.sort((one, other) => one.id - other.id);
    for (const { enter } of waiting) enter();
  }

  close(force: boolean): Promise<void> {
    return this.#kernel.close(force);
  }
}

/** A job of whatever result in the capsule's own memory. */
type OwnTask = AnyTask & Pick<Task<unknown>, 'status' | 'progress' | 'steps'>;

const NO_VITALS = { pages: 0, restarts: 0, threads: 0, state: 'idle' } as const;

/** What of a request holds on both sides. Its signal stays on this one. */
function limitsOf({ threads, budget, minimum, priority, deadlineMs }: JobRequest<unknown>) {
  const bytesCopied = 0;
  const whenFull = 'wait' as const;
  return {
    threads,
    budget,
    minimum,
    priority,
    deadlineMs,
    bytesCopied,
    whenFull,
    signal: undefined,
  };
}

function endOf<R>(task: Task<R>): JobEnd<R> {
  const { units, charged } = task.usage;
  const told = {
    units: Number(units),
    cost: Number(charged),
    fraction: task.progress.fraction,
    steps: task.steps,
  };
  let end: JobEnd<R> | undefined;
  // It has ended, so one of these is called at once.
  task.whenEnded(
    (value) => {
      end = { ...told, status: 'done', value };
    },
    (error: unknown) => {
      end = { ...told, status: task.status as Exclude<FinalStatus, 'done'>, error };
    },
  );
  if (end === undefined) throw new Error('the job has not ended');
  return end;
}

/** A job in the capsule's own memory. */
class OwnRunningJob implements RunningJob {
  readonly #kernel: Kernel;
  /** Another one after a crash that it waited through. */
  task: OwnTask;

  constructor(kernel: Kernel, task: OwnTask) {
    this.#kernel = kernel;
    this.task = task;
  }

  get status(): JobStatus {
    return this.task.status;
  }

  get progress(): JobProgress {
    return this.task.progress;
  }

  get steps(): JobSteps {
    return this.task.steps;
  }

  linger(): void {
    if (!this.task.hasEnded) this.#kernel.linger(this.task);
    this.#kernel.watch();
  }

  cancel(reason: unknown): void {
    this.task.cancel(reason);
  }

  expire(): void {
    this.#kernel.stop(this.task, JobState.EXPIRED);
  }
}
