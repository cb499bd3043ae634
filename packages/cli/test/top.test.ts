/** `inos top`: what it says of a program that runs elsewhere. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Snapshot } from '@inos/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { screenOf } from '../src/top/screen.js';
import { inos, program as run } from './inos.js';

const INOS = fileURLToPath(new URL('../bin/inos.js', import.meta.url));
const MINING = pathToFileURL(createRequire(import.meta.url).resolve('@inos/mining')).href;

/** Hashes again and again for a while, or until it is asked to end, then closes its runtime. */
const PROGRAM = `
import { createMining } from ${JSON.stringify(MINING)};
let end = Infinity;
process.on('SIGTERM', () => (end = 0));
const mining = await createMining({ threads: 1 });
end = Math.min(end, performance.now() + Number(process.argv[2]));
while (performance.now() < end) {
  await mining.hash('sha256', new Uint8Array(8));
}
if (process.argv[3] === 'busy') {
  console.log('busy');
  for (;;);
}
await mining.close();
console.log('closed');
await new Promise((resolve) => setTimeout(resolve, 200));
`;

function writeProgram(): { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'inos-test-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, 'program.mjs');
  writeFileSync(path, PROGRAM);
  return { folder, path };
}

/** Starts the program with its counters told, in a temporary folder of its own. */
function startProgram(
  milliseconds: number,
  { folder, path } = writeProgram(),
  { end = 'close', wish = '1' } = {},
): { readonly child: ChildProcess; readonly env: NodeJS.ProcessEnv } {
  const env = { ...process.env, TMPDIR: folder, TEMP: folder };
  const child = spawn(process.execPath, [path, String(milliseconds), end], {
    cwd: folder,
    env: { ...env, INOS_TOP: wish },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, env };
}

/** Runs `inos top` in that environment. */
async function top(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onOutput: (stdout: string) => void = () => undefined,
) {
  const child = spawn(process.execPath, [INOS, 'top', ...args], { env });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text.stdout += piece;
    onOutput(text.stdout);
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (text.stderr += piece));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, ...text };
}

async function untilSeen(pid: number | undefined, env: NodeJS.ProcessEnv): Promise<Snapshot> {
  for (;;) {
    const { code, stdout } = await top([String(pid), '--once', '--json'], env);
    if (code === 0) {
      const snapshot = JSON.parse(stdout) as Snapshot;
      if ((snapshot.capsules.mining?.jobs.done ?? 0) > 0) return snapshot;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('inos top PID', () => {
  it('tells the counters of a running program, as data and as a table', async () => {
    const { child, env } = startProgram(60_000);
    const snapshot = await untilSeen(child.pid, env);
    expect(snapshot).toMatchObject({ pid: child.pid, inFlight: expect.any(Number) as number });
    expect(snapshot.capsules.mining).toMatchObject({ threads: 1, restarts: 0 });
    expect(snapshot.capsules.mining?.pages).toBeGreaterThan(0);
    const later = await untilSeen(child.pid, env);
    expect(later.capsules.mining?.jobs.done).toBeGreaterThan(
      snapshot.capsules.mining?.jobs.done ?? 0,
    );
    const table = await top(['--once'], env);
    expect(table).toMatchObject({ code: 0, stderr: '' });
    const [title, totals, , heads, line] = table.stdout.split('\n');
    expect(title).toContain(`pid ${child.pid}`);
    expect(totals).toMatch(/^jobs [\d,]+, [\d,]+ in flight; memory /);
    expect(heads).toMatch(/^CAPSULE +THREADS +QUEUED +JOBS\/S .* RESTARTS$/);
    expect(line).toMatch(/^mining +1 /);
    expect(table.stdout).not.toContain('\u001b');
  });

  it('says what to do where nobody tells anything', async () => {
    const { folder } = writeProgram();
    const env = { ...process.env, TMPDIR: folder, TEMP: folder };
    expect(await top(['1', '--once'], env)).toMatchObject({ code: 1, stdout: '' });
    const { code, stderr } = await top([], env);
    expect(code).toBe(1);
    expect(stderr).toContain('INOS_TOP=1');
  });

  it('takes away the socket of a program that died, and of no other', async () => {
    const { folder } = writeProgram();
    const env = { ...process.env, TMPDIR: folder, TEMP: folder };
    const place = join(folder, `inos-${userInfo().username}`);
    mkdirSync(place);
    const dead = spawn(process.execPath, ['--eval', '0']);
    await new Promise((resolve) => dead.once('close', resolve));
    const names = [process.pid, dead.pid].map((pid) => `${pid}-0-0.sock`);
    for (const name of names) writeFileSync(join(place, name), '');
    expect(await top(['--once'], env)).toMatchObject({ code: 1, stdout: '' });
    expect(readdirSync(place)).toEqual([names[0]]);
  });

  it('ends with the runtime, which takes its socket away', async () => {
    const { child, env } = startProgram(60_000);
    await untilSeen(child.pid, env);
    const args = [String(child.pid), '--json', '--interval-ms', '100'];
    const { code, stdout } = await top(args, env, () => child.kill('SIGTERM'));
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as Snapshot);
    expect(lines.every(({ pid }) => pid === child.pid)).toBe(true);
    const sockets = readdirSync(String(env.TMPDIR)).filter((name) => name.startsWith('inos-'));
    expect(sockets.flatMap((name) => readdirSync(join(String(env.TMPDIR), name)))).toEqual([]);
  });
});

/** Makes a runtime in a thread of its own when it is asked to, beside more than ten that there are. */
const CROWD = `
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { createInos } from ${JSON.stringify(pathToFileURL(createRequire(import.meta.url).resolve('@inos/sdk')).href)};
import { mining } from ${JSON.stringify(MINING)};
const runtimes = [];
const make = async (name) => runtimes.push(await createInos({ capsules: { [name]: mining() } }));
const close = () => Promise.all(runtimes.map((runtime) => runtime.close()));
if (isMainThread) {
  for (let count = 0; count < 11; count++) await make('early' + count);
  let worker;
  process.on('SIGUSR2', () => {
    worker ??= new Worker(new URL(import.meta.url));
  });
  process.on('SIGTERM', () => {
    worker?.postMessage('close');
    close().then(() => clearInterval(alive));
  });
  const alive = setInterval(() => undefined, 1000);
} else {
  await make('late');
  parentPort.once('message', close);
}
`;

it('shows runtimes that come while it looks, of other threads too, and any number of them', async () => {
  const { folder, path } = writeProgram();
  writeFileSync(path, CROWD);
  const { child, env } = startProgram(0, { folder, path });
  const place = join(folder, `inos-${userInfo().username}`);
  const sockets = () => (existsSync(place) ? readdirSync(place) : []);
  while (sockets().length < 11) await new Promise((resolve) => setTimeout(resolve, 20));
  let most = 0;
  const args = [String(child.pid), '--json', '--interval-ms', '50'];
  const { code, stderr } = await top(args, env, (stdout) => {
    most = Math.max(most, sockets().length);
    if (stdout.includes('"late"')) child.kill('SIGTERM');
    else if (stdout.includes('"early10"')) child.kill('SIGUSR2');
  });
  expect({ code, stderr, most }).toEqual({ code: 0, stderr: '', most: 12 });
  expect(sockets()).toEqual([]);
});

describe('a screen', () => {
  const bold = (text: string) => `\u001b[1m${text}\u001b[22m`;
  const counted = { threads: 2, queued: 3, units: 1e9, charged: 1e9, pages: 37, restarts: 4 };
  const jobs = { done: 1e9, failed: 1, cancelled: 1, expired: 1, 'out-of-budget': 1 };
  const snapshot: Snapshot = {
    ...{ pid: 1, program: '/a/long-named-server.mjs', uptimeMs: 1000, bytesCopied: 0 },
    ...{ jobs: 1e9, inFlight: 3, memoryBytes: 2 ** 30, credits: { available: 1e12, reserved: 9 } },
    capsules: { mining: { ...counted, jobs, state: 'restarting' } },
  };

  it.each([
    [
      Infinity,
      'CAPSULE THREADS QUEUED JOBS/S DONE ENDED ELSE UNITS/S CHARGED PAGES STATE RESTARTS',
    ],
    [122, 'CAPSULE THREADS QUEUED JOBS/S DONE ENDED ELSE UNITS/S CHARGED PAGES STATE RESTARTS'],
    [121, 'CAPSULE THREADS QUEUED JOBS/S DONE ENDED ELSE UNITS/S PAGES STATE RESTARTS'],
    [80, 'CAPSULE THREADS QUEUED JOBS/S DONE STATE RESTARTS'],
    [20, 'CAPSULE THREADS'],
    [5, 'CAPSU'],
  ])('of %d columns is no wider', (width, heads) => {
    const lines = screenOf(snapshot, undefined, bold, width).map((line) =>
      line.replaceAll('\u001b[1m', '').replaceAll('\u001b[22m', ''),
    );
    expect(lines[3]?.trimEnd().replace(/ +/g, ' ')).toBe(heads);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
  });
});

describe('a program whose main thread is busy', () => {
  it('is named, and keeps nobody from hearing the others', async () => {
    const place = writeProgram();
    const busy = startProgram(1000, place, { end: 'busy' });
    await new Promise((resolve) => busy.child.stdout?.once('data', resolve));
    const args = ['--once', '--json'];
    const silence = `PID ${busy.child.pid} didn’t answer`;
    const alone = await top(args, busy.env);
    expect(alone).toMatchObject({ code: 1, stdout: '' });
    expect(alone.stderr).toContain(silence);
    const { child } = startProgram(60_000, place);
    await untilSeen(child.pid, busy.env);
    const both = await top(args, busy.env);
    expect(both.code).toBe(0);
    expect(JSON.parse(both.stdout)).toMatchObject({ pid: child.pid });
    expect(both.stderr).toContain(silence);
  });
});

describe('INOS_TOP', () => {
  const listing = (folder: string) => readdirSync(folder).sort();

  it.each(['', '0', 'false'])('%j tells nobody anything', async (wish) => {
    const place = writeProgram();
    const { child } = startProgram(0, place, { end: 'busy', wish });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    expect(listing(place.folder)).toEqual(['program.mjs']);
  });

  it('true means the usual place, anything else a folder', async () => {
    const place = writeProgram();
    const usual = startProgram(60_000, place, { wish: 'true' });
    await untilSeen(usual.child.pid, usual.env);
    expect(listing(place.folder)).not.toContain('true');
    const other = startProgram(60_000, place, { wish: 'elsewhere' });
    const socket = new RegExp(`^${other.child.pid}-`);
    await expect
      .poll(
        () =>
          listing(place.folder).includes('elsewhere') && listing(join(place.folder, 'elsewhere')),
      )
      .toEqual([expect.stringMatching(socket)]);
  });
});

describe('inos top -- COMMAND', () => {
  it('starts a program and ends with it', async () => {
    const { path } = writeProgram();
    const { code, stdout, stderr } = await inos([
      ...['top', '--json', '--interval-ms', '100', '--', process.execPath, path, '800'],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Snapshot);
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(-1)?.capsules.mining?.jobs.done).toBeGreaterThan(0);
  });

  it.skipIf(process.platform !== 'linux')(
    'draws on a terminal, and leaves it as it was',
    async () => {
      const { path, folder } = writeProgram();
      const command = [
        process.execPath,
        INOS,
        'top',
        '--interval-ms',
        '100',
        '--',
        process.execPath,
        path,
        '800',
      ];
      const { stdout } = await run('script', ['-qec', command.join(' '), '/dev/null'], folder);
      expect(stdout.startsWith('\u001b[?25l')).toBe(true);
      expect(stdout).toContain('RESTARTS');
      expect(stdout.trimEnd().endsWith('\u001b[?25h')).toBe(true);
      // What the program itself prints is not in the way.
      expect(stdout).not.toContain('closed');
    },
  );

  it('says that a command makes no runtime, or cannot be started', async () => {
    const none = await inos(['top', '--', process.execPath, '--eval', '0']);
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain('made no runtime');
    expect((await inos(['top', '--', 'no-such-program-of-ours'])).code).toBe(1);
    expect((await inos(['top', '1', '2'])).code).toBe(2);
  });
});
