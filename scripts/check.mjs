// `pnpm check [NAME …]`: the one command before a change goes in. Runs every check, or those whose names
// contain one of the words given, and says at the end which failed.
import { join } from 'node:path';
import { cargo } from './cargo.mjs';
import { ensureCapnp } from './capnp.mjs';
import { Failure, exitCode, main, root } from './process.mjs';
import { ensureBuildTools } from './setup.mjs';
import { runSteps } from './steps.mjs';
import { ensureLinters } from './toolchain.mjs';
import { turbo } from './turbo.mjs';

const tool = (name, ...args) => exitCode(join(root, 'node_modules/.bin', name), args);
const script = (name, ...args) =>
  exitCode(process.execPath, [join(root, 'scripts', name), ...args]);

const ENTRIES = [
  'packages/*/src/*.ts',
  'packages/*/src/capsule/worker*.ts',
  'packages/mining/src/{pow,element,bitcoin}/*.ts',
];
const CYCLES = [
  '--no-warning',
  '--no-tree',
  '--transform',
  '--exit-code',
  'circular:1',
  ...ENTRIES,
];
const CLIPPY = ['--workspace', '--all-targets', '--', '--deny', 'warnings'];

/** @type {import('./steps.mjs').Step[]} */
const steps = [
  {
    name: 'format (Prettier)',
    work: () => tool('prettier', '--check', '--log-level', 'warn', '.'),
  },
  { name: 'format (rustfmt)', work: () => cargo(['fmt', '--all', '--check']) },
  { name: 'build', work: () => turbo(['build']) },
  { name: 'types', work: () => turbo(['check:types']) },
  {
    name: 'lint and import rules (eslint)',
    work: () => tool('eslint', '--max-warnings', '0', '.'),
  },
  { name: 'import cycles (dpdm)', work: () => tool('dpdm', ...CYCLES) },
  { name: 'lint Rust (clippy)', work: () => cargo(['clippy', ...CLIPPY]) },
  { name: 'lint Rust as WebAssembly (xtask lint)', work: () => cargo(['xtask', 'lint']) },
  { name: 'import rules of Rust (xtask deps)', work: () => cargo(['xtask', 'deps']) },
  { name: 'generated code (xtask schema)', work: () => cargo(['xtask', 'schema', '--check']) },
  { name: 'mining.wasm (xtask inspect)', work: () => cargo(['xtask', 'inspect', 'mining']) },
  {
    name: 'physics.wasm, physics-soft.wasm (xtask inspect)',
    work: () => cargo(['xtask', 'inspect', 'physics']),
  },
  { name: 'fixture.wasm (xtask inspect)', work: () => cargo(['xtask', 'inspect', 'fixture']) },
  { name: 'the profile of physics', work: () => script('profile-physics.mjs', '--check') },
  { name: 'documents: examples', work: () => script('../docs/check-examples.mjs') },
  { name: 'documents: links', work: () => script('../docs/check-links.mjs') },
  { name: 'licences', work: () => script('licences.mjs') },
  { name: 'published packages (publint, attw)', work: () => script('published.mjs') },
  { name: 'sizes', work: () => script('sizes.mjs') },
];

await main(async () => {
  const words = process.argv.slice(2).filter((word) => word !== '--');
  const chosen = steps.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (chosen.length === 0) {
    throw new Failure(
      `no check has such a name; there are:\n  ${steps.map(({ name }) => name).join('\n  ')}`,
      2,
    );
  }
  await ensureBuildTools();
  await ensureLinters();
  await ensureCapnp();
  const failed = await runSteps(chosen);
  if (failed.length > 0) throw new Failure(`failed: ${failed.join(', ')}`);
});
