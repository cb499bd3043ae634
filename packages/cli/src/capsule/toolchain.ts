/**
 * Finds a Rust that can build capsules.
 *
 * WebAssembly threads need a standard library compiled with atomics, which nobody distributes, so it is built from
 * source: the toolchain needs std's source, and RUSTC_BOOTSTRAP=1 lets a stable compiler do so. The repository's own
 * builds choose by the same rules (`scripts/toolchain.mjs`), which a test compares.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { BuildError, aptCommand } from './build-error.js';
import { isExecutable, which } from './process.js';

/** The version that INOS itself is built with. */
const VERSION = '1.96.0';
/** Older ones were not tried. */
const OLDEST_MINOR = 96;
/** Debian's compiler, its source, and the linker and tools that it needs for WebAssembly. */
const DEBIAN_PACKAGES = ['rustc-web', 'cargo-web', 'rust-web-src', 'rust-web-llvm', 'lld-22'];
/** Names a toolchain's folder, when it shall be that one. */
const CHOICE = 'INOS_RUST';

/** A Rust that can build capsules. */
export interface Toolchain {
  /** The folder with cargo and rustc. */
  readonly bin: string;
  /** As `rustc -V` says. */
  readonly version: string;
}

/**
 * The first usable toolchain of this machine.
 *
 * @throws BuildError `no-toolchain`
 */
export function findToolchain(): Toolchain {
  for (const folder of candidates()) {
    const version = usableVersion(folder);
    if (version !== undefined) return { bin: join(folder, 'bin'), version };
  }
  throw noToolchain();
}

function candidates(): readonly string[] {
  const chosen = process.env[CHOICE];
  if (chosen !== undefined && chosen !== '') return [chosen];
  const home = join(process.env.RUSTUP_HOME ?? join(homedir(), '.rustup'), 'toolchains');
  const names = existsSync(home) ? readdirSync(home).sort().reverse() : [];
  const isNightly = (name: string) => name.startsWith('nightly');
  return [
    ...names.filter((name) => name.startsWith(`${VERSION}-`)).map((name) => join(home, name)),
    '/usr',
    ...names.filter(isNightly).map((name) => join(home, name)),
    ...names.filter((name) => !isNightly(name)).map((name) => join(home, name)),
  ];
}

/** The version of the rustc below a folder, if it is new enough and has cargo and std's source. */
function usableVersion(folder: string): string | undefined {
  const source = join(folder, 'lib/rustlib/src/rust/library/Cargo.lock');
  const [rustc, cargo] = [join(folder, 'bin/rustc'), join(folder, 'bin/cargo')];
  if (!existsSync(source) || !isExecutable(rustc) || !isExecutable(cargo)) return undefined;
  const version = versionOf(rustc);
  return isNew(version) ? version : undefined;
}

function versionOf(rustc: string): string {
  try {
    return execFileSync(rustc, ['-V'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}

/** Whether a version is new enough. */
function isNew(version: string): boolean {
  const [, major, minor] = /^rustc (\d+)\.(\d+)/.exec(version) ?? [];
  return major === '1' && Number(minor) >= OLDEST_MINOR;
}

/** What the chosen rustc lacks, or the one that a shell would run: who has Rust knows that one. */
function lackOf(rustc: string | undefined): string {
  const version = rustc === undefined ? '' : versionOf(rustc);
  if (version === '') return '';
  return `; ${rustc} is ${version}, which ${isNew(version) ? 'has no rust-src or no cargo' : 'is too old'}`;
}

function noToolchain(): BuildError {
  const chosen = process.env[CHOICE];
  const isChosen = chosen !== undefined && chosen !== '';
  const where = isChosen ? ` in ${CHOICE}=${chosen}` : '';
  const lack = lackOf(isChosen ? join(chosen, 'bin/rustc') : which('rustc'));
  const rustup = `rustup toolchain install ${VERSION} --profile minimal --component rust-src`;
  const first = which('rustup') ? [] : ['(rustup itself: https://rustup.rs)'];
  return new BuildError(
    'no-toolchain',
    `no Rust that can build capsules was found${where}: 1.${OLDEST_MINOR} or newer with rust-src is needed${lack}`,
    [rustup, ...first, `${aptCommand(DEBIAN_PACKAGES)}   # Debian 12`],
  );
}

/** What {@link findToolchain} looks for, in words. */
export const TOOLCHAIN_NEEDED = `Rust 1.${OLDEST_MINOR} or newer with rust-src`;

/**
 * Finds the linker: build scripts are native programs.
 *
 * @returns its file
 * @throws BuildError `no-linker`
 */
export function requireLinker(): string {
  const linker = which('cc');
  if (linker !== undefined) return linker;
  throw new BuildError('no-linker', 'build scripts need a C compiler’s linker, cc', [
    aptCommand(['gcc', 'libc6-dev']),
  ]);
}

/** The environment in which `cargo` and `rustc` mean this toolchain's. */
export function environmentOf({ bin }: Toolchain): NodeJS.ProcessEnv {
  const env = { ...process.env };
  env.PATH = [bin, env.PATH].filter((part) => part !== undefined).join(delimiter);
  // Set by a rustup shim that called us, they would win over PATH.
  for (const name of ['RUSTUP_TOOLCHAIN', 'RUSTC', 'CARGO']) Reflect.deleteProperty(env, name);
  return env;
}
