/**
 * Joins what starts a capsule and watches over it: its module, its workers, its supervisor, the watchdog. All in one
 * file, loaded with a runtime's first job: a page that only makes a runtime needn't have it.
 */
import type { Kernel } from '../kernel/kernel.js';
import type { Member } from '../kernel/kernel-parts.js';
import { supervise } from '../kernel/supervise.js';
import type { Supervisor } from '../kernel/supervisor.js';
import { Watchdog } from '../kernel/watchdog.js';
import { compileOnce, createLauncher } from './launcher.js';
import type { WasmSource } from './wasm-source.js';

/** Makes what starts and restarts a capsule's threads. */
export function start(kernel: Kernel, member: Member, source: WasmSource): Supervisor {
  kernel.watchdog ??= new Watchdog(kernel);
  const { name } = member.host.spec;
  const launcher = createLauncher(kernel.sab, { name, source, compileAt: compileOnce });
  return supervise(kernel, member, launcher);
}
