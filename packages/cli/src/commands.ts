/**
 * The commands of `inos`, with all that their help teaches.
 */
import type { OptionSpec } from './arguments.js';
import type { Command } from './command.js';

const HELP: OptionSpec = { name: 'help', short: 'h', help: 'Explain the command.' };

const THREADS: OptionSpec = {
  name: 'threads',
  short: 't',
  value: 'N',
  help: 'How many threads the capsule runs on. Default: one for each core.',
};

const hash: Command = {
  name: 'hash',
  summary: 'Hash files or stdin: SHA-256, double SHA-256, SHA-512 or BLAKE3',
  usage: '[--algorithm NAME] [--check] [FILE…|-]',
  description: [
    'Prints a line for each file: its digest and its name, as sha256sum and b3sum do.',
    'Without a FILE, or when FILE is -, reads standard input. With --check the files',
    'are such lists of lines, and what they name is hashed and compared.',
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
        '1  a file could not be read (the others are hashed all the same) or is another',
        '2  the command line makes no sense',
        '130  Ctrl-C',
      ],
    },
  ],
  load: async () => (await import('./hash.js')).runHash,
};

const mine: Command = {
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
      help: 'How a digest is a number: little-endian (default for sha256d, as in Bitcoin) or big-endian.',
    },
    THREADS,
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
  load: async () => (await import('./mine.js')).runMine,
};

const demo: Command = {
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
  load: async () => (await import('./demo/demo.js')).runDemo,
};

const capsule: Command = {
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
  load: async () => (await import('./capsule/build.js')).runCapsule,
};

const doctor: Command = {
  name: 'doctor',
  summary: 'Check what this machine offers, and what each lack costs',
  usage: '[--json]',
  description: [
    'Looks at what capsules need (threads, SIMD) and at what makes them better, and',
    'says of each lack what it costs and how to cure it. Looks also for what builds',
    'capsules, which running them takes none of. In a browser, diagnose() of',
    '@inos/sdk gives the same.',
  ],
  options: [{ name: 'json', help: 'Print one JSON object instead.' }, HELP],
  sections: [
    { title: 'Examples', lines: ['$ inos doctor', '$ inos doctor --json | jq .canRun'] },
    {
      title: 'JSON',
      lines: [
        '{ canRun, engine, hardwareThreads, findings, platform, arch, tools }',
        'Each finding: { feature, isAvailable, isRequired, detail, lack }; lack, only',
        'of what is missing: { cost, cure }. Each tool: { tool, version }, or null.',
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
  load: async () => (await import('./doctor.js')).runDoctor,
};

const physics: Command = {
  name: 'physics',
  summary: 'Step a scene of rigid bodies; the same digest on every machine',
  usage: 'run|verify SCENE.json --steps N [options]',
  description: [
    'run steps the scene and prints where its bodies are, or with --json all about',
    'them. verify steps it and compares the digest with the one given.',
    'SCENE.json may be - for standard input. What is wrong in a scene is named by its',
    'path, such as bodies[3].colliders[0].halfExtents.',
  ],
  options: [
    { name: 'steps', value: 'N', help: 'How many steps to take.' },
    { name: 'digest', value: 'HEX', help: 'verify: the 64 digits that the world shall come to.' },
    { name: 'digest-every', value: 'K', help: 'run: also the digest after each K steps.' },
    {
      name: 'budget',
      value: 'N',
      help: 'The most it may cost in micro-credits: 10, and 1 per started 100 body-steps.',
    },
    { name: 'deadline-ms', value: 'N', help: 'Stop after so many milliseconds.' },
    { name: 'json', help: 'Print one JSON object instead.' },
    HELP,
  ],
  sections: [
    {
      title: 'Scenes',
      lines: [
        '{ gravity, stepSeconds, bodies: [{ type, position, rotation: [x,y,z,w],',
        '  linearVelocity, colliders: [{ shape: "box", halfExtents, density, friction,',
        '  restitution, position, rotation }] }], joints: [{ type, body1, body2, … }] }',
        '@inos/physics/scene.schema.json describes all of it for editors.',
      ],
    },
    {
      title: 'Examples',
      lines: [
        '$ inos physics run pile.json --steps 600 --json | jq .digest',
        '$ inos physics run pile.json --steps 600 --digest-every 60',
        '$ inos physics verify pile.json --steps 600 --digest HEX',
      ],
    },
    {
      title: 'JSON',
      lines: [
        'run: { steps, digest, bodies: [{ translation, rotation, linearVelocity,',
        '  angularVelocity, sleeping }] }, with --digest-every K also digests:',
        '  [{ step, digest }]. verify: { ok, steps, digest, expected }.',
        'Instead, of a scene or a job that failed: { error: { code, message } }.',
      ],
    },
    {
      title: 'Exit codes',
      lines: [
        '0  stepped, and for verify the digests are equal',
        '1  the digests differ, or the scene can’t be read or is wrong',
        '2  the command line makes no sense',
        '3  the budget is spent, or too small to begin with',
        '4  the deadline passed',
        '130  Ctrl-C: the job was cancelled',
      ],
    },
  ],
  load: async () => (await import('./physics.js')).runPhysics,
};

const pow: Command = {
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
    { name: 'secret-file', value: 'FILE', help: 'create, verify: holds what signs.' },
    {
      name: 'spent',
      value: 'FOLDER',
      help: 'verify: remembers there what was used, and refuses it the second time.',
    },
    { ...THREADS, help: `solve: ${THREADS.help}` },
    { name: 'cpu-percent', value: 'N', help: 'solve: how much of the time they may work.' },
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
  load: async () => (await import('./pow.js')).runPow,
};

const top: Command = {
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
        '  restarts, threads } } }',
      ],
    },
    {
      title: 'Exit codes',
      lines: [
        '0  shown, until the program ended or Ctrl-C',
        '1  there is no such program, or it made no runtime',
        '2  the command line makes no sense',
        '130  Ctrl-C',
      ],
    },
  ],
  load: async () => (await import('./top/top.js')).runTop,
};

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [hash, mine, pow, physics, demo, top, capsule, doctor];
