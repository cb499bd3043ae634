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
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/** The engine around us. */
export function engineProbe(hardwareThreads: number): Probe {
  const { crossOriginIsolated, navigator, process } = globalThis as Surroundings;
  const node = process?.versions?.node;
  return {
    engine: node === undefined ? (navigator?.userAgent ?? 'unknown') : `Node ${node}`,
    hardwareThreads,
    isIsolated: crossOriginIsolated,
    validate: (module) => WebAssembly.validate(module),
    canShare: () => {
      try {
        return isShared(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);
      } catch {
        return false;
      }
    },
    hasWorkers: node !== undefined || 'Worker' in globalThis,
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
