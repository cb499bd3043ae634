// Finds or installs pnpm, and installs the workspace's packages when they aren't what the lockfile says.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Failure, capture, exitCode, isWritable, root, run, say, which } from './process.mjs';

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [, MAJOR] = /^pnpm@(\d+)\./.exec(packageManager) ?? [];

/** Tools of the repository's own, where the machine's can't be written to. */
const TOOLS = join(root, '.cache/tools');
const STAMP = join(root, 'node_modules/.inos-installed');

/** Makes sure that `pnpm` in PATH is the right one, also for the programs started from here. */
export async function ensurePnpm() {
  usePath(join(TOOLS, 'node_modules/.bin'));
  if (isUsable()) return;
  const outside = which('pnpm');
  const prefix = capture('npm', ['prefix', '--global']);
  // A pnpm of another version is the user's: it stays, and ours goes beside it.
  if (!outside && prefix && isWritable(join(prefix, 'lib/node_modules'))) {
    say(
      `installing ${packageManager} (npm install --global), which manages the workspace's packages`,
    );
    const code = await npmInstall(['--global', packageManager]);
    if (code === 0 && isUsable()) return;
  }
  say(
    `installing ${packageManager} (npm) into .cache/tools, which manages the workspace's packages`,
  );
  mkdirSync(TOOLS, { recursive: true });
  await npmInstall(['--prefix', TOOLS, packageManager]);
  if (!isUsable())
    throw new Failure(`could not; please run:\n  npm install --global ${packageManager}`);
}

function usePath(folder) {
  const path = process.env.PATH ?? '';
  if (!path.split(delimiter).includes(folder)) process.env.PATH = [folder, path].join(delimiter);
}

function isUsable() {
  return capture('pnpm', ['--version'], { cwd: root })?.split('.')[0] === MAJOR;
}

function npmInstall(args) {
  const quiet = ['--loglevel=error', '--no-audit', '--no-fund', '--no-update-notifier'];
  // Elsewhere: npm reads the .npmrc of the folder it runs in, and the repository's silences errors.
  return exitCode('npm', ['install', ...quiet, ...args], { cwd: tmpdir(), output: 'quiet' });
}

/** Runs `pnpm install` unless the packages are already what the lockfile and manifests ask for. */
export async function ensureModules() {
  await ensurePnpm();
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  say("installing the workspace's packages (pnpm install)");
  const args = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'];
  await run('pnpm', args, { output: 'quiet' });
  writeFileSync(STAMP, wanted);
}

/** What `pnpm install` depends on, as a digest. */
function fingerprint() {
  const manifests = ['benches/package.json', ...manifestsIn('packages'), ...manifestsIn('tools')];
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests];
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function manifestsIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  const names = readdirSync(join(root, folder)).sort();
  return names
    .map((name) => join(folder, name, 'package.json'))
    .filter((file) => existsSync(join(root, file)));
}
