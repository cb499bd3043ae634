import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inos, interrupted } from './inos.js';

const SECRET = 'a secret of the tests, long enough';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'inos-pow-'));
  writeFileSync(join(folder, 'secret'), `${SECRET}\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const signed = ['--secret-file', 'secret'];

async function pow(args: readonly string[], input?: string) {
  return inos(['pow', ...args], { cwd: folder, ...(input === undefined ? {} : { input }) });
}

async function create(...args: readonly string[]): Promise<string> {
  const run = await pow(['create', '--difficulty', '5000', ...signed, ...args]);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return run.stdout.trimEnd();
}

describe('inos pow', () => {
  it('makes a challenge, solves it, verifies the solution, and refuses it the second time', async () => {
    const challenge = await create('--context', 'a form');
    const solved = await pow(['solve', '--threads', '1'], challenge);
    expect(solved).toMatchObject({ code: 0, stderr: '' });
    const payload = solved.stdout.trimEnd();
    expect(payload.startsWith(`${challenge}.`)).toBe(true);
    // What anybody can check: one digest in 5,000 is so low.
    const digest = createHash('sha256').update(payload).digest('hex');
    expect(BigInt(`0x${digest}`) * 5000n < 1n << 256n).toBe(true);
    const check = [
      'verify',
      payload,
      ...signed,
      '--context',
      'a form',
      '--spent',
      'used',
      '--json',
    ];
    const first = await pow(check);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({
      ok: true,
      format: 'inos',
      context: 'a form',
      difficulty: 5000,
    });
    expect(readdirSync(join(folder, 'used'))).toHaveLength(1);
    const second = await pow(check);
    expect(second.code).toBe(1);
    expect(JSON.parse(second.stdout)).toMatchObject({
      ok: false,
      error: { code: 'mining/challenge-replayed' },
    });
  });

  it.each(['altcha', 'altcha-v2'])('does the same in the format %s', async (format) => {
    const challenge = await create('--format', format);
    const solved = await pow(['solve', challenge, '--json', '--cpu-share', '0.5']);
    const { payload, hashes } = JSON.parse(solved.stdout) as { payload: string; hashes: number };
    expect(hashes).toBeGreaterThan(0);
    const run = await pow(['verify', '-', ...signed], `${payload}\n`);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/^valid {2}[\da-f]{64}\n$/);
  });

  it('writes counters as digits where all three are told to', async () => {
    const mode = ['--counter-mode', 'string'];
    const challenge = await create('--format', 'altcha-v2', ...mode);
    const solved = await pow(['solve', challenge, ...mode]);
    expect(solved).toMatchObject({ code: 0, stderr: '' });
    const payload = solved.stdout.trimEnd();
    const { solution, challenge: solvedOne } = JSON.parse(
      Buffer.from(payload, 'base64').toString(),
    ) as {
      solution: { counter: number };
      challenge: { parameters: { salt: string; nonce: string; keyPrefix: string } };
    };
    const { salt, nonce, keyPrefix } = solvedOne.parameters;
    const message = Buffer.concat([
      Buffer.from(salt + nonce, 'hex'),
      Buffer.from(String(solution.counter)),
    ]);
    const key = createHash('sha256').update(message).digest('hex');
    expect(key.startsWith(keyPrefix)).toBe(true);
    expect(await pow(['verify', payload, ...signed, ...mode])).toMatchObject({ code: 0 });
    const otherwise = await pow(['verify', payload, ...signed]);
    expect(otherwise).toMatchObject({ code: 1, stdout: '' });
  });

  it('refuses what is forged, expired or for something else', async () => {
    const payload = (await pow(['solve'], await create())).stdout.trimEnd();
    writeFileSync(join(folder, 'other'), 'another secret, long enough');
    const late = await create('--lifetime-ms', '1');
    const refusals: readonly (readonly [string, ...string[]])[] = [
      ['none of the secrets signed', 'verify', payload, '--secret-file', 'other'],
      ['the challenge is for "", not for "x"', 'verify', payload, ...signed, '--context', 'x'],
      ['the challenge expired', 'solve', late],
      ['the challenge expired', 'verify', `${late}.0`, ...signed],
      ['neither a stamp nor base64 of JSON', 'verify', 'nonsense', ...signed],
      ['neither a stamp nor JSON', 'solve', 'nonsense'],
      ['missing: no such file', 'verify', payload, '--secret-file', 'missing'],
    ];
    const runs = await Promise.all(refusals.map(([, ...args]) => pow(args)));
    for (const [index, [message]] of refusals.entries()) {
      expect(runs[index]).toMatchObject({ code: 1, stdout: '' });
      expect(runs[index]?.stderr).toContain(message);
    }
  });

  it('stops at its deadline, and on Ctrl-C', async () => {
    const run = await pow(['create', '--difficulty', '1000000000000', ...signed]);
    const late = await pow(['solve', run.stdout, '--deadline-ms', '1500', '--json']);
    expect(late.code).toBe(4);
    expect(JSON.parse(late.stdout)).toMatchObject({ ok: false, error: { code: 'job/expired' } });
    if (process.platform === 'win32') return;
    const cancelled = await interrupted(['pow', 'solve', run.stdout.trimEnd()]);
    expect(cancelled).toMatchObject({ code: 130, stdout: '' });
    const waiting = await interrupted(['pow', 'solve']);
    expect(waiting).toMatchObject({ code: 130, stdout: '' });
  });

  it('refuses what makes no sense, naming the option', async () => {
    const refusals: readonly (readonly [string, ...string[]])[] = [
      ['pow takes create, solve or verify, got none of them'],
      ['pow takes create, solve or verify, got mine', 'mine'],
      ['--difficulty N is needed', 'create', ...signed],
      ['--difficulty must be a whole number from 1', 'create', ...signed, '--difficulty', '0'],
      [
        'difficulty must be at most',
        'create',
        ...signed,
        '--format=altcha-v2',
        '--difficulty=9000000000',
      ],
      [
        '--format must be inos, altcha or altcha-v2',
        'create',
        '--format',
        'hashcash',
        '--difficulty=1',
      ],
      ['--counter-mode must be uint32 or string', 'solve', 'x', '--counter-mode', 'digits'],
      [
        '--counter-mode is for --format altcha-v2, not for altcha',
        'create',
        '--difficulty=1',
        '--format=altcha',
        '--counter-mode=string',
      ],
      ['a secret of 16 letters or more is needed', 'create', '--difficulty', '1'],
      ['--threads isn’t for pow create'.replace('’', "'"), 'create', '--threads', '1'],
      ['--spent isn’t for pow solve'.replace('’', "'"), 'solve', 'x', '--spent', 'y'],
      ['--cpu-share must be above 0 and at most 1', 'solve', 'x', '--cpu-share', '0'],
      ['pow solve takes one text, got y', 'solve', 'x', 'y'],
    ];
    const runs = await Promise.all(refusals.map(([, ...args]) => pow(args)));
    for (const [index, [message]] of refusals.entries()) {
      expect(runs[index]).toMatchObject({ code: 2, stdout: '' });
      expect(runs[index]?.stderr).toContain(message);
    }
  });
});
