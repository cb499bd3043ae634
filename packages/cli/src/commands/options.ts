/** Options that several commands have. */
import type { OptionSpec } from '../arguments.js';

export const HELP: OptionSpec = { name: 'help', short: 'h', help: 'Explain the command.' };

export const THREADS: OptionSpec = {
  name: 'threads',
  short: 't',
  value: 'N',
  help: 'How many threads the capsule runs on. Default: one for each core.',
};

export const CPU_SHARE: OptionSpec = {
  name: 'cpu-share',
  value: 'N',
  help: 'How much of the time they may work, above 0. Default: 1, all of it.',
};
