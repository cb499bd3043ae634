/**
 * `inos capsule build`: from a folder with a capsule's source to its module, inspected.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { UsageError, quote } from '../arguments.js';
import type { CommandContext } from '../command.js';
import { ExitCode } from '../exit-codes.js';
import { formatBytes, formatCount } from '../format.js';
import type { Terminal } from '../terminal.js';
import { BuildError } from './build-error.js';
import { compile } from './compile.js';
import { generateSchemas, writeRegion } from './generate.js';
import { inspect, type Inspection } from './inspect.js';
import { hex, readCapsule, type Capsule } from './manifest.js';
import { findToolchain, requireLinker } from './toolchain.js';

/** A built capsule. */
interface Built {
  readonly capsule: Capsule;
  readonly file: string;
  readonly bytes: number;
  readonly brotliBytes: number;
  readonly inspection: Inspection;
}

function folderOf(positionals: readonly string[]): string {
  const [action, folder = '.', ...rest] = positionals;
  if (action === undefined) throw new UsageError('capsule needs an action', 'capsule build');
  if (action !== 'build') throw new UsageError(`capsule can’t ${quote(action)}`, 'capsule build');
  if (rest.length > 0)
    throw new UsageError(`capsule build takes one folder, got ${quote(rest[0] ?? '')} too`);
  return resolve(folder);
}

async function build(
  folder: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Built> {
  const toolchain = findToolchain();
  say(`using ${toolchain.version} (${toolchain.bin})`);
  const capsule = await readCapsule(folder, toolchain);
  requireLinker();
  if (await generateSchemas(capsule, toolchain, signal)) say('generated the code of the schema');
  writeRegion(capsule);
  say(`building ${capsule.name}; the first time this compiles Rust’s standard library, too`);
  const file = await compile(capsule, toolchain, signal);
  const bytes = new Uint8Array(readFileSync(file));
  return {
    capsule,
    file,
    bytes: bytes.length,
    brotliBytes: brotliCompressSync(bytes).length,
    inspection: inspect(bytes, capsule.region),
  };
}

function print({ capsule, file, bytes, brotliBytes, inspection }: Built, terminal: Terminal): void {
  const { offset, bytes: room } = capsule.region;
  const used = formatCount(inspection.staticBytesUsed);
  const name = relative(realpathSync('.'), file);
  terminal.print(`${name}  ${formatBytes(bytes)}, ${formatCount(brotliBytes)} with Brotli`);
  terminal.print('imports      env.memory, shared, and nothing else');
  terminal.print(
    `exports      ${formatCount(inspection.exports.length)}, all that the loader needs`,
  );
  terminal.print(
    `static data  from ${hex(offset)}, ${used} of the ${formatBytes(room)} of its region`,
  );
}

function toJson({ capsule, file, bytes, brotliBytes, inspection }: Built): object {
  const { imports, exports, staticBytesUsed } = inspection;
  const { offset: staticOffset, bytes: staticBytes } = capsule.region;
  const size = { bytes, brotliBytes };
  const region = { staticOffset, staticBytes, staticBytesUsed };
  return { name: capsule.name, file, ...size, imports, exports, ...region };
}

/** Runs `inos capsule build`. */
export async function runCapsule({ args, terminal, signal }: CommandContext): Promise<number> {
  const folder = folderOf(args.positionals);
  const isJson = args.has('json');
  try {
    const built = await build(folder, (line) => terminal.complain(`inos capsule: ${line}`), signal);
    if (isJson) terminal.print(JSON.stringify(toJson(built)));
    else print(built, terminal);
    return ExitCode.OK;
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const { code, message, fix } = error;
    if (isJson) terminal.print(JSON.stringify({ error: { code, message, fix } }));
    terminal.complain(`${terminal.errorStyle('inos capsule:', 'red')} ${message} (${code})`);
    for (const line of fix) terminal.complain(`  ${line}`);
    return error.isMissing ? ExitCode.MISSING : ExitCode.FAILED;
  }
}
