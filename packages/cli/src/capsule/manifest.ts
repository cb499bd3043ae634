/**
 * What a capsule's `Cargo.toml` says, as cargo reads it.
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { STATIC_REGIONS, type StaticRegion } from '@inos/sdk';
import { BuildError } from './build-error.js';
import { execute } from './process.js';
import { environmentOf, type Toolchain } from './toolchain.js';

const PAGE_BYTES = 65536;

/** A capsule to be built. */
export interface Capsule {
  readonly folder: string;
  /** Its crate's name, which its module takes, too. */
  readonly name: string;
  /** What the linker calls its module, without the ending. */
  readonly artefact: string;
  readonly region: StaticRegion;
  /** Where cargo puts what it builds. */
  readonly targetFolder: string;
}

/** What is needed of `cargo metadata`. */
interface Metadata {
  readonly target_directory: string;
  readonly packages: readonly {
    readonly name: string;
    readonly manifest_path: string;
    readonly targets: readonly { readonly name: string; readonly crate_types: readonly string[] }[];
    readonly metadata: { readonly inos?: Readonly<Record<string, unknown>> } | null;
  }[];
}

/** Where a folder's manifest should lie. */
function manifestOf(folder: string): string {
  return join(folder, 'Cargo.toml');
}

/** Asks cargo. @throws BuildError `not-a-capsule` with what cargo has against the manifest */
async function metadata(
  folder: string,
  toolchain: Toolchain,
  args: readonly string[],
): Promise<Metadata> {
  const { code, stdout, stderr } = await execute(
    join(toolchain.bin, 'cargo'),
    ['metadata', '--format-version', '1', '--manifest-path', manifestOf(folder), ...args],
    { cwd: folder, env: environmentOf(toolchain), isQuiet: true },
  );
  if (code !== 0) throw new BuildError('not-a-capsule', `cargo can't read it: ${stderr}`);
  return JSON.parse(stdout.toString()) as Metadata;
}

/**
 * Reads a capsule's manifest.
 *
 * @throws BuildError `no-manifest`, `not-a-capsule`, `bad-region`
 */
export async function readCapsule(folder: string, toolchain: Toolchain): Promise<Capsule> {
  const file = manifestOf(folder);
  if (!existsSync(file)) {
    throw new BuildError('no-manifest', `there is no capsule in ${folder}: it has no Cargo.toml`);
  }
  const { packages, target_directory } = await metadata(folder, toolchain, ['--no-deps']);
  const found = packages.find(({ manifest_path }) => manifest_path === realpathSync(file));
  if (found === undefined) throw new BuildError('not-a-capsule', `${file} has no [package]`);
  const library = found.targets.find(({ crate_types }) => crate_types.includes('cdylib'));
  if (library === undefined) {
    throw new BuildError('not-a-capsule', `${file} makes no WebAssembly module; it needs`, [
      '[lib]',
      'crate-type = ["cdylib"]',
    ]);
  }
  return {
    folder,
    name: found.name,
    artefact: library.name.replaceAll('-', '_'),
    region: regionOf(file, found.metadata?.inos ?? {}),
    targetFolder: target_directory,
  };
}

/** The region that the manifest declares, as `inos-build` links it. */
function regionOf(file: string, declared: Readonly<Record<string, unknown>>): StaticRegion {
  const { offset: start, bytes: room } = STATIC_REGIONS.thirdParty;
  const { 'static-offset': offset, 'static-bytes': bytes } = declared;
  const end = start + room;
  const isRight =
    typeof offset === 'number' &&
    typeof bytes === 'number' &&
    offset % PAGE_BYTES === 0 &&
    offset >= start &&
    bytes > 0 &&
    offset + bytes <= end;
  if (isRight) return { offset, bytes };
  const bounds = `${hex(start)} to ${hex(end)}`;
  throw new BuildError(
    'bad-region',
    `${file} must declare where the capsule’s static data lies, from ${bounds}, at a multiple of ${hex(PAGE_BYTES)}`,
    ['[package.metadata.inos]', `static-offset = ${hex(start)}`, 'static-bytes = 0x100000'],
  );
}

/** A number as addresses are written. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/**
 * Where the `inos-build` that the capsule depends on lies.
 *
 * @throws BuildError `no-inos-build`
 */
export async function inosBuildFolder(folder: string, toolchain: Toolchain): Promise<string> {
  const { packages } = await metadata(folder, toolchain, []);
  const found = packages.find(({ name }) => name === 'inos-build');
  if (found) return dirname(found.manifest_path);
  throw new BuildError('no-inos-build', `${manifestOf(folder)} must depend on inos-build`, [
    '[build-dependencies]',
    'inos-build = { path = "…/inos/crates/inos-build" }',
  ]);
}
