/**
 * `inos doctor`: what this machine offers to INOS, and what to do about what it lacks.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { diagnose, type Diagnosis, type Finding } from '@inos/sdk';
import { UsageError } from './arguments.js';
import type { CommandContext } from './command.js';
import { ExitCode } from './exit-codes.js';
import type { Style, Terminal } from './terminal.js';

/** A program that builds capsules. */
interface Tool {
  readonly tool: string;
  /** What it says its version is; `null` if it can't be started. */
  readonly version: string | null;
}

/** What building capsules takes beside Node. Running them takes none of it. */
const TOOLS = ['rustc', 'cargo'];
const NAME_WIDTH = 11;

const execute = promisify(execFile);

async function lookFor(tool: string): Promise<Tool> {
  try {
    const { stdout } = await execute(tool, ['--version']);
    return { tool, version: stdout.trim() };
  } catch {
    return { tool, version: null };
  }
}

function mark({ isAvailable, isRequired }: Finding, style: Style): string {
  if (isAvailable) return style('✓', 'green');
  return isRequired ? style('✗', 'red') : style('–', 'yellow');
}

function show(diagnosis: Diagnosis, tools: readonly Tool[], { terminal }: CommandContext): void {
  const { style } = terminal;
  terminal.print(
    `${style(diagnosis.engine, 'bold')} on ${process.platform} ${process.arch}: capsules ` +
      (diagnosis.canRun ? style('can run', 'green') : style('cannot run', 'red')),
  );
  terminal.print();
  for (const finding of diagnosis.findings) {
    const { feature, detail, lack } = finding;
    terminal.print(`${mark(finding, style)} ${feature.padEnd(NAME_WIDTH)}${detail}`);
    if (lack === undefined) continue;
    terminal.print(`  ${' '.repeat(NAME_WIDTH)}costs: ${lack.cost}`);
    terminal.print(`  ${' '.repeat(NAME_WIDTH)}cure:  ${lack.cure}`);
  }
  showTools(tools, terminal);
}

function showTools(tools: readonly Tool[], terminal: Terminal): void {
  const { style } = terminal;
  terminal.print();
  terminal.print(style('To build capsules (not to run them)', 'bold'));
  for (const { tool, version } of tools) {
    const sign = version === null ? style('–', 'yellow') : style('✓', 'green');
    terminal.print(
      `${sign} ${tool.padEnd(NAME_WIDTH)}${version ?? 'not found; see https://rustup.rs'}`,
    );
  }
}

/** Prints what the machine offers. Ends with 1 if capsules can't run. */
export async function runDoctor(context: CommandContext): Promise<number> {
  const { args, terminal } = context;
  const [surplus] = args.positionals;
  if (surplus !== undefined) throw new UsageError(`doctor takes no arguments, got ${surplus}`);
  const [diagnosis, tools] = await Promise.all([diagnose(), Promise.all(TOOLS.map(lookFor))]);
  if (args.has('json')) {
    const { platform, arch } = process;
    terminal.print(JSON.stringify({ ...diagnosis, platform, arch, tools }, undefined, 2));
  } else {
    show(diagnosis, tools, context);
  }
  return diagnosis.canRun ? ExitCode.OK : ExitCode.FAILED;
}
