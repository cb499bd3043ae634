/** What the help of `inos capsule` says. */
import type { Command } from '../command.js';
import { HELP } from './options.js';

export const capsule: Command = {
  name: 'capsule',
  summary: 'Build a capsule of your own to WebAssembly',
  usage: 'build [FOLDER] [--json]',
  description: [
    'Builds the capsule in FOLDER, by default the current one: generates the code of',
    'its schemas (FOLDER/*.capnp) and static region into src/generated, compiles the',
    'crate to wasm/NAME.wasm, and proves that this is a capsule: it imports nothing',
    'but the shared memory, and keeps its data inside the region that Cargo.toml',
    'declares.',
    'Generated code is made anew only when a schema has changed: commit it, and',
    'nobody else needs Cap’n Proto.',
  ],
  options: [{ name: 'json', help: 'Print the outcome as one JSON object instead.' }, HELP],
  sections: [
    {
      title: 'What it needs',
      lines: [
        'A Rust of 1.96 or newer with the source of its standard library, from rustup',
        'or Debian; for a changed schema capnp, capnp-es and TypeScript. What is',
        'missing is named with the command that installs it. INOS_RUST=FOLDER chooses',
        'a toolchain.',
      ],
    },
    {
      title: 'Cargo.toml',
      lines: [
        '[package.metadata.inos]      where the static data lies in the shared memory',
        'static-offset = 0x1400000    from 0x1400000, a multiple of 0x10000',
        'static-bytes = 0x100000      ending at 0x2000000 at the latest',
      ],
    },
    {
      title: 'Examples',
      lines: ['$ inos capsule build', '$ inos capsule build ../pairs --json | jq .brotliBytes'],
    },
    {
      title: 'JSON',
      lines: [
        '{ name, file, bytes, brotliBytes, imports, exports, staticOffset, staticBytes,',
        '  staticBytesUsed }, or { error: { code, message, fix } }, fix being lines.',
      ],
    },
    {
      title: 'Exit codes',
      lines: [
        '0  built, and it is a capsule',
        '1  it can’t be built, or isn’t a capsule',
        '2  the command line makes no sense',
        '5  something must be installed first',
        '130  Ctrl-C',
      ],
    },
  ],
  load: async () => (await import('../capsule/build.js')).runCapsule,
};
