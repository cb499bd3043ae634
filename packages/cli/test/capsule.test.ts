/** What `inos capsule build` says of folders that hold no capsule. The example capsule is built by it, before any test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { inos } from './inos.js';

const LIBRARY = '[lib]\npath = "lib.rs"\n';
const CDYLIB = `${LIBRARY}crate-type = ["cdylib"]\n`;

/** Has a folder built that holds these lines behind its `[package]`. */
async function build(manifest: string | undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'inos-capsule-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, 'lib.rs'), '');
  if (manifest !== undefined) {
    const head =
      '[package]\nname = "a-capsule"\nversion = "0.1.0"\nedition = "2024"\n[workspace]\n';
    writeFileSync(join(folder, 'Cargo.toml'), head + manifest);
  }
  const { code, stdout, stderr } = await inos(['capsule', 'build', folder, '--json']);
  const { error } = JSON.parse(stdout) as {
    error: { code: string; message: string; fix: readonly string[] };
  };
  expect(stderr).toContain(`${error.message} (${error.code})`);
  for (const line of error.fix) expect(stderr).toContain(`  ${line}\n`);
  return { exitCode: code, ...error };
}

it('a folder without a manifest', async () => {
  expect(await build(undefined)).toMatchObject({ exitCode: 1, code: 'no-manifest', fix: [] });
});

it('a manifest that cargo can’t read', async () => {
  const { exitCode, code, message } = await build('[lib\n');
  expect({ exitCode, code }).toEqual({ exitCode: 1, code: 'not-a-capsule' });
  expect(message).toMatch(/cargo can't read it/);
});

it('a crate that makes no module', async () => {
  expect(await build(LIBRARY)).toMatchObject({
    exitCode: 1,
    code: 'not-a-capsule',
    fix: ['[lib]', 'crate-type = ["cdylib"]'],
  });
});

it.each([
  ['no region', ''],
  ['a region at no page’s start', 'static-offset = 0x1400001\nstatic-bytes = 0x10000'],
  ['a region of one of INOS’s capsules', 'static-offset = 0x400000\nstatic-bytes = 0x10000'],
  ['a region that is too long', 'static-offset = 0x1400000\nstatic-bytes = 0x1000000'],
  ['a region of nothing', 'static-offset = 0x1400000\nstatic-bytes = 0'],
])('%s', async (_, region) => {
  const failure = await build(`${CDYLIB}[package.metadata.inos]\n${region}\n`);
  expect(failure).toMatchObject({ exitCode: 1, code: 'bad-region' });
  expect(failure.message).toContain('from 0x1400000 to 0x2000000, at a multiple of 0x10000');
  expect(failure.fix).toEqual([
    '[package.metadata.inos]',
    'static-offset = 0x1400000',
    'static-bytes = 0x100000',
  ]);
});
