// `node scripts/profile-physics.mjs`: makes crates/inos-physics/physics.profdata anew, by which parts of physics are
// compiled: how often each part of its functions is run. Builds a module that counts, lets it do what worlds typically
// do, and reads the counters from its memory. Takes some minutes. With --check it only says whether that is due: a
// compiler that finds no function by its name, or another code in it, compiles it as if there were no profile.
//
// What LLVM's tool takes is what its runtime would write, if there were one for this target: a header, the functions,
// their counters and their names, as InstrProfData.inc of compiler-rt says (INSTR_PROF_RAW_HEADER, version 10).
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { cargo } from './cargo.mjs';
import { capture, Failure, main, root, run, say } from './process.mjs';
import { VERSION as RUST, ensureProfileTool } from './toolchain.mjs';

const PROFILE = join(root, 'crates/inos-physics/physics.profdata');
/** What it was made of. */
const MADE_OF = join(root, 'crates/inos-physics/physics.profdata.json');
/** The functions that stay by themselves, in it as in what ships. */
const APART = join(root, 'crates/inos-physics/apart.csv');
/** Whose functions it has, and whose types are in the names of those that do most. */
const CRATES = ['parry3d', 'rapier3d', 'simba'];
const SCENES = join(root, 'packages/physics/test/shared/scenes.ts');

/** The first bytes of profiles of 32-bit machines, backwards because all is written with the lowest byte first. */
const MAGIC = [...'\x81Rforpl\xff'].map((letter) => letter.charCodeAt(0));
const VERSION = 10n;
/** That it is made of LLVM's own code rather than of a language's. */
const IS_OF_IR = 1n << 56n;
/** `__llvm_profile_data` with pointers of 32 bits. */
const FUNCTION_BYTES = 48;
const COUNTER_BYTES = 8;
/** The last of the kinds of values that are looked at: there are three. */
const LAST_KIND = 2n;

const padding = (bytes) => new Uint8Array(-bytes.length & 7);

/** Where the module's counters lie; a memory of its own is enough to ask it. */
function boundsOf(module) {
  const memory = new WebAssembly.Memory({ initial: 1024, maximum: 65536, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return Array.from({ length: 6 }, (_, bound) => exports.inos_counters(bound));
}

/** A profile as LLVM's runtime writes it, of a memory. */
function rawProfile(
  buffer,
  [functions, endOfFunctions, counters, endOfCounters, names, endOfNames],
) {
  const parts = [
    [functions, endOfFunctions],
    [counters, endOfCounters],
    [names, endOfNames],
  ].map(([start, end]) => new Uint8Array(buffer, start, end - start).slice());
  const [functionBytes, counterBytes, nameBytes] = parts.map(({ length }) => length);
  const header = {
    version: VERSION | IS_OF_IR,
    idBytes: 0n,
    functions: BigInt(functionBytes / FUNCTION_BYTES),
    paddingBeforeCounters: 0n,
    counters: BigInt(counterBytes / COUNTER_BYTES),
    paddingAfterCounters: 0n,
    bitmapBytes: 0n,
    paddingAfterBitmaps: 0n,
    nameBytes: BigInt(nameBytes),
    countersFromFunctions: BigInt.asUintN(32, BigInt(counters - functions)),
    bitmapsFromFunctions: 0n,
    names: BigInt(names),
    tables: 0n,
    tableNameBytes: 0n,
    lastKind: LAST_KIND,
  };
  const words = BigUint64Array.from(Object.values(header));
  return Buffer.concat([
    Uint8Array.from(MAGIC),
    new Uint8Array(words.buffer),
    ...parts,
    padding(parts[2]),
  ]);
}

async function smallScenes() {
  const options = { bundle: true, format: 'esm', write: false };
  const { outputFiles } = await build({ entryPoints: [SCENES], ...options });
  const { text } = outputFiles[0];
  return (await import(`data:text/javascript,${encodeURIComponent(text)}`)).SCENES;
}

async function count(file) {
  // Not for --check, which needs no built package.
  const { createPhysics } = await import('@inos/physics');
  const { runTypical } = await import('../benches/physics/typical.mjs');
  const bytes = readFileSync(file);
  // One thread: several would count one over the other.
  const physics = await createPhysics({ wasm: bytes, threads: 1 });
  await runTypical(physics, await smallScenes());
  const { buffer } = physics.memory;
  await physics.close();
  return rawProfile(buffer, boundsOf(new WebAssembly.Module(bytes)));
}

/** What a profile would be made of today. */
function madeOf() {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8');
  const versionOf = (name) => new RegExp(`name = "${name}"\nversion = "(.+)"`).exec(lock)?.[1];
  const crates = CRATES.map((name) => [name, versionOf(name)]);
  const apart = createHash('sha256').update(readFileSync(APART)).digest('hex');
  return `${JSON.stringify({ rust: RUST, ...Object.fromEntries(crates), apart }, undefined, 2)}\n`;
}

/** Names change with versions: LLVM passes over those that it doesn't know. */
function requireApart(tool) {
  const known = capture(tool, ['show', '--all-functions', PROFILE], { maxBuffer: 2 ** 26 });
  for (const line of readFileSync(APART, 'utf8').trim().split('\n')) {
    const [name] = line.split(',');
    if (known?.includes(`${name}:`) !== true) throw new Failure(`${APART}: no function is ${name}`);
  }
}

function check() {
  if (readFileSync(MADE_OF, 'utf8') === madeOf()) return;
  throw new Failure(
    `the profile of physics is of other versions or functions than those in use: run node scripts/profile-physics.mjs`,
  );
}

async function record() {
  const tool = await ensureProfileTool();
  const folder = mkdtempSync(join(tmpdir(), 'inos-profile-'));
  try {
    say('building the module that counts');
    const code = await cargo(['build-capsule', 'physics', folder, '--counting'], { cwd: root });
    if (code !== 0) throw new Failure('it could not be built');
    say('running what is typical of worlds');
    const raw = join(folder, 'physics.profraw');
    writeFileSync(raw, await count(join(folder, 'physics.wasm')));
    // With what is never run, which is then compiled for size.
    await run(tool, ['merge', '--output', PROFILE, raw]);
    requireApart(tool);
    writeFileSync(MADE_OF, madeOf());
    say(`wrote ${PROFILE}, ${statSync(PROFILE).size} bytes`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await main(async () => {
  if (process.argv.includes('--check')) check();
  else await record();
});
