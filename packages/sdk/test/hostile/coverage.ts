/** Which code of the SDK an input reaches, as V8 counts it. In Node only. */
import { Session, type Profiler } from 'node:inspector/promises';

const OWN = /\/packages\/sdk\/(dist|src)\//;

/** What has been reached: of each function its bytes, marked. */
export class Coverage {
  readonly #session = new Session();
  readonly #reached = new Map<string, Uint8Array>();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  stop(): void {
    this.#session.disconnect();
  }

  /** Forgets what has been reached. */
  reset(): void {
    this.#reached.clear();
  }

  /** Whether anything was reached for the first time since the last such question. */
  async hasGrown(): Promise<boolean> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    let hasGrown = false;
    for (const { url, functions } of result.filter((script) => OWN.test(script.url))) {
      for (const { ranges } of functions) hasGrown = this.#mark(url, ranges) || hasGrown;
    }
    return hasGrown;
  }

  #mark(url: string, ranges: readonly Profiler.CoverageRange[]): boolean {
    const [whole, ...blocks] = ranges;
    if (whole === undefined || whole.count === 0) return false;
    const length = whole.endOffset - whole.startOffset;
    // Blocks follow those that they lie in: what is marked last is right.
    const now = new Uint8Array(length).fill(1);
    for (const { startOffset, endOffset, count } of blocks)
      now.fill(Math.min(count, 1), startOffset - whole.startOffset, endOffset - whole.startOffset);
    const key = `${url}:${whole.startOffset}`;
    const reached = this.#reached.get(key) ?? new Uint8Array(length);
    this.#reached.set(key, reached);
    let hasGrown = false;
    for (let at = 0; at < length; at++) {
      if (now[at] === 0 || reached[at] === 1) continue;
      reached[at] = 1;
      hasGrown = true;
    }
    return hasGrown;
  }
}
