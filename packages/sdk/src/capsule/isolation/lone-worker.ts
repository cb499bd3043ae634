/**
 * Runs a capsule for a page that can't share memory with workers: in one worker, which is the capsule's host and its
 * only thread. Jobs travel there as messages, one at a time, with copies of their regions' bytes.
 *
 * While a job runs the worker hears nothing, so one that is cancelled or expires ends with its worker.
 */
import { InosError, sdkError } from '../../errors.js';
import type { CapsuleSpec } from '../../kernel/capsule-host.js';
import type { Kernel } from '../../kernel/kernel.js';
import { resultError, type JobRequest } from '../../kernel/task.js';
import { TraceKind } from '../../memory/layout.js';
import type { CapsuleKernel } from '../define-capsule.js';
import { isLocated, type WasmSource } from '../wasm-source.js';
import { bytesOf, copyBack } from './copies.js';
import type { Engine, JobEnd, Passage, RunningJob } from './engine.js';
import type { LoneMessage, LoneTask, ToldEnd, ToldError } from './lone-messages.js';

const NO_WORK = { units: 0, cost: 0, fraction: 0, steps: {} };

const WARNING =
  'INOS: this page is not cross-origin isolated, so capsules run in a slower mode, on one thread each, with copies of ' +
  'all data. Serve the page over HTTPS, or from localhost, with these headers:\n' +
  '  Cross-Origin-Opener-Policy: same-origin\n' +
  '  Cross-Origin-Embedder-Policy: require-corp';

let hasWarned = false;

/** Says what is missing, once. */
function warn(): void {
  if (hasWarned) return;
  hasWarned = true;
  console.warn(WARNING);
}

/** A job in the worker. */
interface Sent {
  readonly id: number;
  end(told: ToldEnd): void;
  fail(error: InosError): void;
}

/** A capsule in a worker with which no memory is shared. */
export class LoneWorker implements Engine {
  readonly depth = 1;
  readonly ahead = 0;
  readonly isTraced = false;
  givenUp: InosError | undefined;
  readonly #kernel: Kernel;
  readonly #maximumBytes: number;
  #spec: CapsuleSpec | undefined;
  #source: WasmSource | undefined;
  #worker: Worker | undefined;
  #sent: Sent | undefined;
  #starting: ((error?: InosError) => void)[] = [];
  #pages = 0;
  #restarts = 0;
  /** Restarts of workers that are gone. */
  #earlierRestarts = 0;

  constructor(kernel: Kernel, maximumBytes: number) {
    this.#kernel = kernel;
    this.#maximumBytes = maximumBytes;
    if (typeof Worker === 'undefined') {
      const message =
        'no workers can be started from here: make the runtime in a page or in a dedicated worker';
      throw sdkError('runtime/unsupported', message);
    }
    warn();
  }

  attach: CapsuleKernel['attach'] = (spec, _, source) => {
    this.#spec = spec;
    this.#source = source;
    return { index: 0 };
  };

  get vitals(): Engine['vitals'] {
    const isThere = this.#worker !== undefined;
    return {
      pages: this.#pages,
      restarts: this.#earlierRestarts + this.#restarts,
      threads: isThere ? 1 : 0,
      // What its worker does nobody here knows.
      state: this.givenUp ? 'given-up' : isThere ? 'running' : 'idle',
    };
  }

  owns(): boolean {
    return false;
  }

  get #name(): string {
    return this.#spec?.name ?? '';
  }

  get #key(): string {
    return this.#spec?.key ?? '';
  }

  #open(): Worker {
    if (this.#worker) return this.#worker;
    const { startedAt, tracer } = this.#kernel;
    if (this.#spec === undefined || this.#source === undefined) throw new Error('attach() first');
    const source = isLocated(this.#source) ? onPage(this.#source) : this.#source;
    let worker: Worker;
    try {
      worker = new Worker(new URL('./worker-lone.js', import.meta.url), {
        type: 'module',
        name: `inos ${this.#name}`,
      });
    } catch (cause) {
      throw this.#startError((cause as Error).message, { cause });
    }
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<LoneMessage>) => {
      if (worker === this.#worker) this.#hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#lose(event.message || 'its worker could not be loaded');
    };
    const maximumBytes = this.#maximumBytes;
    this.#post({
      kind: 'open',
      spec: { ...this.#spec, earlierLives: this.#earlierRestarts },
      source,
      maximumBytes,
      isTracing: tracer !== undefined,
      startedAt,
    });
    return worker;
  }

  #post(task: LoneTask): void {
    const bytes = task.kind === 'run' ? task.regions.map(({ view }) => view.buffer) : [];
    this.#worker?.postMessage(task, bytes);
  }

  #hear(message: LoneMessage): void {
    const { options, tracer } = this.#kernel;
    const { events } = options;
    const capsule = this.#name;
    switch (message.kind) {
      case 'started': {
        const error = message.error && revive(message.error);
        for (const tell of this.#starting.splice(0)) tell(error);
        return;
      }
      case 'ended':
        this.#pages = message.pages;
        this.#restarts = message.restarts;
        this.#sent?.end(message);
        return;
      case 'crashed': {
        const { crashes, pauseMs } = message;
        tracer?.noteOf(this.#key, TraceKind.CRASHED, crashes);
        events.emit('capsule-restarted', {
          capsule,
          error: revive(message.error),
          crashes,
          pauseMs,
        });
        return;
      }
      case 'given-up': {
        const { crashes } = message;
        tracer?.noteOf(this.#key, TraceKind.GIVEN_UP, crashes);
        const error = revive(message.error);
        const text = `capsule ${capsule} was given up after ${crashes} crashes in a row: ${error.message}`;
        const details = { capsule, crashes };
        this.givenUp = sdkError('capsule/given-up', text, { details, cause: error });
        events.emit('capsule-given-up', { capsule, error, crashes });
      }
    }
  }

  /** Ends the worker; the next job gets another one. */
  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#earlierRestarts += this.#restarts;
    this.#restarts = this.#pages = 0;
  }

  #startError(reason: string, options: { readonly cause?: unknown } = {}): InosError {
    const details = { capsule: this.#name };
    const message = `capsule ${this.#name} could not be started: ${reason}`;
    return sdkError('capsule/start-failed', message, { details, ...options });
  }

  #lose(reason: string): void {
    const error = this.#startError(reason);
    this.#end();
    for (const tell of this.#starting.splice(0)) tell(error);
    this.#sent?.fail(error);
  }

  async start(): Promise<void> {
    this.#open();
    this.#post({ kind: 'start' });
    await new Promise<void>((resolve, reject) => {
      this.#starting.push((error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  run<R>(passage: Passage<R>): RunningJob {
    const { id, request } = passage;
    this.#open();
    const finish = (end: JobEnd<R>) => {
      if (this.#sent?.id !== id) return;
      this.#sent = undefined;
      passage.onEnded(end);
    };
    const stop = (end: JobEnd<never>) => {
      if (this.#sent?.id !== id) return;
      this.#end();
      this.#earlierRestarts++;
      finish(end);
    };
    this.#sent = {
      id,
      end: (told) => {
        if (told.id === id) finish(endOf(request, told));
      },
      fail: (error) => {
        finish({ ...NO_WORK, status: 'failed', error });
      },
    };
    this.#post(runTask(passage));
    return {
      status: 'running',
      progress: { fraction: 0, units: 0n },
      steps: {},
      linger: () => undefined,
      cancel: (reason) => {
        stop(passage.stopped('cancelled', reason));
      },
      expire: () => {
        stop(passage.stopped('expired'));
      },
    };
  }

  close(): Promise<void> {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const tell of this.#starting.splice(0)) tell();
    return Promise.resolve();
  }
}

/** What bundlers put in a URL's place may be relative to the page, or to the worker of ours that it starts from. */
function onPage(url: string | URL): string {
  return new URL(url, typeof document === 'undefined' ? location.href : document.baseURI).href;
}

function runTask({ id, request, message }: Passage<unknown>): LoneTask {
  const { method, outputBytes, resultBytes } = request.plan;
  return {
    kind: 'run',
    id,
    method,
    outputBytes,
    resultBytes,
    budget: request.budget,
    minimum: request.minimum,
    message,
    regions: (request.crossings ?? []).map(({ position, view, access }) => ({
      position,
      // A copy that isn't shared, as only such bytes may be sent.
      view: bytesOf(view).slice(),
      isWritten: access === 'write',
    })),
  };
}

function endOf<R>(request: JobRequest<R>, told: ToldEnd): JobEnd<R> {
  const written = request.crossings?.filter(({ access }) => access === 'write') ?? [];
  copyBack(written, told.written);
  const { status, units, cost, fraction, steps, failure, error, output, result } = told;
  const known = { units, cost, fraction, steps };
  if (status === 'done') {
    try {
      const value = request.decode({ output: () => output, result: () => result });
      return { ...known, status, value };
    } catch (cause) {
      return { ...known, status: 'failed', error: resultError(cause) };
    }
  }
  if (failure) {
    return { ...known, status, error: request.plan.toError(failure.code, failure.message) };
  }
  return { ...known, status, error: error && revive(error) };
}

function revive({ code = 'capsule/crashed', message, details, cause }: ToldError): InosError {
  return new InosError(code, message, { details, ...(cause && { cause: revive(cause) }) });
}
