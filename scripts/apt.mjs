// Installs Debian and Ubuntu packages where this may be done without asking: as root.
import { Failure, capture, exitCode, say, which } from './process.mjs';

/** Whether packages can be installed here without asking anyone. */
export function canInstall() {
  return process.getuid?.() === 0 && which('apt-get') !== undefined;
}

/** The command that a user would run for the same. */
export function installCommand(packages) {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/**
 * Installs packages, or ends with the command that would.
 *
 * @param {string[]} packages
 * @param {string} why what they are for, as the end of a sentence
 */
export async function aptInstall(packages, why) {
  const command = installCommand(packages);
  if (!canInstall())
    throw new Failure(`${packages.join(', ')} needed ${why}. Please run:\n  ${command}`);
  if (!(await isOffered(packages))) {
    throw new Failure(
      `${packages.join(', ')} needed ${why}, but this system's apt doesn't offer them`,
    );
  }
  say(`installing ${packages.join(', ')} (apt-get) ${why}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // --no-remove: what conflicts with something the user installed is the user's to decide.
  const args = ['install', '-y', '-q', '--no-remove', '--no-install-recommends', ...packages];
  if ((await exitCode('apt-get', args, { env, output: 'quiet' })) === 0) return;
  // A stale list names files that the mirrors no longer have.
  await exitCode('apt-get', ['update', '-q'], { output: 'quiet' });
  if ((await exitCode('apt-get', args, { env, output: 'quiet' })) === 0) return;
  throw new Failure(`could not install them; please run:\n  ${command}`);
}

/** Whether apt offers all these packages, after fetching its list if need be. */
export async function isOffered(packages) {
  if (packages.every(isKnown)) return true;
  say('fetching the list of Debian packages (apt-get update)');
  await exitCode('apt-get', ['update', '-q'], { output: 'quiet' });
  return packages.every(isKnown);
}

/** Whether apt knows an installable version of a package. */
function isKnown(name) {
  const policy = capture('apt-cache', ['policy', name]) ?? '';
  return /Candidate: (?!\(none\))/.test(policy);
}
