/**
 * Traces in Chrome's trace event format, which Perfetto and chrome://tracing open. Jobs are asynchronous slices from
 * queue to end, the parts that threads did are slices of those threads, arrows lead from the one to the other.
 */
import type { TraceEvent, TraceEvents } from './trace-event.js';

/** One event of the format. Times are microseconds. */
export interface ChromeEvent {
  readonly name: string;
  readonly ph: 'X' | 'B' | 'b' | 'e' | 's' | 'f' | 'C' | 'i' | 'M';
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly cat?: string;
  /** Ties an arrow's ends together. */
  readonly id?: string;
  /** Ties the ends of an asynchronous slice together, within its process. */
  readonly id2?: { readonly local: string };
  readonly s?: 'g' | 'p';
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, string | number>>;
}

type OnThread = TraceEvents['started'];

/** A thread's part of a job that isn't done. */
interface Part {
  readonly started: OnThread;
  readonly pid: number;
  reserved?: number;
}

/** The jobs of a capsule that wait and that run. */
interface Queue {
  readonly waiting: Set<number>;
  readonly running: Set<number>;
}

const HOST = 1;
const MICROSECONDS = 1000;

/**
 * Turns a trace into Chrome's events, one by one.
 *
 * @example
 * ```ts
 * const converter = new ChromeTraceConverter();
 * for await (const event of inos.trace()) chromeEvents.push(...converter.add(event));
 * chromeEvents.push(...converter.end());
 * ```
 */
export class ChromeTraceConverter {
  readonly #pids = new Map<string, number>();
  readonly #threads = new Set<string>();
  readonly #parts = new Map<string, Part>();
  readonly #queues = new Map<string, Queue>();
  #out: ChromeEvent[] = [];

  constructor() {
    this.#name('process_name', HOST, 0, 'host');
    this.#name('thread_name', HOST, 1, 'jobs');
  }

  /** The events that one of a trace stands for. */
  add(event: TraceEvent): ChromeEvent[] {
    const ts = event.time * MICROSECONDS;
    switch (event.kind) {
      case 'queued':
        this.#queued(event, ts);
        break;
      case 'started':
        this.#started(event, ts);
        break;
      case 'reserved': {
        const part = this.#parts.get(partKey(event));
        if (part) part.reserved = ts;
        break;
      }
      case 'executed':
        this.#executed(event, ts);
        break;
      case 'answered':
        // As near to the end of the part as makes no difference in a picture.
        break;
      case 'settled':
        this.#settled(event, ts);
        break;
      case 'omitted':
        this.#missing('jobs left out', event, ts);
        break;
      case 'lost':
        this.#queues.clear();
        this.#missing('events lost', event, ts);
        break;
      default:
        this.#ofCapsule(event, ts);
    }
    return this.#take();
  }

  /** The events that were still open: parts of jobs that nobody saw the end of. */
  end(): ChromeEvent[] {
    for (const { started, pid } of this.#parts.values()) {
      const { method: name, thread, time, job } = started;
      const ts = time * MICROSECONDS;
      this.#out.push({ name, ph: 'B', cat: 'work', pid, tid: thread + 1, ts, args: { job } });
    }
    this.#parts.clear();
    return this.#take();
  }

  #take(): ChromeEvent[] {
    return this.#out.splice(0);
  }

  #name(what: string, pid: number, tid: number, name: string): void {
    this.#out.push({ name: what, ph: 'M', pid, tid, ts: 0, args: { name } });
  }

  #pid(capsule: string): number {
    let pid = this.#pids.get(capsule);
    if (pid === undefined) {
      pid = HOST + 1 + this.#pids.size;
      this.#pids.set(capsule, pid);
      this.#name('process_name', pid, 0, capsule);
    }
    return pid;
  }

  #thread({ capsule, thread }: OnThread): number {
    const pid = this.#pid(capsule);
    const key = `${pid} ${thread}`;
    if (!this.#threads.has(key)) {
      this.#threads.add(key);
      this.#name('thread_name', pid, thread + 1, `${capsule} ${thread}`);
    }
    return pid;
  }

  #queued({ capsule, method, job }: TraceEvents['queued'], ts: number): void {
    const name = `${capsule}.${method}`;
    const common = { pid: HOST, tid: 1, ts };
    this.#out.push({ ...common, ...asyncOf(job), name, ph: 'b', args: { job } });
    // An arrow begins at a slice.
    this.#out.push({ ...common, name, ph: 'X', cat: 'submit', dur: 0, args: { job } });
    this.#out.push({ ...common, name: 'submit', cat: 'flow', id: String(job), ph: 's' });
    this.#queue(capsule).waiting.add(job);
    this.#count(capsule, ts);
  }

  #started(event: OnThread, ts: number): void {
    const { capsule, job, thread } = event;
    const pid = this.#thread(event);
    this.#parts.set(partKey(event), { started: event, pid });
    const { waiting, running } = this.#queue(capsule);
    if (!waiting.delete(job)) return;
    running.add(job);
    this.#count(capsule, ts);
    const flow = { name: 'submit', cat: 'flow', id: String(job), pid, tid: thread + 1, ts };
    this.#out.push({ ...flow, ph: 'f', bp: 'e' });
  }

  #executed(event: OnThread, ts: number, died?: string): void {
    const key = partKey(event);
    const part = this.#parts.get(key);
    if (part === undefined) return;
    this.#parts.delete(key);
    const { started, pid, reserved } = part;
    const begin = started.time * MICROSECONDS;
    const common = { ph: 'X', pid, tid: event.thread + 1, ts: begin } as const;
    const args = { job: event.job, ...(died === undefined ? {} : { died }) };
    this.#out.push({
      ...common,
      name: event.method,
      cat: 'work',
      dur: Math.max(0, ts - begin),
      args,
    });
    if (reserved !== undefined && reserved > begin) {
      this.#out.push({ ...common, name: 'economic check', cat: 'check', dur: reserved - begin });
    }
  }

  #settled({ capsule, method, job, outcome, units }: TraceEvents['settled'], ts: number): void {
    const args = { outcome, units: Number(units) };
    const name = `${capsule}.${method}`;
    this.#out.push({ ...asyncOf(job), name, ph: 'e', pid: HOST, tid: 1, ts, args });
    const { waiting, running } = this.#queue(capsule);
    waiting.delete(job);
    running.delete(job);
    this.#count(capsule, ts);
  }

  #missing(what: string, { count }: TraceEvents['lost'], ts: number): void {
    this.#out.push({ ...instant(what, ts, HOST, 1), s: 'g', args: { count } });
  }

  #ofCapsule(event: Extract<TraceEvent, { readonly kind: `capsule-${string}` }>, ts: number): void {
    const { kind, capsule } = event;
    const pid = this.#pid(capsule);
    const args = kind === 'capsule-started' ? { life: event.life } : { crashes: event.crashes };
    this.#out.push({ ...instant(kind.slice('capsule-'.length), ts, pid, 0), s: 'p', args });
    if (kind === 'capsule-started') return;
    for (const part of [...this.#parts.values()].filter((one) => one.pid === pid)) {
      this.#executed(part.started, ts, kind);
    }
  }

  #queue(capsule: string): Queue {
    const queue = this.#queues.get(capsule) ?? { waiting: new Set(), running: new Set() };
    this.#queues.set(capsule, queue);
    return queue;
  }

  #count(capsule: string, ts: number): void {
    const { waiting, running } = this.#queue(capsule);
    const args = { waiting: waiting.size, running: running.size };
    this.#out.push({ name: 'jobs', ph: 'C', pid: this.#pid(capsule), tid: 0, ts, args });
  }
}

function partKey({ capsule, thread }: OnThread): string {
  return `${thread} ${capsule}`;
}

/** What makes both ends of a job one slice of the host's: without `local` Perfetto shows it under no process. */
function asyncOf(job: number) {
  return { cat: 'job', id2: { local: String(job) } };
}

function instant(name: string, ts: number, pid: number, tid: number) {
  return { name, ph: 'i' as const, cat: 'capsule', pid, tid, ts };
}

/** A whole trace as Chrome's JSON object. */
export interface ChromeTrace {
  readonly displayTimeUnit: 'ms';
  readonly traceEvents: readonly ChromeEvent[];
}

/**
 * Turns a trace into what Perfetto and chrome://tracing open, once it is written as JSON.
 *
 * @example
 * ```ts
 * await writeFile('trace.json', JSON.stringify(toChromeTrace(events)));
 * ```
 */
export function toChromeTrace(events: Iterable<TraceEvent>): ChromeTrace {
  const converter = new ChromeTraceConverter();
  const traceEvents = Array.from(events, (event) => converter.add(event)).flat();
  traceEvents.push(...converter.end());
  return { displayTimeUnit: 'ms', traceEvents };
}

/**
 * The same as pieces of JSON text, for traces that are written while they come.
 *
 * @example
 * ```ts
 * await writeFile('trace.json', writeChromeTrace(inos.trace()));
 * ```
 */
export async function* writeChromeTrace(
  events: AsyncIterable<TraceEvent> | Iterable<TraceEvent>,
): AsyncGenerator<string, void, undefined> {
  const converter = new ChromeTraceConverter();
  let separator = '{"displayTimeUnit":"ms","traceEvents":[\n';
  const text = (chromeEvents: readonly ChromeEvent[]) => {
    const lines = chromeEvents.map((event) => JSON.stringify(event));
    if (lines.length === 0) return '';
    const joined = separator + lines.join(',\n');
    separator = ',\n';
    return joined;
  };
  for await (const event of events) {
    const piece = text(converter.add(event));
    if (piece !== '') yield piece;
  }
  const rest = text(converter.end());
  yield `${rest}${separator.startsWith('{') ? separator : '\n'}]}\n`;
}
