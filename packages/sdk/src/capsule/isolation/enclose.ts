/**
 * Puts a capsule behind a border. Loaded for capsules with `isolated: true`, and for all on pages whose memory can't be
 * shared with workers.
 */
import { wrongType } from '../../errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { CapsuleOptions, RuntimeParts } from '../define-capsule.js';
import { Border } from './border.js';
import { OwnMemory } from './own-memory.js';

/**
 * Makes a border and has a capsule attached behind it.
 *
 * @param attach - attaches the capsule to the parts that it is given
 */
export function enclose<Api>(
  { sab, kernel, credits }: RuntimeParts<Kernel>,
  key: string,
  { isolated = false }: CapsuleOptions,
  attach: (inner: RuntimeParts) => Api,
): Api {
  if (typeof isolated !== 'boolean') {
    throw wrongType(`capsules.${key}.isolated`, 'a boolean', isolated);
  }
  const engine = new OwnMemory(kernel, sab.maximumBytes);
  const operator = () => credits.operator(key)?.index ?? credits.treasury.index;
  const border = new Border({ sab, kernel, engine, operator });
  const api = attach({ sab: engine.sab, kernel: border, credits });
  kernel.adopt(border);
  return api;
}
