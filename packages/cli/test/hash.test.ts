import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { blake3 } from '@noble/hashes/blake3.js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ended, inos, inosOn, interrupted, program, start } from './inos.js';

/** Names that break naive lines: the last five need escapes or care. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  empty: new Uint8Array(0),
  small: Buffer.from('hello'),
  'with spaces': randomBytes(1000),
  'large.bin': randomBytes(9 * 2 ** 20 + 17),
  'näme 文': randomBytes(65),
  '*star': randomBytes(64),
  'back\\slash': randomBytes(63),
  'new\nline': randomBytes(2 ** 17),
  'carriage\rreturn': randomBytes(10),
  '--dashes': randomBytes(11),
};
const names = Object.keys(FILES);
const hasSha256sum = spawnSync('sha256sum', ['--version']).status === 0;

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'inos-hash-'));
  for (const [name, bytes] of Object.entries(FILES)) writeFileSync(join(folder, name), bytes);
  mkdirSync(join(folder, 'directory'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function digests(stdout: string): readonly string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\\/, '').slice(0, 64));
}

function contents(): readonly Uint8Array[] {
  return names.map((name) => FILES[name] ?? new Uint8Array(0));
}

describe('inos hash', () => {
  it('hashes with SHA-256 unless told otherwise, in the order of the arguments', async () => {
    const run = await inos(['hash', '--', ...names], { cwd: folder });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(digests(run.stdout)).toEqual(contents().map(sha256));
  });

  it('hashes with BLAKE3 as @noble/hashes does', async () => {
    const args = ['hash', '--algorithm', 'blake3', '--threads', '2', '--', ...names];
    const run = await inos(args, { cwd: folder });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const expected = contents().map((bytes) => Buffer.from(blake3(bytes)).toString('hex'));
    expect(digests(run.stdout)).toEqual(expected);
  });

  it('hashes with SHA-256 twice', async () => {
    const run = await inos(['hash', '-a', 'sha256d', 'small'], { cwd: folder });
    const once = createHash('sha256').update('hello').digest();
    expect(run.stdout).toBe(`${sha256(once)}  small\n`);
  });

  it.skipIf(!hasSha256sum)('prints lines that sha256sum -c accepts, odd names too', async () => {
    const run = await inos(['hash', '--', ...names], { cwd: folder });
    writeFileSync(join(folder, 'SUMS'), run.stdout);
    const check = await program('sha256sum', ['--strict', '--check', 'SUMS'], folder);
    expect(check).toMatchObject({ code: 0, stderr: '' });
    expect(check.stdout.match(/: OK$/gm)).toHaveLength(names.length);
    const theirs = await program('sha256sum', ['--', ...names], folder);
    expect(run.stdout).toBe(theirs.stdout);
  });

  it('writes what happened to each of its jobs with --trace', async () => {
    const path = join(folder, 'trace.json');
    const run = await inos(['hash', '--trace', path, '--', ...names], { cwd: folder });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as {
      traceEvents: { name: string; ph: string; args?: { job?: number } }[];
    };
    const jobs = traceEvents.filter(({ ph }) => ph === 'b').map(({ args }) => args?.job);
    expect(jobs.length).toBeGreaterThanOrEqual(names.length);
    expect(jobs).toEqual(jobs.map((_, index) => index + 1));
    expect(traceEvents.filter(({ ph }) => ph === 'e')).toHaveLength(jobs.length);
    expect(traceEvents.map(({ name }) => name)).not.toContain('jobs left out');
  });

  it('reads stdin without a file and for -', async () => {
    const input = FILES['large.bin'] ?? '';
    const line = `${createHash('sha256').update(input).digest('hex')}  -\n`;
    expect(await inos(['hash'], { input })).toEqual({ code: 0, stdout: line, stderr: '' });
    const both = await inos(['hash', 'small', '-'], { input, cwd: folder });
    expect(both.stdout).toBe(`${sha256(Buffer.from('hello'))}  small\n${line}`);
    expect((await inos(['hash'])).stdout).toBe(`${sha256(new Uint8Array(0))}  -\n`);
  });

  it('says which files it can’t read and hashes the others', async () => {
    const run = await inos(['hash', 'missing', 'small', 'directory'], { cwd: folder });
    expect(run.code).toBe(1);
    expect(run.stdout).toBe(`${sha256(Buffer.from('hello'))}  small\n`);
    expect(run.stderr).toBe(
      'inos hash: missing: no such file or directory\ninos hash: directory: is a directory\n',
    );
  });

  it('hashes many files with few in flight', async () => {
    const many = Array.from({ length: 150 }, () => 'small');
    const run = await inos(['hash', '--threads', '2', ...many], { cwd: folder });
    expect(run.code).toBe(0);
    expect(run.stdout).toBe(`${sha256(Buffer.from('hello'))}  small\n`.repeat(150));
  });

  it('refuses what makes no sense', async () => {
    const algorithm = await inos(['hash', '-a', 'blake', 'small']);
    expect(algorithm).toMatchObject({ code: 2, stdout: '' });
    expect(algorithm.stderr).toContain(
      '--algorithm must be sha256, sha256d, sha512 or blake3, got "blake"',
    );
    expect(algorithm.stderr).toContain('did you mean blake3?');
    expect((await inos(['hash', '--threads', '0'])).stderr).toContain('from 1 to 128, got "0"');
    expect((await inos(['hash', '-', '-'])).code).toBe(2);
    const unfit = await inos(['hash', '--length', '5', 'small']);
    expect(unfit).toMatchObject({ code: 2, stdout: '' });
    expect(unfit.stderr).toContain('--length needs --algorithm blake3');
    const short = await inos(['hash', '-a', 'blake3', '--keyed', 'small'], { input: 'short' });
    expect(short.code).toBe(2);
    expect(short.stderr).toContain('a key of 32 bytes on stdin, got 5');
  });

  it('checks what it printed, odd names too, and notices what changed', async () => {
    const sums = await inos(['hash', '-a', 'sha512', '--', ...names], { cwd: folder });
    const check = ['hash', '-a', 'sha512', '--check'];
    const good = await inos([...check, '-'], { cwd: folder, input: sums.stdout });
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(good.stdout.match(/: OK$/gm)).toHaveLength(names.length);
    const digit = sums.stdout.startsWith('0') ? '1' : '0';
    const input = `${digit}${sums.stdout.slice(1)}${'00'.repeat(64)}  missing\n`;
    writeFileSync(join(folder, 'CHANGED'), input);
    const bad = await inos([...check, 'CHANGED'], { cwd: folder });
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain('empty: FAILED\n');
    expect(bad.stdout).toContain('missing: FAILED\n');
    expect(bad.stdout.match(/: OK$/gm)).toHaveLength(names.length - 1);
    expect(bad.stderr).toContain('missing: no such file or directory');
    expect(bad.stderr).toContain('2 of the checks failed');
  });

  describe('lists', () => {
    const small = sha256(Buffer.from('hello'));
    const sha512 = createHash('sha512').update('hello').digest('hex');
    const check = (input: string, ...args: readonly string[]) =>
      inos(['hash', '--check', ...args], { cwd: folder, input });

    it('go on after lines that say nothing, and count them', async () => {
      const lines = ['nonsense', `${small}  small`, '# a comment', '', `${small.slice(2)}  small`];
      const run = await check([...lines, `${small}  empty`, ''].join('\n'));
      expect(run).toEqual({
        code: 1,
        stdout: 'small: OK\nempty: FAILED\n',
        stderr:
          'inos hash: stdin: WARNING: 2 lines are improperly formatted\n' +
          'inos hash: 1 of the checks failed\n',
      });
      const one = await check(`nonsense\n${small}  small`);
      expect(one).toEqual({
        code: 0,
        stdout: 'small: OK\n',
        stderr: 'inos hash: stdin: WARNING: 1 line is improperly formatted\n',
      });
    });

    it.each([
      ['nothing', ''],
      ['comments alone', '# nothing\n'],
      ['nonsense alone', 'nonsense\n'],
      ['digests of another length', `${sha512}  small\n`],
      ['a function that it lacks', `MD5 (small) = ${'0'.repeat(32)}\n`],
      ['a digest that isn’t its function’s', `SHA512 (small) = ${small}\n`],
    ])('fail with %s', async (_, input) => {
      expect(await check(input)).toEqual({
        code: 1,
        stdout: '',
        stderr: 'inos hash: stdin: no properly formatted checksum lines found\n',
      });
    });

    it('one after the other, each with its own failures', async () => {
      writeFileSync(join(folder, 'GOOD'), `${small}  small\r\n`);
      writeFileSync(join(folder, 'NONE'), '');
      const run = await inos(['hash', '-c', 'NONE', 'absent', 'GOOD'], { cwd: folder });
      expect(run).toMatchObject({ code: 1, stdout: 'small: OK\n' });
      expect(run.stderr).toBe(
        'inos hash: NONE: no properly formatted checksum lines found\n' +
          'inos hash: absent: no such file or directory\n',
      );
    });

    it('of Windows, whose lines end otherwise', async () => {
      const run = await check(`${small}  small\r\n\r\n${small} *small\r\n`);
      expect(run).toEqual({ code: 0, stdout: 'small: OK\nsmall: OK\n', stderr: '' });
    });

    it('say themselves which function is meant', async () => {
      const other = Buffer.from(blake3(FILES['new\nline'] ?? new Uint8Array(0))).toString('hex');
      const lines = [
        `SHA256 (small) = ${small}`,
        `SHA512 (small) = ${sha512.toUpperCase()}`,
        `\\BLAKE3 (new\\nline) = ${other}`,
      ];
      const run = await check(lines.join('\n'));
      expect(run).toEqual({
        code: 0,
        stdout: 'small: OK\nsmall: OK\n\\new\\nline: OK\n',
        stderr: '',
      });
    });

    it.skipIf(!hasSha256sum)('that sha256sum --tag printed', async () => {
      const theirs = await program('sha256sum', ['--tag', '--', ...names], folder);
      const run = await check(theirs.stdout);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      expect(run.stdout.match(/: OK$/gm)).toHaveLength(names.length);
    });

    it('of BLAKE3 have as many bytes as were asked for', async () => {
      const long = Buffer.from(blake3(Buffer.from('hello'), { dkLen: 50 })).toString('hex');
      const line = `${long}  small\n`;
      expect(await check(line, '-a', 'blake3', '-l', '50')).toMatchObject({ code: 0 });
      expect((await check(line, '-a', 'blake3')).stderr).toContain('no properly formatted');
    });
  });

  it.skipIf(!hasSha256sum)('checks what sha256sum printed', async () => {
    const theirs = await program('sha256sum', ['--', ...names], folder);
    const run = await inos(['hash', '-c'], { cwd: folder, input: theirs.stdout });
    expect(run).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes a key from stdin and gives as many bytes as wanted', async () => {
    const key = randomBytes(32);
    const args = ['hash', '-a', 'blake3', '--keyed', '--length', '100', 'large.bin'];
    const run = await inos(args, { cwd: folder, input: key });
    const bytes = blake3(FILES['large.bin'] ?? key, { key, dkLen: 100 });
    expect(run.stdout).toBe(`${Buffer.from(bytes).toString('hex')}  large.bin\n`);
  });

  it.skipIf(process.platform === 'win32')(
    'ends on Ctrl-C while it waits for stdin or for a pipe',
    { timeout: 120_000 },
    async () => {
      const file = join(folder, 'small');
      for (const args of [[], ['--check', '-'], ['-a', 'blake3', '--keyed', file]]) {
        const run = await interrupted(['hash', ...args]);
        expect(run, args.join(' ')).toEqual({ code: 130, stdout: '', stderr: '' });
      }
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      const child = start(['hash', pipe]);
      // Whether a code or the signal itself says so depends on what it was at.
      const run = ended(child);
      setTimeout(() => child.kill('SIGINT'), 2000);
      expect(await run).toMatchObject({ stdout: '', stderr: '' });
    },
  );

  it('says so when its output can’t be written, or stdin is a folder', async () => {
    const opened = (path: string, flags: string) => {
      const file = openSync(path, flags);
      onTestFinished(() => {
        closeSync(file);
      });
      return file;
    };
    if (existsSync('/dev/full')) {
      const args = ['hash', join(folder, 'small')];
      const run = await inosOn(args, opened(devNull, 'r'), opened('/dev/full', 'w'));
      const stderr = 'inos: the output can’t be written: no space left on device\n';
      expect(run).toEqual({ code: 1, stdout: '', stderr });
    }
    if (process.platform === 'win32') return;
    expect(await inosOn(['hash'], opened(folder, 'r'))).toEqual({
      code: 1,
      stdout: '',
      stderr: 'inos hash: stdin: is a directory\n',
    });
  });

  it('ends quietly when nobody reads its output', async () => {
    const child = start(['hash', ...Array.from({ length: 500 }, () => 'small')], { cwd: folder });
    child.stdout.destroy();
    child.stdin.end();
    expect(await ended(child)).toMatchObject({ code: 141, stderr: '' });
  });
});
