/**
 * Where output goes: results to stdout, everything else to stderr, colours only where they are seen.
 */
import { Progress, widthOf } from './progress.js';

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

/** The styles that text may have. */
export type StyleName = keyof typeof CODES;

/** Gives text a style, or leaves it as it is where colours aren't wanted. */
export type Style = (text: string, ...names: readonly StyleName[]) => string;

const plain: Style = (text) => text;

const coloured: Style = (text, ...names) => {
  const codes = names.map((name) => CODES[name]);
  const open = codes.map(([start]) => `\u001b[${start}m`).join('');
  const close = codes.map(([, end]) => `\u001b[${end}m`).join('');
  return `${open}${text}${close}`;
};

/** Colours are for terminals that can show them, unless NO_COLOR is set (https://no-color.org). */
function styleFor(stream: NodeJS.WriteStream): Style {
  const isUnwanted = (process.env.NO_COLOR ?? '') !== '' || process.env.TERM === 'dumb';
  return stream.isTTY && !isUnwanted ? coloured : plain;
}

/** The process's two outputs. */
export class Terminal {
  /** Styles for stdout. */
  readonly style: Style;
  /** Styles for stderr. */
  readonly errorStyle: Style;
  /** The progress line, on stderr. */
  readonly progress: Progress;
  readonly #out: NodeJS.WriteStream;
  readonly #error: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream, error: NodeJS.WriteStream) {
    this.#out = out;
    this.#error = error;
    this.style = styleFor(out);
    this.errorStyle = styleFor(error);
    this.progress = new Progress(error);
  }

  /** How many columns stdout has: those of the terminal, 80 elsewhere. */
  get columns(): number {
    return widthOf(this.#out);
  }

  /** Writes a line to stdout. */
  print(line = ''): void {
    this.progress.clear();
    this.#out.write(`${line}\n`);
  }

  /** Writes a line to stderr. */
  complain(line: string): void {
    this.progress.clear();
    this.#error.write(`${line}\n`);
  }
}
