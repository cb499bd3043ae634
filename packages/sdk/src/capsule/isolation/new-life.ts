/**
 * What a capsule with a memory of its own begins anew with after a crash: all that it may have ruined.
 */
import type { CapsuleHost } from '../../kernel/capsule-host.js';
import type { Kernel } from '../../kernel/kernel.js';
import { RecordPool } from '../../kernel/record.js';
import type { OwnSab } from './own-sab.js';
import type { PlayLedger } from './play-ledger.js';

/** Who keeps what in a capsule's own memory. */
export interface OwnParts {
  readonly sab: OwnSab;
  readonly ledger: PlayLedger;
  readonly kernel: Kernel;
}

/**
 * Makes the memory what it was before the capsule's first start. Only while no thread of it runs and no job is in it.
 * What was traced stays, for those who haven't read it.
 *
 * @param accounts - how many accounts of jobs its ledger has
 */
export function beginAnew(
  { sab, ledger, kernel }: OwnParts,
  host: CapsuleHost,
  accounts: number,
): void {
  const putBack = kernel.tracer?.keep();
  sab.beginAnew();
  putBack?.();
  kernel.records = new RecordPool(sab);
  kernel.hostEpoch.forgetSleepers();
  ledger.found();
  for (let account = 0; account < accounts; account++) ledger.open();
  host.publish();
}
