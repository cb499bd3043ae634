/**
 * The `inos` command: finds the command, runs it, turns what happens into an exit code.
 */
import { InosError } from '@inos/sdk';
import { Arguments, unknownCommand, UsageError, type OptionSpec } from './arguments.js';
import type { Command } from './command.js';
import { COMMANDS } from './commands/commands.js';
import { ExitCode } from './exit-codes.js';
import { commandHelp, overallHelp } from './help.js';
import { endAfter, untilInterrupted } from './interrupt.js';
import { isSystemError, reasonOf } from './system-error.js';
import { Terminal } from './terminal.js';
import { version } from './version.js';

const OVERALL: readonly OptionSpec[] = [
  { name: 'help', short: 'h', help: '' },
  { name: 'version', short: 'V', help: '' },
];

function requireCommand(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command) return command;
  throw unknownCommand(
    name,
    COMMANDS.map((candidate) => candidate.name),
  );
}

async function run(
  command: Command,
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const args = Arguments.parse(command.options, words);
  if (args.has('help')) {
    terminal.print(commandHelp(command, terminal.style));
    return ExitCode.OK;
  }
  const runCommand = await command.load();
  try {
    return await untilInterrupted((signal) => runCommand({ args, terminal, signal }));
  } finally {
    terminal.progress.end();
  }
}

/** Runs `inos` without a command: `--help`, `--version`, `help COMMAND`. */
function runOverall(words: readonly string[], terminal: Terminal): number {
  const args = Arguments.parse(OVERALL, words);
  const [first, topic] = args.positionals;
  if (first !== undefined && first !== 'help') requireCommand(first);
  if (args.has('version')) terminal.print(version());
  else if (topic !== undefined) terminal.print(commandHelp(requireCommand(topic), terminal.style));
  else terminal.print(overallHelp(COMMANDS, version(), terminal.style));
  return ExitCode.OK;
}

/** Failures of the system and of jobs explain themselves; anything else is a bug, and its stack is needed. */
function describe(error: unknown): string {
  if (isSystemError(error)) {
    const reason = reasonOf(error);
    return error.path === undefined ? reason : `${error.path}: ${reason}`;
  }
  if (error instanceof InosError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Says what went wrong, and how the process should end. */
function explain(error: unknown, name: string | undefined, terminal: Terminal): number {
  const program = name === undefined ? 'inos' : `inos ${name}`;
  const prefix = terminal.errorStyle(`${program}:`, 'red');
  if (error instanceof UsageError) {
    const hint = error.hint === undefined ? '' : ` (${error.hint})`;
    terminal.complain(`${prefix} ${error.message}${hint}`);
    terminal.complain(`Try: ${program} --help`);
    return ExitCode.USAGE;
  }
  terminal.complain(`${prefix} ${describe(error)}`);
  return ExitCode.FAILED;
}

/** Ends quietly when the reader of stdout has gone, as `inos hash … | head` makes it go; else says what is wrong. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(ExitCode.BROKEN_PIPE);
  process.stderr.write(`inos: the output can’t be written: ${reasonOf(error)}\n`);
  process.exit(ExitCode.FAILED);
}

async function main(words: readonly string[]): Promise<number> {
  const terminal = new Terminal(process.stdout, process.stderr);
  const command = COMMANDS.find(({ name }) => name === words[0]);
  try {
    return command ? await run(command, words.slice(1), terminal) : runOverall(words, terminal);
  } catch (error) {
    return explain(error, command?.name, terminal);
  }
}

process.stdout.on('error', endWithReader);
process.stderr.on('error', endWithReader);
process.exitCode = await main(process.argv.slice(2));
// After a signal something may still wait for input that nobody sends.
if (process.exitCode === ExitCode.INTERRUPTED || process.exitCode === ExitCode.TERMINATED) {
  endAfter(process.exitCode);
}
