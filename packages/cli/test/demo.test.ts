import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blake3 } from '@noble/hashes/blake3.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoReport, JobReport } from '../src/demo/report.js';
import { inos } from './inos.js';

let folder = '';
const FILE_BYTES = 3 * 2 ** 20 + 5;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'inos-demo-'));
  writeFileSync(join(folder, 'random.bin'), randomBytes(FILE_BYTES));
  writeFileSync(join(folder, 'empty'), '');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

async function report(...args: readonly string[]): Promise<DemoReport> {
  const run = await inos(['demo', '--json', ...args], { cwd: folder });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  // The shape is what the tests below check.
  return JSON.parse(run.stdout) as DemoReport;
}

/** The challenge's solution is what the server said: low enough, for this, and used. */
function verifyChallenge({ difficulty, solution, ...rest }: DemoReport['challenge']): void {
  const digest = BigInt(`0x${sha256(Buffer.from(solution)).toString('hex')}`);
  expect(digest * BigInt(difficulty) < 1n << 256n).toBe(true);
  expect(rest).toMatchObject({
    isVerified: true,
    refusedAgain: 'mining/challenge-replayed',
    isAsExpected: true,
    nonce: Number(solution.split('.').at(-1)),
  });
}

/** Everything that the demo claims, found out again without it. */
function verify({ jobs, physics, accounts, ledger, file, ...rest }: DemoReport): void {
  const bytes = readFileSync(join(folder, file.path));
  expect(file.bytes).toBe(bytes.length);
  expect(rest).toMatchObject({ ok: true, bytesCopied: 0, payloadBytes: bytes.length * 3 });
  verifyChallenge(rest.challenge);
  const [blake, sha, search, refused] = jobs;
  expect(jobs).toHaveLength(4);
  expect(blake).toMatchObject({
    digest: Buffer.from(blake3(bytes)).toString('hex'),
    status: 'done',
  });
  expect(sha).toMatchObject({ digest: sha256(bytes).toString('hex'), status: 'done' });
  verifySearch(search, bytes);
  expect(refused).toMatchObject({
    status: 'out-of-budget',
    error: { code: 'credits/insufficient' },
    digest: null,
    units: 0,
    credits: { reserved: 0, charged: 0, refunded: 0 },
  });
  const cost = 100 + Math.ceil(bytes.length / 1024);
  const hashing = { quotedMinimum: cost, quotedMaximum: cost, reserved: cost, charged: cost };
  expect(blake?.credits).toMatchObject({ ...hashing, refunded: 0 });
  const charged = jobs.reduce((sum, job) => sum + job.credits.charged, 0);
  const changes = new Map(accounts.map(({ name, before, after }) => [name, after - before]));
  const forPhysics = changes.get('operator of physics') ?? 0;
  expect(Object.fromEntries(changes)).toEqual({
    default: -charged - forPhysics,
    'empty purse': 0,
    'operator of mining': charged,
    'operator of physics': forPhysics,
  });
  expect(physics).toMatchObject({ boxes: 500, steps: 120, restoredTo: 60, bodySteps: 60 * 501 });
  expect(physics.digest).toMatch(/^[\da-f]{64}$/);
  expect(physics.digestAgain).toBe(physics.digest);
  expect(physics.charged).toBe(10 + Math.ceil((60 * 501) / 100));
  expect(forPhysics).toBeGreaterThan(3 * (physics.charged - 10));
  expect(ledger.before).toBe(ledger.after);
}

function verifySearch(job: JobReport | undefined, file: Uint8Array): void {
  const header = Buffer.from(job?.search?.header ?? '', 'hex');
  expect(header).toHaveLength(80);
  expect(header.subarray(4, 36)).toEqual(sha256(file));
  header.writeUInt32LE(job?.search?.nonce ?? 0, 76);
  const digest = sha256(sha256(header));
  expect(job?.digest).toBe(digest.toString('hex'));
  const asNumber = BigInt(`0x${digest.reverse().toString('hex')}`);
  expect(asNumber).toBeLessThanOrEqual(BigInt(`0x${job?.search?.target ?? '0'}`));
  const { reserved, charged, refunded, budget } = job?.credits ?? {};
  expect(reserved).toBe(budget);
  expect(charged).toBe(100 + Math.ceil((job?.units ?? 0) / 1024));
  expect(refunded).toBe((reserved ?? 0) - (charged ?? 0));
}

/** Times that are there must be in order and add up. */
function verifySteps({ steps, status }: JobReport): void {
  expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  const isReached = status === 'done' ? [1, 1, 1, 1, 1, 1] : [1, 1, 1, 0, 0, 1];
  expect(steps.map((step) => Number(step.isReached))).toEqual(isReached);
  const times = steps.map((step) => step.doneAtMicroseconds).filter((time) => time !== null);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times[0]).toBe(0);
  expect(steps[5]?.doneAtMicroseconds).toBeGreaterThan(0);
  for (const { tookMicroseconds } of steps) expect(tookMicroseconds ?? 0).toBeGreaterThanOrEqual(0);
}

describe('inos demo', () => {
  it('gives data that hold when checked independently', async () => {
    const data = await report('random.bin');
    verify(data);
    data.jobs.forEach(verifySteps);
  });

  it('works on an empty file', async () => {
    verify(await report('empty', '--threads', '2'));
  });

  it('takes the capsule’s own module by default', async () => {
    const { file, ok } = await report();
    expect(file.path).toMatch(/mining\.wasm$/);
    expect(ok).toBe(true);
  });

  it('shows the six steps, the world, the costs and the checks in 80 columns', async () => {
    const run = await inos(['demo', 'random.bin'], { cwd: folder });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout.match(/^6 outbox signal /gm)).toHaveLength(4);
    expect(run.stdout).toContain('3,145,733 bytes');
    expect(run.stdout).toMatch(/^✓ @noble\/hashes [\da-f]{64}$/m);
    expect(run.stdout.match(/^✓ node:crypto {3}[\da-f]{64}$/gm)).toHaveLength(2);
    expect(run.stdout).toMatch(/^✓ rolled back {3}[\da-f]{64}$/m);
    expect(run.stdout).toContain('✓ 0 of 9,437,199 bytes of payload copied');
    expect(run.stdout).not.toContain('✗');
    expect(run.stdout).not.toContain('\u001b');
    expect(Math.max(...run.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('says why it can’t read a file', async () => {
    const missing = await inos(['demo', 'missing', '--json'], { cwd: folder });
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toBe('inos demo: missing: no such file or directory\n');
    const directory = await inos(['demo', '.'], { cwd: folder });
    expect(directory).toMatchObject({ code: 1, stderr: 'inos demo: . is not a regular file\n' });
  });
});
