/**
 * Compiles a capsule to WebAssembly over shared memory.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildError, CAPSULE_FIX } from './build-error.js';
import type { Capsule } from './manifest.js';
import { execute } from './process.js';
import { addStackChecks } from './stack-checks.js';
import { environmentOf, type Toolchain } from './toolchain.js';

const TARGET = 'wasm32-unknown-unknown';

/** What every engine that has threads has too. relaxed-simd never: its results may differ. */
const FEATURES = '+atomics,+bulk-memory,+mutable-globals,+simd128,-relaxed-simd';

/** As INOS's own capsules are built: speed first, then size. A panic must end the capsule, so it aborts. */
const PROFILE = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: '3',
  CARGO_PROFILE_RELEASE_LTO: 'fat',
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '1',
  CARGO_PROFILE_RELEASE_PANIC: 'abort',
  CARGO_PROFILE_RELEASE_STRIP: 'true',
  // Panics name files as the packages do, not as this machine does.
  CARGO_PROFILE_RELEASE_TRIM_PATHS: 'all',
};

/**
 * Compiles the capsule and puts its module, with its stack checks, into `wasm/` beside its manifest.
 *
 * @returns the module's file
 * @throws BuildError `compile-failed`, `bad-module`
 */
export async function compile(
  capsule: Capsule,
  toolchain: Toolchain,
  signal: AbortSignal,
): Promise<string> {
  // A folder of their own: builds with other flags would undo each other's work.
  const targetFolder = join(capsule.targetFolder, 'wasm');
  const env: NodeJS.ProcessEnv = {
    ...environmentOf(toolchain),
    ...PROFILE,
    RUSTC_BOOTSTRAP: '1',
    RUSTFLAGS: `-Ctarget-feature=${FEATURES}`,
  };
  delete env.CARGO_ENCODED_RUSTFLAGS;
  const manifest = join(capsule.folder, 'Cargo.toml');
  const what = ['build', '--release', '--lib', '--manifest-path', manifest];
  const how = [
    '--target',
    TARGET,
    '-Zbuild-std=std,panic_abort',
    '-Ztrim-paths',
    '--target-dir',
    targetFolder,
  ];
  const { code } = await execute(join(toolchain.bin, 'cargo'), [...what, ...how], {
    cwd: capsule.folder,
    env,
    signal,
  });
  if (code !== 0) throw new BuildError('compile-failed', `cargo could not build ${capsule.name}`);
  const folder = join(capsule.folder, 'wasm');
  const file = join(folder, `${capsule.name}.wasm`);
  mkdirSync(folder, { recursive: true });
  const built = readFileSync(join(targetFolder, TARGET, 'release', `${capsule.artefact}.wasm`));
  writeFileSync(file, withStackChecks(new Uint8Array(built)));
  return file;
}

/**
 * A module with its stack checks.
 *
 * @throws BuildError `bad-module`
 */
export function withStackChecks(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  try {
    return addStackChecks(bytes).bytes;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `the module can’t be given its stack checks: ${why}`;
    throw new BuildError('bad-module', message, CAPSULE_FIX);
  }
}
