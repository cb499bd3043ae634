/** What the help of `inos pow` says. */
import type { Command } from '../command.js';
import { CPU_SHARE, HELP, THREADS } from './options.js';

export const pow: Command = {
  name: 'pow',
  summary: 'Make, solve and verify proof-of-work challenges',
  usage: 'create|solve|verify [TEXT|-] [options]',
  description: [
    'create prints a challenge, solve its solution, verify whether that is right.',
    'solve knows ALTCHA’s, Anubis’ and mCaptcha’s challenges too, as JSON. TEXT is',
    'the challenge to solve or the solution to verify, by default standard input.',
  ],
  options: [
    { name: 'difficulty', value: 'N', help: 'create: how many hashes it takes on average.' },
    { name: 'lifetime-ms', value: 'N', help: 'create: how long it lasts. Default: ten minutes.' },
    { name: 'context', value: 'TEXT', help: 'create, verify: what it is for. Default: nothing.' },
    { name: 'format', value: 'NAME', help: 'create: inos (default), altcha or altcha-v2.' },
    {
      name: 'counter-mode',
      value: 'NAME',
      help: 'Of altcha-v2: counters are uint32 (default) or string, digits.',
    },
    { name: 'secret-file', value: 'FILE', help: 'create, verify: holds what signs.' },
    {
      name: 'spent',
      value: 'FOLDER',
      help: 'verify: remembers there what was used, and refuses it the second time.',
    },
    { ...THREADS, help: `solve: ${THREADS.help}` },
    { ...CPU_SHARE, help: `solve: ${CPU_SHARE.help}` },
    { name: 'deadline-ms', value: 'N', help: 'solve: stop after so many milliseconds.' },
    { name: 'json', help: 'Print one JSON object instead.' },
    HELP,
  ],
  sections: [
    {
      title: 'Secrets',
      lines: [
        'Without --secret-file, INOS_POW_SECRET in the environment signs: 16 letters or more.',
      ],
    },
    {
      title: 'Examples',
      lines: [
        '$ export INOS_POW_SECRET=$(head -c 24 /dev/urandom | base64)',
        '$ inos pow create --difficulty 1000000 > challenge',
        '$ inos pow solve < challenge | inos pow verify --spent used',
        'Anybody can check a solution of the format inos: its SHA-256 is low enough.',
        '$ printf %s "$(inos pow solve < challenge)" | sha256sum',
      ],
    },
    {
      title: 'JSON',
      lines: [
        'create: { format, difficulty, challenge }. solve: { payload, nonce, digest,',
        '  hashes, seconds }. verify: { ok, format, id, context, expiresAtMs,',
        '  difficulty }. Instead, of what failed: { ok: false, error: { code, message } }.',
      ],
    },
    {
      title: 'Exit codes',
      lines: [
        '0  made, solved, or valid',
        '1  no challenge or solution, forged, expired, used before, or not solved',
        '2  the command line makes no sense',
        '4  the deadline passed',
        '130  Ctrl-C',
      ],
    },
  ],
  load: async () => (await import('../pow.js')).runPow,
};
