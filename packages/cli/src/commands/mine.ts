/** What the help of `inos mine` says. */
import type { Command } from '../command.js';
import { CPU_SHARE, HELP, THREADS } from './options.js';

export const mine: Command = {
  name: 'mine',
  summary: 'Search the lowest nonce whose hash meets a target',
  usage: '--header HEX (--target HEX | --zero-bits N | --prefix HEX) [options]',
  description: [
    'Tries the nonces of a range in the header and finds the lowest one whose digest,',
    'read as a number, is at or below the target, or that begins with zero bits or a',
    'prefix. The nonce is the last 4 bytes of the header, little-endian, unless',
    '--nonce-format and --nonce-offset say otherwise.',
  ],
  options: [
    {
      name: 'algorithm',
      short: 'a',
      value: 'NAME',
      help: 'sha256d (default), sha256 or blake3.',
    },
    {
      name: 'header',
      value: 'HEX',
      help: 'The bytes to hash, at most 1,024; the nonce’s are ignored.',
    },
    { name: 'target', value: 'HEX', help: '64 digits, most significant first.' },
    { name: 'zero-bits', value: 'N', help: 'The digest must begin with N zero bits.' },
    { name: 'prefix', value: 'HEX', help: 'The digest must begin with these digits.' },
    {
      name: 'nonce-format',
      value: 'FORMAT',
      help: 'uint32-le (default), uint32-be, uint64-le, uint64-be or decimal: digits, inserted.',
    },
    {
      name: 'mode',
      value: 'MODE',
      help: 'first (default): the lowest nonce; any: the one found first.',
    },
    {
      name: 'nonce-offset',
      value: 'N',
      help: 'Where in the header the nonce lies. Default: at its end.',
    },
    { name: 'from', value: 'N', help: 'The first nonce to try, decimal or 0x…. Default: 0.' },
    {
      name: 'to',
      value: 'N',
      help: 'The last nonce to try, included. Default: the last there is.',
    },
    {
      name: 'digest-order',
      value: 'ORDER',
      help: 'How a digest is a number: little-endian (default for sha256d, as in Bitcoin) or big-endian. With --target only.',
    },
    THREADS,
    CPU_SHARE,
    {
      name: 'lanes',
      value: 'LIST',
      help: 'Who searches: cpu (default), gpu or cpu,gpu. A GPU needs the package webgpu.',
    },
    {
      name: 'budget',
      value: 'N',
      help: 'The most it may cost in micro-credits: 100, and 1 per started 1,024 hashes.',
    },
    { name: 'deadline-ms', value: 'N', help: 'Stop after so many milliseconds.' },
    { name: 'json', help: 'Print one JSON object instead.' },
    HELP,
  ],
  sections: [
    {
      title: 'Examples',
      lines: [
        'The nonce of Bitcoin’s first block, starting a little below it:',
        '$ A=010000000000000000000000000000000000000000000000000000',
        '$ B=0000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc8',
        '$ C=1bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d00000000',
        '$ T=00000000ffff0000000000000000000000000000000000000000000000000000',
        '$ inos mine --header $A$B$C --target $T --from 2083000000',
        'The same, with a GPU sharing the range:',
        '$ inos mine --header $A$B$C --target $T --from 2083000000 --lanes cpu,gpu',
        'The same for at most 5,000 micro-credits, about five million hashes, as data:',
        '$ inos mine --header $A$B$C --target $T --from 2083000000 --budget 5000 --json',
      ],
    },
    {
      title: 'JSON',
      lines: [
        '{ found, nonce, digest, hashes, seconds, chargedMicroCredits, status }',
        'nonce (a number) and digest (64 digits, in the order of its bytes) are null',
        'unless found. status: done, failed, cancelled, expired or out-of-budget; a job',
        'that isn’t done adds error: { code, message }. With the GPU’s lane, done adds',
        'gpu: { hashes, missing }; missing says why it took no part, or is null.',
      ],
    },
    {
      title: 'Exit codes',
      lines: [
        '0  found',
        '1  no such nonce in the range, or the job failed',
        '2  the command line makes no sense',
        '3  the budget is spent, or too small to begin with',
        '4  the deadline passed',
        '130  Ctrl-C: the job was cancelled',
      ],
    },
  ],
  load: async () => (await import('../mine.js')).runMine,
};
