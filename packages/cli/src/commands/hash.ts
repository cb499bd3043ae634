/** What the help of `inos hash` says. */
import type { Command } from '../command.js';
import { HELP, THREADS } from './options.js';

export const hash: Command = {
  name: 'hash',
  summary: 'Hash files or stdin: SHA-256, double SHA-256, SHA-512 or BLAKE3',
  usage: '[--algorithm NAME] [--check] [FILE…|-]',
  description: [
    'Prints a line for each file: its digest and its name, as sha256sum and b3sum do.',
    'Without a FILE, or when FILE is -, reads standard input. With --check the files',
    'are such lists of lines, and what they name is hashed and compared; those of',
    '--tag (SHA256 (name) = …) name their own algorithm.',
  ],
  options: [
    {
      name: 'algorithm',
      short: 'a',
      value: 'NAME',
      help: 'sha256 (default), sha256d (SHA-256 of the SHA-256), sha512 or blake3.',
    },
    { name: 'check', short: 'c', help: 'Check the files that lists of digests name.' },
    { name: 'keyed', help: 'With blake3: with the key of 32 bytes that stdin gives.' },
    {
      name: 'length',
      short: 'l',
      value: 'N',
      help: 'With blake3: how many bytes of output, 32 unless told otherwise.',
    },
    {
      ...THREADS,
      help: `${THREADS.help} With blake3 one file keeps all of them busy, else one each.`,
    },
    {
      name: 'trace',
      value: 'FILE',
      help: 'Write what happened when, for Perfetto (ui.perfetto.dev) or chrome://tracing.',
    },
    HELP,
  ],
  sections: [
    {
      title: 'Examples',
      lines: [
        '$ inos hash archive.tar',
        '$ inos hash *.iso > SHA256SUMS && sha256sum -c SHA256SUMS',
        '$ inos hash --check SHA256SUMS',
        '$ inos hash --algorithm blake3 *.iso | b3sum -c',
        '$ inos hash -a blake3 --keyed archive.tar < key',
        '$ tar c src | inos hash -a blake3',
        '$ inos hash --threads 4 --trace trace.json *.iso',
      ],
    },
    {
      title: 'File names',
      lines: [
        'A name that holds a backslash, a newline or a carriage return is printed',
        'escaped, and its line begins with a backslash: what sha256sum and b3sum undo.',
      ],
    },
    {
      title: 'Exit codes',
      lines: [
        '0  every file was hashed or, with --check, has its digest',
        '1  a file could not be read (the others are hashed all the same) or is',
        '   another, or a list has no properly formatted line',
        '2  the command line makes no sense',
        '130  Ctrl-C',
      ],
    },
  ],
  load: async () => (await import('../hash.js')).runHash,
};
