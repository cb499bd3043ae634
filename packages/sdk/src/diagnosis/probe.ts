/**
 * Asks the engine around us what it is and what it has.
 */
import { isShared } from '../memory/safe-sab.js';
import type { Probe } from './features.js';

interface Adapter {
  readonly info?: { readonly vendor?: string; readonly architecture?: string };
}

/** What is asked of a global object; nothing of it is certain to be there. */
interface Surroundings {
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: {
    readonly userAgent?: string;
    readonly gpu?: { requestAdapter(): Promise<Adapter | null> };
  };
  readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> };
}

/** Programs that run JavaScript, as they call themselves in `process.versions`. All name Node as well, so it comes last. */
const PROGRAMS = ['Electron', 'Bun', 'Deno', 'Node'];

/** The engine around us. */
export function engineProbe(hardwareThreads: number): Probe {
  const { crossOriginIsolated, navigator, process } = globalThis as Surroundings;
  const versionOf = (program: string) => process?.versions?.[program.toLowerCase()];
  const program = PROGRAMS.find(versionOf);
  return {
    engine: program ? `${program} ${versionOf(program)}` : (navigator?.userAgent ?? 'unknown'),
    hardwareThreads,
    isIsolated: crossOriginIsolated,
    validate: (module) => typeof WebAssembly !== 'undefined' && WebAssembly.validate(module),
    canShare: () => {
      try {
        return isShared(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);
      } catch {
        return false;
      }
    },
    hasWorkers: program !== undefined || 'Worker' in globalThis,
    hasWaitAsync: 'waitAsync' in Atomics,
    adapter: async () => {
      // An engine may have WebGPU and refuse it, or fail to find a driver: both are a lack.
      const adapter = await navigator?.gpu?.requestAdapter().catch(() => null);
      if (!adapter) return undefined;
      const { vendor, architecture } = adapter.info ?? {};
      return [vendor, architecture].filter(Boolean).join(' ') || 'an adapter without a name';
    },
  };
}
