/** What the help of `inos doctor` says. */
import type { Command } from '../command.js';
import { HELP } from './options.js';

export const doctor: Command = {
  name: 'doctor',
  summary: 'Check what this machine offers, and what each lack costs',
  usage: '[--json]',
  description: [
    'Looks at what capsules need (threads, SIMD) and at what makes them better, and',
    'says of each lack what it costs and how to cure it. Looks also for what',
    'inos capsule build uses, which running capsules takes none of. In a browser,',
    'diagnose() of @inos/sdk gives the same.',
  ],
  options: [{ name: 'json', help: 'Print one JSON object instead.' }, HELP],
  sections: [
    { title: 'Examples', lines: ['$ inos doctor', '$ inos doctor --json | jq .canRun'] },
    {
      title: 'JSON',
      lines: [
        '{ canRun, engine, hardwareThreads, findings, platform, arch, tools }',
        'Each finding: { feature, isAvailable, isRequired, detail, lack }; lack, only',
        'of what is missing: { cost, cure }. Each tool: { tool, needed, version,',
        'lack }; where nothing would do, version is null and lack { reason, cure }.',
      ],
    },
    {
      title: 'Exit codes',
      lines: [
        '0  capsules can run',
        '1  something that they require is missing',
        '2  the command line makes no sense',
      ],
    },
  ],
  load: async () => (await import('../doctor.js')).runDoctor,
};
