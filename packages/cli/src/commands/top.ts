/** What the help of `inos top` says. */
import type { Command } from '../command.js';
import { HELP } from './options.js';

export const top: Command = {
  name: 'top',
  summary: 'Watch what the capsules of a running program do',
  usage: '[PID | -- COMMAND…] [options]',
  description: [
    'Shows, every second, how many jobs each capsule of a Node program has done, how',
    'many wait, the units and credits they took, its pages and its restarts.',
    'Without a PID: of all programs of yours that are started with INOS_TOP=1. With a',
    'COMMAND: starts that, and ends with it; its standard output is not shown.',
  ],
  options: [
    { name: 'once', help: 'Show the counters once, and end.' },
    { name: 'interval-ms', value: 'N', help: 'How often to ask, from 50. Default: 1000.' },
    { name: 'json', help: 'Print a line of JSON for each runtime and time instead.' },
    HELP,
  ],
  sections: [
    {
      title: 'Examples',
      lines: [
        '$ inos top -- node server.mjs',
        '$ INOS_TOP=1 node server.mjs & inos top',
        '$ inos top 4711 --once --json | jq .capsules.mining.queued',
      ],
    },
    {
      title: 'JSON',
      lines: [
        '{ pid, program, uptimeMs, jobs, inFlight, bytesCopied, memoryBytes,',
        '  credits: { available, reserved }, capsules: { NAME: { jobs: { done, failed,',
        '  cancelled, expired, out-of-budget }, units, charged, queued, pages,',
        '  restarts, threads, state } } }',
      ],
    },
    {
      title: 'Exit codes',
      lines: [
        '0  shown, until the program ended or Ctrl-C',
        '1  there is no such program, it made no runtime, or none answered',
        '2  the command line makes no sense',
        '130  Ctrl-C',
      ],
    },
  ],
  load: async () => (await import('../top/top.js')).runTop,
};
