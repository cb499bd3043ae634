/**
 * The line at the bottom of a terminal that says how far the work has come. On anything but a terminal
 * there is none: pipes and log files get results only.
 */
import { clearInterval, setInterval } from 'node:timers';

/** How often the line is drawn again. */
const INTERVAL_MS = 80;
/** Work that is over sooner than this needs no progress bar. */
const PATIENCE_MS = 250;
const ERASE = '\r\u001b[K';
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A bar of `width` characters, filled to a fraction from 0 to 1 in eighths of a character. */
export function drawBar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const bar = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return bar.padEnd(width, '░');
}

/** How many columns a terminal has. Some don't say. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY && stream.columns > 0 ? stream.columns : 80;
}

/** Draws one line again and again while work goes on. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #draw: (() => string) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isShown = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Whether anybody sees it: work may spare itself counting if not. */
  get isVisible(): boolean {
    return this.#stream.isTTY && process.env.TERM !== 'dumb';
  }

  /** Draws what `draw` says from now on, until {@link end}. */
  start(draw: () => string): void {
    if (!this.isVisible) return;
    this.end();
    this.#draw = draw;
    const begin = performance.now();
    this.#timer = setInterval(() => {
      if (performance.now() - begin >= PATIENCE_MS) this.#show();
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  #show(): void {
    if (this.#draw === undefined) return;
    // A line that wraps could not be erased.
    const width = widthOf(this.#stream) - 1;
    const line = Array.from(this.#draw()).slice(0, width).join('');
    this.#stream.write(`${ERASE}${line}`);
    this.#isShown = true;
  }

  /** Takes the line away, so that something else can be written there. It comes back by itself. */
  clear(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#stream.write(ERASE);
  }

  /** Ends drawing and takes the line away. Idempotent. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#draw = undefined;
    this.clear();
  }
}
