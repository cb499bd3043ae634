// Checks that everything shipped or built with has a licence on deny.toml's list and comes from a package
// registry. cargo-deny does this too, but isn't packaged anywhere and takes longer to compile than
// everything else together (docs/decisions); its workflow runs where it is at hand.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, capture, main, root, say } from './process.mjs';
import { ensureToolchain, toolchainEnvironment } from './toolchain.mjs';

const MAXIMUM_OUTPUT = 1 << 28;

/** The licences that deny.toml allows. */
function allowedLicences() {
  const [, list] = /^allow = \[(.*?)\]/ms.exec(readFileSync(join(root, 'deny.toml'), 'utf8')) ?? [];
  if (!list) throw new Failure('deny.toml has no list of allowed licences');
  return new Set([...list.matchAll(/"([^"]+)"/g)].map(([, name]) => name));
}

/**
 * Whether an SPDX expression leaves a choice that is allowed: AND binds closer than OR, and `/` is how
 * older crates wrote OR.
 */
export function isAllowed(expression, allowed) {
  const tokens = expression.replaceAll('/', ' OR ').match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const either = () => {
    let value = both();
    while (tokens[at] === 'OR') {
      at += 1;
      value = both() || value;
    }
    return value;
  };
  const both = () => {
    let value = single();
    while (tokens[at] === 'AND') {
      at += 1;
      value = single() && value;
    }
    return value;
  };
  const single = () => {
    const token = tokens[at++];
    if (token === '(') {
      const value = either();
      at += 1;
      return value;
    }
    if (tokens[at] !== 'WITH') return allowed.has(token);
    const licence = `${token} WITH ${tokens[at + 1]}`;
    at += 2;
    return allowed.has(licence);
  };
  return either();
}

/** @returns {Promise<{ name: string, licence: string, problem?: string }[]>} */
async function rustPackages() {
  const env = toolchainEnvironment(await ensureToolchain());
  const args = ['metadata', '--format-version', '1', '--locked'];
  const text = capture('cargo', args, {
    env,
    cwd: root,
    maxBuffer: MAXIMUM_OUTPUT,
    timeoutMs: 120_000,
  });
  if (!text) throw new Failure('cargo metadata failed: is Cargo.lock up to date?');
  return JSON.parse(text).packages.map(({ name, version, license, source }) => ({
    name: `${name} ${version}`,
    licence: license ?? 'none',
    problem: source === null || source.startsWith('registry+') ? undefined : `comes from ${source}`,
  }));
}

/** What users install with the packages; tools of the repository itself aren't shipped. */
function npmPackages() {
  const args = ['licenses', 'list', '--prod', '--json', '--recursive'];
  const text = capture('pnpm', args, { cwd: root, maxBuffer: MAXIMUM_OUTPUT, timeoutMs: 60_000 });
  if (!text) throw new Failure('pnpm licenses failed');
  const groups = text.startsWith('{') ? Object.entries(JSON.parse(text)) : [];
  return groups.flatMap(([licence, packages]) => packages.map(({ name }) => ({ name, licence })));
}

await main(async () => {
  const allowed = allowedLicences();
  const packages = [...(await rustPackages()), ...npmPackages()];
  const problems = packages.flatMap(({ name, licence, problem }) => [
    ...(problem ? [`${name} ${problem}`] : []),
    ...(isAllowed(licence, allowed)
      ? []
      : [`${name} has the licence ${licence}, not on deny.toml's list`]),
  ]);
  if (problems.length > 0) throw new Failure(problems.join('\n'));
  say(`${packages.length} packages, all under licences that deny.toml allows`);
});
