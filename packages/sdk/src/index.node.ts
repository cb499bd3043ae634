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

function inspection(): string | undefined {
  try {
    return process.env.INOS_TOP;
  } catch {
    // Deno has to be allowed to look: `--allow-env=INOS_TOP`.
    return undefined;
  }
}

installPlatform(nodePlatform);

export * from './exports.js';
export type { CapsuleSnapshot, Snapshot } from './inspect.node.js';
