// Finds, or installs, a Rust that can build the capsules.
//
// WebAssembly threads need a standard library compiled with atomics, which nobody distributes: std is
// built from source (`-Zbuild-std`), so the toolchain needs the `rust-src` component, and permission to
// use that unstable flag, which RUSTC_BOOTSTRAP=1 gives to a stable compiler. What is on the machine is
// used first; one version everywhere means one set of lints, one formatting and the same machine code.
//
//   node scripts/toolchain.mjs            say which toolchain is used, fail if there is none
//   node scripts/toolchain.mjs --install  install one if there is none
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { aptInstall, canInstall, installCommand, isOffered } from './apt.mjs';
import { Failure, capture, exitCode, isExecutable, isMain, main, say, which } from './process.mjs';

/** The version that the repository is built and checked with. */
export const VERSION = '1.96.0';
/** Older ones were not tried. */
const OLDEST_MINOR = 96;
/** The same for native code: `rust-version` in Cargo.toml. */
const OLDEST_NATIVE_MINOR = 95;

/** Debian's compiler, its source, and the linker and tools that it needs for WebAssembly. */
const DEBIAN_PACKAGES = ['rustc-web', 'cargo-web', 'rust-web-src', 'rust-web-llvm', 'lld-22'];
const DEBIAN_LINTERS = ['rustfmt-web', 'rust-web-clippy'];

const RUSTUP_INSTALL = [
  'toolchain',
  'install',
  VERSION,
  '--profile',
  'minimal',
  '--no-self-update',
];
const RUSTUP_COMPONENTS = [
  '--component',
  'rust-src',
  '--component',
  'clippy',
  '--component',
  'rustfmt',
];
/** Generous for a slow line, short for one that leads nowhere. */
const RUSTUP_TIMEOUT_MS = 240_000;

/**
 * @typedef {{ bin: string, version: string, origin: string }} Toolchain
 * `bin` is the folder with cargo and rustc; `origin` says in words where it is from.
 */

/** @returns {Toolchain | undefined} the first usable toolchain of this machine */
export function findToolchain() {
  const rustup = rustupToolchains();
  const candidates = [
    ...rustup.filter((name) => name.startsWith(`${VERSION}-`)),
    '/usr',
    ...rustup.filter((name) => name.startsWith('nightly')),
    ...rustup.filter((name) => !name.startsWith('nightly')),
  ];
  for (const name of new Set(candidates)) {
    const folder = name.startsWith('/') ? name : join(rustupHome(), 'toolchains', name);
    const version = usableVersion(folder);
    if (version) {
      const origin = name.startsWith('/') ? 'the system' : `rustup ${name}`;
      return { bin: join(folder, 'bin'), version, origin };
    }
  }
  return undefined;
}

/**
 * A toolchain that has AddressSanitizer's runtime, which rustup's have and Debian's hasn't.
 *
 * @returns {Toolchain | undefined}
 */
export function findSanitizer() {
  for (const name of rustupToolchains()) {
    const folder = join(rustupHome(), 'toolchains', name);
    const libraries = join(folder, 'lib/rustlib', name.replace(/^[^-]+-/, ''), 'lib');
    const hasRuntime =
      existsSync(libraries) && readdirSync(libraries).some((file) => /_rt\.asan\.a$/.test(file));
    const version = capture(join(folder, 'bin/rustc'), ['-V']) ?? '';
    if (hasRuntime && Number(/^rustc 1\.(\d+)/.exec(version)?.[1]) >= OLDEST_NATIVE_MINOR)
      return { bin: join(folder, 'bin'), version, origin: `rustup ${name}` };
  }
  return undefined;
}

/** The version of the rustc below a folder, if it is new enough and has cargo and std's source. */
function usableVersion(folder) {
  const source = join(folder, 'lib/rustlib/src/rust/library/Cargo.lock');
  const rustc = join(folder, 'bin/rustc');
  if (!existsSync(source) || !isExecutable(rustc) || !isExecutable(join(folder, 'bin/cargo')))
    return;
  const version = capture(rustc, ['-V']) ?? '';
  const [, major, minor] = /^rustc (\d+)\.(\d+)/.exec(version) ?? [];
  return major === '1' && Number(minor) >= OLDEST_MINOR ? version : undefined;
}

function rustupHome() {
  return process.env.RUSTUP_HOME ?? join(homedir(), '.rustup');
}

function rustupToolchains() {
  const folder = join(rustupHome(), 'toolchains');
  return existsSync(folder) ? readdirSync(folder).sort().reverse() : [];
}

function rustupCommand() {
  const home = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
  return which('rustup') ?? [join(home, 'bin/rustup')].find(isExecutable);
}

/** @returns {Promise<Toolchain>} a usable toolchain, installed if need be; ends with advice if it can't */
export async function ensureToolchain() {
  const found = findToolchain();
  if (found) {
    await ensureLinker();
    return found;
  }
  await installWithRustup();
  const viaRustup = findToolchain();
  if (!viaRustup && canInstall() && (await isOffered(DEBIAN_PACKAGES))) {
    await aptInstall(
      DEBIAN_PACKAGES,
      `to build the capsules: Rust ${VERSION} with the source of its std`,
    );
  }
  const toolchain = viaRustup ?? findToolchain();
  if (!toolchain) throw new Failure(advice());
  await ensureLinker();
  say(`using ${toolchain.version} from ${toolchain.origin}`);
  return toolchain;
}

async function installWithRustup() {
  const rustup = rustupCommand();
  if (!rustup) return;
  say(`installing Rust ${VERSION} with rust-src (rustup) to build the capsules' standard library`);
  const args = [...RUSTUP_INSTALL, ...RUSTUP_COMPONENTS];
  const code = await exitCode(rustup, args, { output: 'quiet', timeoutMs: RUSTUP_TIMEOUT_MS });
  if (code !== 0) say('rustup could not fetch it');
}

/** Build scripts and procedural macros are native programs: they need a C compiler's linker. */
async function ensureLinker() {
  if (which('cc')) return;
  await aptInstall(['gcc', 'libc6-dev'], "to link Rust's build scripts");
}

function advice() {
  const debian = installCommand(DEBIAN_PACKAGES);
  const rustup = ['rustup', ...RUSTUP_INSTALL, ...RUSTUP_COMPONENTS].join(' ');
  return [
    `no Rust that can build the capsules was found: 1.${OLDEST_MINOR} or newer with rust-src is needed.`,
    `Please run one of:\n  ${rustup}\n  ${debian}      (Debian 12)`,
  ].join('\n');
}

/** @returns {Promise<Toolchain>} as `ensureToolchain`, and that clippy and rustfmt belong to it */
export async function ensureLinters() {
  const toolchain = await ensureToolchain();
  const tools = ['cargo-clippy', 'cargo-fmt', 'rustfmt'];
  if (tools.every((tool) => isExecutable(join(toolchain.bin, tool)))) return toolchain;
  if (toolchain.bin === '/usr/bin') {
    await aptInstall(DEBIAN_LINTERS, 'to check the Rust code');
    return toolchain;
  }
  const name = toolchain.origin.replace('rustup ', '');
  const args = ['component', 'add', 'clippy', 'rustfmt', '--toolchain', name];
  say('installing clippy and rustfmt (rustup) to check the Rust code');
  if ((await exitCode(rustupCommand() ?? 'rustup', args, { output: 'quiet' })) === 0)
    return toolchain;
  throw new Failure(`please run:\n  rustup ${args.join(' ')}`);
}

/**
 * The tool that makes a profile of what was counted, installed if need be. It must be of the compiler's own LLVM.
 *
 * @returns {Promise<string>}
 */
export async function ensureProfileTool() {
  const { bin, origin } = await ensureToolchain();
  const [, host = ''] = /^host: (.+)$/m.exec(capture(join(bin, 'rustc'), ['-vV']) ?? '') ?? [];
  const tool = join(bin, '../lib/rustlib', host, 'bin/llvm-profdata');
  if (isExecutable(tool)) return tool;
  const [, name] = /^rustup (.+)$/.exec(origin) ?? [];
  if (name === undefined)
    throw new Failure(`rustup's Rust is needed for its llvm-tools, not ${origin}'s`);
  const args = ['component', 'add', 'llvm-tools', '--toolchain', name];
  say('installing llvm-tools (rustup) to make profiles');
  if ((await exitCode(rustupCommand() ?? 'rustup', args, { output: 'quiet' })) === 0) return tool;
  throw new Failure(`please run:\n  rustup ${args.join(' ')}`);
}

/** The environment in which `cargo` and `rustc` mean this toolchain's. */
export function toolchainEnvironment(toolchain) {
  const env = { ...process.env };
  env.PATH = [toolchain.bin, env.PATH].filter(Boolean).join(delimiter);
  // xtask starts node again, and the toolchain's folder may hold another one.
  env.INOS_NODE = process.execPath;
  // Set by a rustup shim that called us, they would win over PATH.
  for (const name of ['RUSTUP_TOOLCHAIN', 'RUSTC', 'CARGO']) delete env[name];
  return env;
}

if (isMain(import.meta)) {
  await main(async () => {
    const toolchain = process.argv.includes('--install')
      ? await ensureToolchain()
      : findToolchain();
    if (!toolchain) throw new Failure(advice());
    say(`${toolchain.version} from ${toolchain.origin} (${toolchain.bin})`);
  });
}
