// `pnpm fuzz [TARGET …] [--minutes N]`: has libFuzzer drive the targets of the fuzz crates with coverage, N
// minutes each (1 unless told otherwise), adds up the hours, then keeps the fewest inputs that reach all that was
// reached. A finding ends a target's run; its input is kept for ever, among the findings. See docs/fuzzing.md.
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writePart } from './document.mjs';
import { Failure, main, root, run, say } from './process.mjs';
import { ensureToolchain, findSanitizer, toolchainEnvironment } from './toolchain.mjs';

/** The crates that have targets, and the programs that they are built to. */
const CRATES = [
  { folder: join(root, 'crates/inos-sdk/fuzz'), name: 'inos-fuzz', program: 'fuzz' },
  {
    folder: join(root, 'crates/inos-physics/fuzz'),
    name: 'inos-physics-fuzz',
    program: 'physics-fuzz',
  },
  {
    folder: join(root, 'crates/inos-mining/fuzz'),
    name: 'inos-mining-fuzz',
    program: 'mining-fuzz',
  },
];
const HOURS = join(root, 'crates/inos-sdk/fuzz/hours.json');
const DOCUMENT = join(root, 'docs/fuzzing.md');
const WORK = join(root, 'target/fuzz');
const MOST_BYTES = 512;
/** Longer than any input takes, even under AddressSanitizer on a busy machine. */
const SECONDS_PER_INPUT = 20;

/** What cargo-fuzz gives to rustc: counters for libFuzzer, and overflows that panic. */
const COVERAGE = [
  '--cfg fuzzing',
  '-Cpasses=sancov-module',
  '-Cllvm-args=-sanitizer-coverage-level=4',
  '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table',
  '-Cllvm-args=-sanitizer-coverage-trace-compares',
  '-Ccodegen-units=1',
  '-Cdebug-assertions=on',
  '-Coverflow-checks=on',
];

/** Compiles a crate's targets, with AddressSanitizer where a toolchain has it. Returns the program. */
async function build({ name, program }) {
  const sanitizer = findSanitizer();
  const toolchain = sanitizer ?? (await ensureToolchain());
  say(
    `${toolchain.version} (${toolchain.origin}), ${sanitizer ? 'with' : 'without'} AddressSanitizer`,
  );
  const flags = sanitizer ? [...COVERAGE, '-Zsanitizer=address'] : COVERAGE;
  const triple = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu`;
  const args = ['build', '--quiet', '--release', '--package', name, '--features', 'libfuzzer'];
  // A target is named so that build scripts are compiled without these flags.
  const places = ['--target', triple, '--target-dir', WORK];
  const profile = {
    CARGO_PROFILE_RELEASE_LTO: 'off',
    CARGO_PROFILE_RELEASE_STRIP: 'none',
    CARGO_PROFILE_RELEASE_PANIC: 'unwind',
    CARGO_PROFILE_RELEASE_DEBUG: 'line-tables-only',
  };
  const env = { ...toolchainEnvironment(toolchain), ...profile };
  Object.assign(env, { RUSTC_BOOTSTRAP: '1', RUSTFLAGS: flags.join(' ') });
  await run(join(toolchain.bin, 'cargo'), [...args, ...places], { env });
  return join(WORK, triple, 'release', program);
}

/** Runs libFuzzer; resolves with its exit code and what it said. */
function fuzz(program, target, args) {
  const env = { ...process.env, INOS_FUZZ_TARGET: target };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: WORK, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-1_000_000);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });
}

const digest = (bytes) => createHash('sha1').update(bytes).digest('hex');

/** The targets, each with its crate. */
function findTargets() {
  const targets = CRATES.flatMap((crate) =>
    readdirSync(join(crate.folder, 'corpus')).map((file) => [file.replace(/\.txt$/, ''), crate]),
  );
  return new Map(targets);
}

/** Where a target's inputs are kept. */
const keptOf = (crate, target) => join(crate.folder, 'corpus', `${target}.txt`);

/** Writes a target's kept inputs as the files that libFuzzer wants. */
function unpack(crate, target, folder) {
  mkdirSync(folder, { recursive: true });
  const file = keptOf(crate, target);
  if (!existsSync(file)) return;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const bytes = Buffer.from(line, 'hex');
    if (bytes.length > 0) writeFileSync(join(folder, digest(bytes)), bytes);
  }
}

/** Writes a folder's inputs as one text, the shortest first. */
function pack(crate, target, folder) {
  const inputs = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'hex'));
  const lines = inputs.filter((line) => line !== '');
  lines.sort((one, other) => one.length - other.length || (one < other ? -1 : 1));
  writeFileSync(keptOf(crate, target), lines.map((line) => `${line}\n`).join(''));
  return lines.length;
}

/** Keeps the fewest inputs that reach what all of them reach. */
async function minimise(program, crate, target, folder) {
  const fewest = `${folder}-fewest`;
  rmSync(fewest, { recursive: true, force: true });
  mkdirSync(fewest);
  const args = ['-merge=1', `-max_len=${MOST_BYTES}`, fewest, folder];
  const { code, said } = await fuzz(program, target, args);
  if (code !== 0) throw new Failure(`${target}: the corpus could not be merged\n${said}`);
  return pack(crate, target, fewest);
}

const last = (said, pattern) => [...said.matchAll(pattern)].at(-1)?.[1];

/** Keeps the inputs that libFuzzer left because something was found, and says what that was. */
function keepFindings(crate, target, folder, said) {
  const names = readdirSync(folder);
  const findings = join(crate.folder, 'findings');
  mkdirSync(findings, { recursive: true });
  for (const name of names) {
    const line = readFileSync(join(folder, name), 'hex');
    appendFileSync(join(findings, `${target}.txt`), `${line}\n`);
    rmSync(join(folder, name));
    process.stdout.write(`  ${name}: ${line}\n`);
  }
  const [panic] = /panicked at [^]*?\n.*/.exec(said) ?? [];
  const [error] =
    /(ERROR: (Address|Leak)Sanitizer|libFuzzer: (timeout|out-of-memory))[^]*/.exec(said) ?? [];
  process.stdout.write(`  ${panic ?? error?.slice(0, 3000) ?? said.slice(-3000)}\n`);
}

/** Adds a run to what was ever run, and writes that into the document. */
async function addUp({ target, seconds, executions, edges, isClean }, inputs) {
  const all = existsSync(HOURS) ? JSON.parse(readFileSync(HOURS, 'utf8')) : {};
  const before = all[target] ?? { seconds: 0, executions: 0, findings: 0 };
  all[target] = {
    seconds: before.seconds + seconds,
    executions: before.executions + executions,
    edges,
    inputs: inputs ?? before.inputs ?? 0,
    findings: before.findings + (isClean ? 0 : 1),
  };
  const sorted = Object.fromEntries(Object.entries(all).sort());
  writeFileSync(HOURS, `${JSON.stringify(sorted, undefined, 2)}\n`);
  const numbers = ({ seconds, executions, edges, inputs, findings }) => [
    (seconds / 3600).toFixed(2),
    ...[executions, edges, inputs, findings].map((each) => each.toLocaleString('en')),
  ];
  const rows = Object.entries(sorted).map(([name, counts]) => [`\`${name}\``, ...numbers(counts)]);
  const heads = ['target', 'hours', 'executions', 'edges reached', 'inputs kept', 'findings'];
  const lines = [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  await writePart(DOCUMENT, 'hours', lines.join('\n'));
}

/** Fuzzes one target. Returns whether nothing was found. */
async function runTarget(program, crate, target, minutes) {
  const folder = join(WORK, 'corpus', target);
  const artifacts = join(WORK, 'artifacts', target);
  rmSync(artifacts, { recursive: true, force: true });
  mkdirSync(artifacts, { recursive: true });
  unpack(crate, target, folder);
  const started = Date.now();
  const { code, said } = await fuzz(program, target, [
    `-max_total_time=${Math.round(minutes * 60)}`,
    `-max_len=${MOST_BYTES}`,
    `-timeout=${SECONDS_PER_INPUT}`,
    `-artifact_prefix=${artifacts}/`,
    '-print_final_stats=1',
    '-use_value_profile=1',
    folder,
  ]);
  const report = {
    target,
    seconds: Math.round((Date.now() - started) / 1000),
    executions: Number(last(said, /stat::number_of_executed_units:\s*(\d+)/g) ?? 0),
    edges: Number(last(said, / cov: (\d+)/g) ?? 0),
    isClean: code === 0,
  };
  const { seconds, executions, edges, isClean } = report;
  const inputs = isClean ? await minimise(program, crate, target, folder) : undefined;
  await addUp(report, inputs);
  const outcome = isClean ? `nothing found, ${inputs} inputs kept` : 'FOUND:';
  const numbers = `${seconds} s, ${executions} executions, ${edges} edges`;
  process.stdout.write(`${target.padEnd(10)} ${numbers}, ${outcome}\n`);
  if (!isClean) keepFindings(crate, target, artifacts, said);
  return isClean;
}

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { minutes: { type: 'string', default: '1' } },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0))
    throw new Failure(`--minutes must be a number above 0, got ${values.minutes}`, 2);
  const known = findTargets();
  const names = [...known.keys()];
  const unknown = positionals.find((target) => !known.has(target));
  if (unknown) throw new Failure(`no target ${unknown}; there are: ${names.join(', ')}`, 2);
  const wanted = positionals.length > 0 ? positionals : names;
  let isClean = true;
  for (const crate of CRATES) {
    const targets = wanted.filter((target) => known.get(target) === crate);
    const program = targets.length > 0 ? await build(crate) : undefined;
    for (const target of targets) {
      isClean = (await runTarget(program, crate, target, minutes)) && isClean;
    }
  }
  if (!isClean)
    throw new Failure('something was found: its inputs were added to the findings of its crate');
});
