/** What an engine offers: this one, and ones that lack something. */
import { diagnose, type FeatureName } from '@inos/sdk';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { examine } from '../../src/diagnosis/diagnosis.js';
import { engineProbe } from '../../src/diagnosis/probe.js';
import type { Probe } from '../../src/diagnosis/features.js';

const ORDER: readonly FeatureName[] = [
  'isolation',
  'threads',
  'simd',
  'waitAsync',
  'cores',
  'webgpu',
  'memory64',
];

describe('this engine', () => {
  it('can run capsules, as it does in the other tests', async () => {
    const { canRun, engine, hardwareThreads, findings } = await diagnose();
    expect(canRun).toBe(true);
    expect(engine).toMatch(/^Node \d+\.|Chrome\/\d+/);
    expect(hardwareThreads).toBeGreaterThanOrEqual(1);
    expect(findings.map(({ feature }) => feature)).toEqual(ORDER);
    for (const { feature, isRequired, isAvailable, lack } of findings) {
      expect(isRequired).toBe(['threads', 'simd'].includes(feature));
      if (isRequired) expect(isAvailable).toBe(true);
      expect(lack === undefined).toBe(isAvailable);
    }
  });

  it('is asked, not assumed', async () => {
    const { findings } = await diagnose();
    const found = new Map(findings.map(({ feature, isAvailable }) => [feature, isAvailable]));
    expect(found.get('waitAsync')).toBe('waitAsync' in Atomics);
    const gpu = (globalThis.navigator as { gpu?: unknown } | undefined)?.gpu;
    if (gpu === undefined) expect(found.get('webgpu')).toBe(false);
    let hasMemory64 = true;
    try {
      // Engines without it know neither the word nor numbers of that type.
      new WebAssembly.Memory({
        address: 'i64',
        initial: 1n,
      } as unknown as WebAssembly.MemoryDescriptor);
    } catch {
      hasMemory64 = false;
    }
    expect(found.get('memory64')).toBe(hasMemory64);
  });
});

describe('the engine around us', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('may have no WebAssembly at all', async () => {
    const probe = engineProbe(1);
    // As browsers have it in their strictest modes.
    vi.stubGlobal('WebAssembly', undefined);
    const { canRun, findings } = await examine(probe);
    expect(canRun).toBe(false);
    const missing = findings.filter(({ lack }) => lack).map(({ feature }) => feature);
    expect(missing).toEqual(expect.arrayContaining(['threads', 'simd', 'memory64']));
  });

  it.each([
    [{ node: '24.1.0' }, 'Node 24.1.0'],
    [{ node: '24.1.0', bun: '1.4.5' }, 'Bun 1.4.5'],
    [{ node: '24.1.0', deno: '2.9.6' }, 'Deno 2.9.6'],
    [{ node: '24.1.0', electron: '38.0.0', chrome: '140.0.0' }, 'Electron 38.0.0'],
  ])('with the versions %o is called %s', (versions, engine) => {
    vi.stubGlobal('process', { versions });
    expect(engineProbe(1).engine).toBe(engine);
  });
});

const COMPLETE: Probe = {
  engine: 'an engine',
  hardwareThreads: 8,
  isIsolated: true,
  validate: () => true,
  canShare: () => true,
  hasWorkers: true,
  hasWaitAsync: true,
  adapter: () => Promise.resolve('vendor model'),
};

describe('an engine', () => {
  it('that has everything lacks nothing', async () => {
    const { canRun, engine, hardwareThreads, findings } = await examine(COMPLETE);
    expect({ canRun, engine, hardwareThreads }).toEqual({
      canRun: true,
      engine: 'an engine',
      hardwareThreads: 8,
    });
    expect(findings.flatMap(({ lack }) => lack ?? [])).toEqual([]);
    expect(findings.find(({ feature }) => feature === 'webgpu')?.detail).toBe('vendor model');
  });

  it.each<readonly [string, Partial<Probe>, readonly FeatureName[], boolean]>([
    ['on a page that is not isolated', { isIsolated: false }, ['isolation'], true],
    ['outside browsers', { isIsolated: undefined }, [], true],
    ['without shared memory', { canShare: () => false }, ['threads'], false],
    ['without workers', { hasWorkers: false }, ['threads'], false],
    ['of long ago', { validate: () => false }, ['threads', 'simd', 'memory64'], false],
    ['without waitAsync', { hasWaitAsync: false }, ['waitAsync'], true],
    ['on one core', { hardwareThreads: 1 }, ['cores'], true],
    ['without a GPU', { adapter: () => Promise.resolve(undefined) }, ['webgpu'], true],
  ])('%s', async (_, probe, missing, canRun) => {
    const diagnosis = await examine({ ...COMPLETE, ...probe });
    expect(diagnosis.canRun).toBe(canRun);
    const lacking = diagnosis.findings.filter(({ lack }) => lack !== undefined);
    expect(lacking.map(({ feature }) => feature)).toEqual(missing);
    for (const { isAvailable, lack } of lacking) {
      expect(isAvailable).toBe(false);
      expect(lack?.cost).not.toBe('');
      expect(lack?.cure).not.toBe('');
    }
  });
});
