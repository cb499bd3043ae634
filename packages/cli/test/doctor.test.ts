/** `inos doctor`: what it finds on the machine that runs the tests. */
import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { inos } from './inos.js';

interface Findings {
  readonly canRun: boolean;
  readonly findings: readonly {
    readonly feature: string;
    readonly isAvailable: boolean;
    readonly lack?: { readonly cost: string; readonly cure: string };
  }[];
  readonly tools: readonly { readonly tool: string; readonly version: string | null }[];
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
  expect(found.tools.map(({ tool }) => tool)).toEqual(['rustc', 'cargo']);
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

it('takes no arguments', async () => {
  const run = await inos(['doctor', 'who']);
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toContain('doctor takes no arguments, got who');
});
