/**
 * The command line, taken apart and checked: every mistake names the option, what was given and what was expected.
 */
import { parseArgs } from 'node:util';

/** One option of a command. */
export interface OptionSpec {
  /** Its long name, without the dashes. */
  readonly name: string;
  /** Its one-letter name, without the dash. */
  readonly short?: string;
  /** What its value is called in the help; an option without one is a flag. */
  readonly value?: string;
  /** What it does, in the help. */
  readonly help: string;
}

/** A command line that makes no sense. The process ends with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** What the user may have meant. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** The bounds of a number, both included. */
export interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

/** A command's options and positional arguments. */
export class Arguments {
  /** What isn't an option, in order. */
  readonly positionals: readonly string[];
  readonly #values: ReadonlyMap<string, string>;

  private constructor(values: ReadonlyMap<string, string>, positionals: readonly string[]) {
    this.#values = values;
    this.positionals = positionals;
  }

  /**
   * Takes a command line apart.
   *
   * @throws UsageError for an unknown option, a missing value, a value that a flag doesn't take
   */
  static parse(specs: readonly OptionSpec[], args: readonly string[]): Arguments {
    const options = Object.fromEntries(
      specs.map(({ name, short, value }) => {
        const type = value === undefined ? ('boolean' as const) : ('string' as const);
        return [name, short === undefined ? { type } : { type, short }];
      }),
    );
    // Not strict: the checks below know what the user may have meant.
    const { tokens, positionals } = parseArgs({
      args: [...args],
      options,
      strict: false,
      allowPositionals: true,
      tokens: true,
    });
    const values = new Map<string, string>();
    for (const token of tokens) {
      if (token.kind !== 'option') continue;
      const spec = specs.find(({ name }) => name === token.name);
      if (spec === undefined) throw unknownOption(token.rawName, specs);
      if (spec.value !== undefined && token.value === undefined) {
        throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${spec.value}`);
      }
      if (spec.value === undefined && token.value !== undefined) {
        throw new UsageError(`${token.rawName} takes no value, got ${quote(token.value)}`);
      }
      values.set(spec.name, token.value ?? '');
    }
    return new Arguments(values, positionals);
  }

  /** Whether an option was given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** What was given for an option. */
  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** One of several words. */
  choice<const T extends string, const F extends T | undefined>(
    name: string,
    choices: readonly T[],
    fallback: F,
  ): T | F {
    const given = this.#values.get(name);
    if (given === undefined) return fallback;
    const found = choices.find((choice) => choice === given);
    if (found !== undefined) return found;
    const hint = didYouMean(given, choices);
    throw new UsageError(`--${name} must be ${orList(choices)}, got ${quote(given)}`, hint);
  }

  /**
   * A list of words, separated by commas, each of them one of a few and given once.
   *
   * @throws UsageError
   */
  list<const T extends string>(
    name: string,
    choices: readonly T[],
    fallback: readonly T[],
  ): readonly T[] {
    const given = this.#values.get(name);
    if (given === undefined) return fallback;
    const words = given.split(',');
    const found = choices.filter((choice) => words.includes(choice));
    if (found.length === words.length) return found;
    throw new UsageError(`--${name} must list some of ${choices.join(', ')}, got ${quote(given)}`);
  }

  /** A whole number, decimal or with 0x. */
  integer(name: string, { minimum, maximum }: Bounds): number | undefined {
    const given = this.#values.get(name);
    if (given === undefined) return undefined;
    const value = /^(\d+|0x[\da-f]+)$/i.test(given) ? Number(given) : NaN;
    if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) return value;
    const expected = `a whole number from ${minimum} to ${maximum}`;
    throw new UsageError(`--${name} must be ${expected}, got ${quote(given)}`);
  }

  /** A part of the whole: a decimal number above 0 and at most 1. */
  share(name: string): number | undefined {
    const given = this.#values.get(name);
    if (given === undefined) return undefined;
    const value = /^(\d+\.?\d*|\.\d+)$/.test(given) ? Number(given) : NaN;
    if (value > 0 && value <= 1) return value;
    throw new UsageError(`--${name} must be above 0 and at most 1, got ${quote(given)}`);
  }

  /** Bytes, given as hexadecimal digits. */
  bytes(name: string, { minimum, maximum }: Bounds): Uint8Array {
    const given = this.#values.get(name);
    if (given === undefined) throw new UsageError(`--${name} HEX is needed`);
    const digits = given.replace(/^0x/i, '');
    if (!/^[\da-f]*$/i.test(digits)) {
      throw new UsageError(`--${name} must be hexadecimal digits, got ${quote(given)}`);
    }
    const length = digits.length / 2;
    if (Number.isInteger(length) && length >= minimum && length <= maximum) {
      return new Uint8Array(Buffer.from(digits, 'hex'));
    }
    const [least, most] = [minimum * 2, maximum * 2];
    const expected = least === most ? `${least}` : `an even number of ${least} to ${most}`;
    throw new UsageError(`--${name} must be ${expected} hexadecimal digits, got ${digits.length}`);
  }
}

/** The error for a command that doesn't exist. */
export function unknownCommand(given: string, commands: readonly string[]): UsageError {
  const hint = didYouMean(given, commands) ?? `the commands are ${commands.join(', ')}`;
  return new UsageError(`there is no command ${quote(given)}`, hint);
}

function unknownOption(given: string, specs: readonly OptionSpec[]): UsageError {
  const hint = didYouMean(
    given,
    specs.map(({ name }) => `--${name}`),
  );
  return new UsageError(`there is no option ${quote(given)}`, hint);
}

/** A hint at the word that is nearest to a mistyped one, if any is near. */
function didYouMean(given: string, known: readonly string[]): string | undefined {
  const byDistance = known
    .map((word) => ({ word, distance: word.startsWith(given) ? 0.5 : editDistance(given, word) }))
    .sort((a, b) => a.distance - b.distance);
  const nearest = byDistance[0];
  if (nearest === undefined || nearest.distance > Math.max(2, given.length / 3)) return undefined;
  return `did you mean ${nearest.word}?`;
}

/** How many letters must be added, removed or changed to make one word the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const changed = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

function orList(words: readonly string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

/** A user's word as it is shown in messages. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 48 ? `${text.slice(0, 48)}…` : text);
}
