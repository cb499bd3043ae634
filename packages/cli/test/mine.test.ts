import { createHash } from 'node:crypto';
import { blake3 } from '@noble/hashes/blake3.js';
import { describe, expect, it } from 'vitest';
import { inos, interrupted, program } from './inos.js';
import { fileURLToPath } from 'node:url';

/** Bitcoin's first block without its nonce, its target and its nonce. */
const HEADER =
  '01000000000000000000000000000000000000000000000000000000000000000000' +
  '00003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d00000000';
const TARGET = '00000000ffff'.padEnd(64, '0');
const NONCE = 2083236893;
const BLOCK_HASH = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f';
const NEVER = '1'.padStart(64, '0');
const ALWAYS = 'f'.repeat(64);

const GENESIS = ['mine', '--header', HEADER, '--target', TARGET, '--from', '2083230000'];
const HOPELESS = ['mine', '--header', HEADER, '--target', NEVER, '--json'];

function parse(stdout: string): unknown {
  return JSON.parse(stdout);
}

describe('inos mine', () => {
  it('finds the nonce of Bitcoin’s first block', async () => {
    const run = await inos(GENESIS);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain(`nonce    ${NONCE}  (0x7c2bac1d)`);
    expect(run.stdout).toContain(`reversed ${BLOCK_HASH}`);
    expect(run.stdout).toMatch(/^hashes {3}[\d,]+$/m);
    expect(run.stdout).toMatch(/^charged {2}\d+ micro-credits$/m);
  });

  it('gives the same as data', async () => {
    const run = await inos([...GENESIS, '--to', '0x7c2bac1d', '--threads', '2', '--json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(parse(run.stdout)).toEqual({
      found: true,
      nonce: NONCE,
      digest: Buffer.from(BLOCK_HASH, 'hex').reverse().toString('hex'),
      hashes: expect.any(Number) as number,
      seconds: expect.any(Number) as number,
      chargedMicroCredits: expect.any(Number) as number,
      status: 'done',
    });
  });

  it('finds the same with a GPU’s lane, whether there is a GPU or not', async () => {
    const run = await inos([...GENESIS, '--lanes', 'cpu,gpu', '--json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { nonce, gpu } = parse(run.stdout) as { nonce: number; gpu: Record<string, unknown> };
    expect(nonce).toBe(NONCE);
    expect(gpu).toEqual({
      hashes: expect.any(Number) as number,
      missing: gpu.missing === null ? null : (expect.any(String) as string),
    });
  });

  it('charges 100 and 1 for each started 1,024 hashes', async () => {
    const run = await inos([...GENESIS, '--to', '2083236892', '--json']);
    expect(run.code).toBe(1);
    expect(parse(run.stdout)).toMatchObject({
      found: false,
      nonce: null,
      digest: null,
      hashes: 6893,
      chargedMicroCredits: 107,
      status: 'done',
    });
  });

  it('says when no nonce of the range does', async () => {
    const run = await inos(['mine', '--header', HEADER, '--target', NEVER, '--to', '999']);
    expect(run).toMatchObject({ code: 1, stderr: '' });
    expect(run.stdout).toContain('none from 0 to 999 meets the target');
  });

  it('takes other algorithms, offsets and orders', async () => {
    const header = '00'.repeat(12);
    const args = [
      'mine',
      '--header',
      header,
      '--nonce-offset',
      '4',
      '--from',
      '7',
      '--threads',
      '1',
      '--json',
    ];
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32LE(7, 4);
    const expected = {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      blake3: Buffer.from(blake3(bytes)).toString('hex'),
    };
    for (const [algorithm, digest] of Object.entries(expected)) {
      const run = await inos([...args, '--target', ALWAYS, '--algorithm', algorithm]);
      expect(parse(run.stdout)).toMatchObject({ found: true, nonce: 7, digest, hashes: 1 });
    }
    // At most this digest, read from its other end: another nonce's.
    const target = Buffer.from(expected.sha256, 'hex').reverse().toString('hex');
    const order = ['--algorithm', 'sha256', '--digest-order', 'little-endian'];
    const run = await inos([...args, '--target', target, ...order]);
    expect(parse(run.stdout)).toMatchObject({ nonce: 7, digest: expected.sha256 });
  });

  it('appends digits, and takes prefixes and zero bits', async () => {
    const salt = Buffer.from('salt');
    const of = (nonce: number) => createHash('sha256').update(`salt${nonce}`).digest('hex');
    const args = ['mine', '-a', 'sha256', '--header', salt.toString('hex'), '--json'];
    const digits = [...args, '--nonce-format', 'decimal', '--lanes', 'cpu'];
    const prefix = await inos([...digits, '--prefix', of(4321).slice(0, 8)]);
    expect(parse(prefix.stdout)).toMatchObject({ nonce: 4321, digest: of(4321) });
    const zeros = await inos([...digits, '--zero-bits', '8', '--mode', 'any']);
    const { nonce, digest } = parse(zeros.stdout) as { nonce: number; digest: string };
    expect(digest).toBe(of(nonce));
    expect(digest.startsWith('00')).toBe(true);
    const both = await inos([...digits, '--zero-bits', '8', '--prefix', '00']);
    expect(both).toMatchObject({ code: 2, stdout: '' });
    expect(both.stderr).toContain('--zero-bits and --prefix exclude one another');
    const reversed = await inos([...digits, '--zero-bits', '8', '--digest-order', 'little-endian']);
    expect(reversed).toMatchObject({ code: 2, stdout: '' });
    expect(reversed.stderr).toContain('--digest-order little-endian needs --target');
    const twice = ['mine', '--header', '00'.repeat(8), '--zero-bits', '8', '--json'];
    const bitcoin = parse((await inos(twice)).stdout) as { digest: string };
    expect(bitcoin.digest.startsWith('00')).toBe(true);
  });

  it('stops when its budget is spent', async () => {
    const run = await inos([...HOPELESS, '--budget', '300']);
    expect(run).toMatchObject({ code: 3, stderr: '' });
    expect(parse(run.stdout)).toMatchObject({
      found: false,
      hashes: 200 * 1024,
      chargedMicroCredits: 300,
      status: 'out-of-budget',
      error: { code: 'job/out-of-budget' },
    });
    const none = await inos([...HOPELESS, '--budget', '100']);
    expect(none.code).toBe(3);
    expect(parse(none.stdout)).toMatchObject({
      hashes: 0,
      error: { code: 'job/budget-too-small' },
    });
  });

  it('works for a part of the time', async () => {
    const run = await inos([...HOPELESS, '--cpu-share', '0.000000001', '--deadline-ms', '300']);
    expect(run).toMatchObject({ code: 4, stderr: '' });
    // The first slice, after which it would sleep for weeks.
    const { hashes } = parse(run.stdout) as { hashes: number };
    expect(hashes).toBeLessThanOrEqual(65_536);
  });

  it('stops at its deadline', async () => {
    const run = await inos([...HOPELESS, '--deadline-ms', '100']);
    expect(run).toMatchObject({ code: 4, stderr: '' });
    expect(parse(run.stdout)).toMatchObject({ status: 'expired', error: { code: 'job/expired' } });
  });

  it.skipIf(process.platform === 'win32')('is cancelled by Ctrl-C', async () => {
    const run = await interrupted(HOPELESS);
    expect(run).toMatchObject({ code: 130, stderr: '' });
    expect(parse(run.stdout)).toMatchObject({ found: false, status: 'cancelled' });
  });

  it('refuses what makes no sense, naming the option', async () => {
    const refusals: readonly (readonly [string, ...string[]])[] = [
      ['--header HEX is needed', '--target', TARGET],
      ['--target HEX is needed', '--header', HEADER],
      ['--target must be 64 hexadecimal digits, got 2', '--header', HEADER, '--target', 'ff'],
      ['--header must be hexadecimal digits, got "xyz"', '--header', 'xyz', '--target', TARGET],
      ['--header must be an even number of 8 to 2048', '--header', '000', '--target', TARGET],
      [
        '--from must be a whole number from 0 to 4294967295',
        ...GENESIS.slice(1, 5),
        '--from',
        '-1',
      ],
      ['--to must be a whole number from 5 to', ...GENESIS.slice(1, 5), '--from=5', '--to=4'],
      [
        '--nonce-offset must be a whole number from 0 to 76',
        ...GENESIS.slice(1),
        '--nonce-offset=77',
      ],
      ['--digest-order must be big-endian or little', ...GENESIS.slice(1), '--digest-order=middle'],
      ['--lanes must list some of cpu, gpu, got "tpu"', ...GENESIS.slice(1), '--lanes=tpu'],
      ['--lanes must list some of cpu, gpu, got "cpu,cpu"', ...GENESIS.slice(1), '--lanes=cpu,cpu'],
      ['--cpu-share must be above 0 and at most 1, got "0"', ...GENESIS.slice(1), '--cpu-share=0'],
      ['--cpu-share must be above 0 and', ...GENESIS.slice(1), '--cpu-share=1.01'],
      ['--cpu-share must be above 0 and', ...GENESIS.slice(1), '--cpu-share=half'],
      ['--target must be above zero', '--header', HEADER, '--target', '0'.repeat(64)],
      ['--prefix must be above zero', '--header', HEADER, '--prefix', '0'.repeat(64)],
      ['--zero-bits must be a whole number from 0 to 255', '--header', HEADER, '--zero-bits=256'],
      ['mine takes options only', ...GENESIS.slice(1), 'file'],
    ];
    const runs = await Promise.all(refusals.map(([, ...args]) => inos(['mine', ...args])));
    for (const [index, [message]] of refusals.entries()) {
      expect(runs[index]).toMatchObject({ code: 2, stdout: '' });
      expect(runs[index]?.stderr).toContain(message);
    }
  });

  it.skipIf(process.platform === 'win32')('runs the example of its help', async () => {
    const { stdout } = await inos(['mine', '--help']);
    const lines = stdout.match(/^ {2}\$ [A-Z]=\w+$/gm)?.map((line) => line.slice(4)) ?? [];
    expect(lines).toHaveLength(4);
    const bin = fileURLToPath(new URL('../bin/inos.js', import.meta.url));
    const script = [
      ...lines,
      `"${process.execPath}" "${bin}" mine --header $A$B$C --target $T --from ${NONCE - 9}`,
    ];
    const run = await program('sh', ['-c', script.join('\n')], '.');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain(BLOCK_HASH);
  });
});
