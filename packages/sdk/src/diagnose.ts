/**
 * `diagnose()`: its code is loaded when it is called.
 */
import { platform } from './capsule/platform.js';
import type { Diagnosis } from './diagnosis/diagnosis.js';

/**
 * Looks at what this engine offers: isolation, threads, SIMD, `Atomics.waitAsync`, cores, WebGPU, 64-bit memory.
 * Each finding that is missing says what that costs and how to cure it.
 *
 * @example
 * ```ts
 * const { canRun, findings } = await diagnose();
 * for (const { feature, lack } of findings) if (lack) console.warn(feature, lack.cost, lack.cure);
 * ```
 */
export async function diagnose(): Promise<Diagnosis> {
  const { engineProbe, examine } = await import('./diagnosis/diagnosis.js');
  return examine(engineProbe(platform().hardwareThreads));
}
