/** What the help of `inos demo` says. */
import type { Command } from '../command.js';
import { HELP, THREADS } from './options.js';

export const demo: Command = {
  name: 'demo',
  summary: 'Run the whole loop on a real file and watch its six steps',
  usage: '[FILE] [--json]',
  description: [
    'Reads a file straight into shared memory, hashes it there with BLAKE3 and',
    'SHA-256 and searches a nonce for a header made of those digests. Shows when each',
    'step of each job happened, what it cost, how many payload bytes were copied',
    '(none), and every result beside that of an independent implementation. One more',
    'job, without credits, is refused. Then steps a world of 500 boxes, rolls it',
    'back, and steps it again to the same digest. At the end it solves a challenge,',
    'as a visitor would, and verifies the solution, as a server does.',
    'Default FILE: the WebAssembly of the mining capsule itself.',
  ],
  options: [
    {
      ...THREADS,
      help: 'How many threads the capsule runs on. Default: one for each core.',
    },
    { name: 'json', help: 'Print the same as one JSON object instead.' },
    HELP,
  ],
  sections: [
    {
      title: 'The six steps of the Reactive Mutation Loop',
      lines: [
        '1 signal           the job lies in shared memory, the inbox epoch is flipped',
        '2 zero-copy read   a capsule thread is awake and reads the job where it lies',
        '3 economic check   the budget is reserved, or the job refused',
        '4 execution        the work, charged while it goes on',
        '5 direct mutation  the result lies in shared memory',
        '6 outbox signal    the host is awake and has settled the credits',
      ],
    },
    {
      title: 'Examples',
      lines: ['$ inos demo', '$ inos demo holiday.mp4', '$ inos demo --json | jq .ok'],
    },
    {
      title: 'JSON',
      lines: [
        '{ inos, node, threads, startMilliseconds, file, jobs, physics, challenge,',
        '  accounts, ledger, payloadBytes, bytesCopied, ok }',
        'The steps of each job have doneAtMicroseconds, counted from its signal, and',
        'tookMicroseconds: null if not reached, not seen, or no time of its own.',
        'Credits are numbers of micro-credits: a ledger never holds more than 2^53 - 1,',
        'so all are exact.',
      ],
    },
    {
      title: 'Exit codes',
      lines: [
        '0  every result is what the independent implementation says, the world came',
        '   to the same digest twice, nothing was copied, the ledger’s sum never moved',
        '1  something differs or failed',
        '2  the command line makes no sense',
        '130  Ctrl-C',
      ],
    },
  ],
  load: async () => (await import('../demo/demo.js')).runDemo,
};
