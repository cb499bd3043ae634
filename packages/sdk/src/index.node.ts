/** The entry point for Node. */
import { installPlatform } from './capsule/platform.js';
import { nodePlatform } from './capsule/platform.node.js';
import type { Inos } from './inos.js';

// `INOS_TOP=1`, or what `inos top` sets: the runtime's counters can be asked for from outside the process.
const wanted = inspection();
if (wanted) {
  nodePlatform.onCreated = (runtime) => {
    void import('./inspect.node.js').then(({ serveStats }) => serveStats(runtime as Inos, wanted));
  };
}

/** What `INOS_TOP` says: `1`, a folder, or nothing where it says no. */
function inspection(): string | undefined {
  try {
    const said = process.env.INOS_TOP ?? '';
    return ['', '0', 'false'].includes(said) ? undefined : said;
  } catch {
    // Deno has to be allowed to look: `--allow-env=INOS_TOP`.
    return undefined;
  }
}

installPlatform(nodePlatform);

export * from './exports.js';
export type { CapsuleSnapshot, Snapshot } from './inspect.node.js';
