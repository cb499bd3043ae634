/**
 * What a command is made of: enough to parse its arguments, to teach it and to run it.
 */
import type { Arguments, OptionSpec } from './arguments.js';
import type { Terminal } from './terminal.js';

/** What a command runs with. */
export interface CommandContext {
  readonly args: Arguments;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C: jobs are given it, so that they are cancelled. */
  readonly signal: AbortSignal;
}

/** Runs a command; resolves to the process's exit code. */
export type RunCommand = (context: CommandContext) => Promise<number>;

/** A titled part of a command's help. Lines are shown as they are; those that begin with `$` are examples. */
export interface HelpSection {
  readonly title: string;
  readonly lines: readonly string[];
}

/** One command of `inos`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows `inos NAME` in the usage line. */
  readonly usage: string;
  /** What it does, as lines. */
  readonly description: readonly string[];
  readonly options: readonly OptionSpec[];
  readonly sections: readonly HelpSection[];
  /** Loads its code, which is worth doing only when it runs. */
  readonly load: () => Promise<RunCommand>;
}
