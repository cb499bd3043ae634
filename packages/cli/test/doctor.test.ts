/** `inos doctor`: what it finds on the machine that runs the tests. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { inos } from './inos.js';

interface Findings {
  readonly canRun: boolean;
  readonly findings: readonly {
    readonly feature: string;
    readonly isAvailable: boolean;
    readonly lack?: { readonly cost: string; readonly cure: string };
  }[];
  readonly tools: readonly {
    readonly tool: string;
    readonly needed: string;
    readonly version: string | null;
    readonly lack?: { readonly reason: string; readonly cure: readonly string[] };
  }[];
}

/** A toolchain's folder, whose programs only say a version. */
function fakeToolchain(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'inos-test-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  mkdirSync(join(folder, 'bin'));
  for (const name of ['rustc', 'cargo']) {
    const file = join(folder, 'bin', name);
    writeFileSync(file, `#!/bin/sh\necho '${name} ${version}'\n`);
    chmodSync(file, 0o755);
  }
  return folder;
}

it('says that capsules can run here, as data', async () => {
  const run = await inos(['doctor', '--json']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const found = JSON.parse(run.stdout) as Findings;
  expect(found).toMatchObject({
    canRun: true,
    engine: `Node ${process.versions.node}`,
    hardwareThreads: availableParallelism(),
    platform: process.platform,
    arch: process.arch,
  });
  const isAvailable = new Map(
    found.findings.map((finding) => [finding.feature, finding.isAvailable]),
  );
  for (const feature of ['isolation', 'threads', 'simd'])
    expect(isAvailable.get(feature)).toBe(true);
  for (const { isAvailable: isThere, lack } of found.findings) {
    expect(lack === undefined).toBe(isThere);
  }
  expect(found.tools.map(({ tool }) => tool)).toEqual(['rust', 'cc', 'capnp']);
});

it('shows each lack with its cost and its cure', async () => {
  const data = JSON.parse((await inos(['doctor', '--json'])).stdout) as Findings;
  const { code, stdout } = await inos(['doctor']);
  expect(code).toBe(0);
  expect(stdout).toContain('capsules can run');
  for (const { feature, lack } of data.findings) {
    expect(stdout).toMatch(new RegExp(`^${lack ? '[–✗]' : '✓'} ${feature} `, 'm'));
    if (lack === undefined) continue;
    expect(stdout).toContain(`costs: ${lack.cost}`);
    expect(stdout).toContain(`cure:  ${lack.cure}`);
  }
});

it.skipIf(process.platform === 'win32').each([
  ['1.95.0', 'is too old'],
  ['1.96.1', 'has no rust-src or no cargo'],
])('ticks no Rust that can’t build capsules: of %s it says that it %s', async (version, lack) => {
  const folder = fakeToolchain(version);
  const env = { ...process.env, INOS_RUST: folder, PATH: join(folder, 'bin') };
  const data = JSON.parse((await inos(['doctor', '--json'], { env })).stdout) as Findings;
  const [rust, linker, capnp] = data.tools;
  const cure = expect.arrayContaining([expect.stringContaining('rust-src')]) as string[];
  expect(rust).toMatchObject({ version: null, lack: { cure } });
  expect(rust?.needed).toBe('Rust 1.96 or newer with rust-src');
  expect(rust?.lack?.reason).toContain(`bin/rustc is rustc ${version}, which ${lack}`);
  for (const tool of [linker, capnp]) expect(tool?.version).toBeNull();
  const { code, stdout } = await inos(['doctor'], { env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^– rust +Rust 1\.96 or newer with rust-src$/m);
  expect(stdout).toContain(rust?.lack?.reason);
  for (const line of rust?.lack?.cure ?? []) expect(stdout).toContain(line);
});

it('takes no arguments', async () => {
  const run = await inos(['doctor', 'who']);
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toContain('doctor takes no arguments, got who');
});
