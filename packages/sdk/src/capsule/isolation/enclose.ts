/**
 * Puts a capsule behind a border. Loaded for capsules with `isolated: true`, and for all on pages whose memory can't be
 * shared with workers.
 */
import { wrongType } from '../../errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { CapsuleOptions, RuntimeParts } from '../define-capsule.js';
import { platform } from '../platform.js';
import { Border } from './border.js';
import type { Engine } from './engine.js';
import { OwnMemory } from './own-memory.js';

/** A capsule's engine, and the memory in which its API allocates. */
interface Enclosed {
  readonly engine: Engine;
  readonly sab: RuntimeParts['sab'];
}

/**
 * Makes a border and has a capsule attached behind it.
 *
 * @param attach - attaches the capsule to the parts that it is given
 */
export async function enclose<Api>(
  { sab, kernel, credits }: RuntimeParts<Kernel>,
  key: string,
  { isolated = false }: CapsuleOptions,
  attach: (inner: RuntimeParts) => Api,
): Promise<Api> {
  if (typeof isolated !== 'boolean') {
    throw wrongType(`capsules.${key}.isolated`, 'a boolean', isolated);
  }
  const inner = platform().canShare ? inOwnMemory(kernel, sab) : await inWorker(kernel, sab);
  const operator = () => credits.operator(key)?.index ?? credits.treasury.index;
  const border = new Border({ sab, kernel, engine: inner.engine, operator });
  const api = attach({ sab: inner.sab, kernel: border, credits });
  kernel.adopt(border);
  return api;
}

function inOwnMemory(kernel: Kernel, { maximumBytes }: RuntimeParts['sab']): Enclosed {
  const engine = new OwnMemory(kernel, maximumBytes);
  return { engine, sab: engine.sab };
}

async function inWorker(kernel: Kernel, sab: RuntimeParts['sab']): Promise<Enclosed> {
  const { LoneWorker } = await import('./lone-worker.js');
  return { engine: new LoneWorker(kernel, sab.maximumBytes), sab };
}
