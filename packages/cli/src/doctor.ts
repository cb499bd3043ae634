/**
 * `inos doctor`: what this machine offers to INOS, and what to do about what it lacks.
 */
import { diagnose, type Diagnosis, type Finding } from '@inos/sdk';
import { UsageError } from './arguments.js';
import { BuildError } from './capsule/build-error.js';
import { requireCapnp } from './capsule/generate.js';
import { findToolchain, requireLinker, TOOLCHAIN_NEEDED } from './capsule/toolchain.js';
import type { CommandContext } from './command.js';
import { ExitCode } from './exit-codes.js';
import type { Style, Terminal } from './terminal.js';

/** Something that builds capsules, as `inos capsule build` looks for it. */
interface Tool {
  readonly tool: string;
  /** What it is wanted for, and which version of it. */
  readonly needed: string;
  /** What there is of it; `null` if nothing that would do. */
  readonly version: string | null;
  /** Why nothing does, and the commands that help. */
  readonly lack?: { readonly reason: string; readonly cure: readonly string[] };
}

const NAME_WIDTH = 11;

/** What building capsules takes beside Node. Running them takes none of it. */
function lookForTools(): readonly Tool[] {
  return [
    lookFor('rust', TOOLCHAIN_NEEDED, () => {
      const { version, bin } = findToolchain();
      return `${version} in ${bin}`;
    }),
    lookFor('cc', 'the linker of a C compiler, for build scripts', requireLinker),
    lookFor('capnp', 'Cap’n Proto’s compiler, when a schema changes', () => requireCapnp()),
  ];
}

function lookFor(tool: string, needed: string, find: () => string): Tool {
  try {
    return { tool, needed, version: find() };
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    return { tool, needed, version: null, lack: { reason: error.message, cure: error.fix } };
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
  const indent = ' '.repeat(NAME_WIDTH + 2);
  for (const { tool, needed, version, lack } of tools) {
    const sign = lack === undefined ? style('✓', 'green') : style('–', 'yellow');
    terminal.print(`${sign} ${tool.padEnd(NAME_WIDTH)}${version ?? needed}`);
    if (lack === undefined) continue;
    terminal.print(`${indent}${lack.reason}`);
    for (const [index, line] of lack.cure.entries())
      terminal.print(`${indent}${index === 0 ? 'cure:  ' : '       '}${line}`);
  }
}

/** Prints what the machine offers. Ends with 1 if capsules can't run. */
export async function runDoctor(context: CommandContext): Promise<number> {
  const { args, terminal } = context;
  const [surplus] = args.positionals;
  if (surplus !== undefined) throw new UsageError(`doctor takes no arguments, got ${surplus}`);
  const diagnosis = await diagnose();
  const tools = lookForTools();
  if (args.has('json')) {
    const { platform, arch } = process;
    terminal.print(JSON.stringify({ ...diagnosis, platform, arch, tools }, undefined, 2));
  } else {
    show(diagnosis, tools, context);
  }
  return diagnosis.canRun ? ExitCode.OK : ExitCode.FAILED;
}
