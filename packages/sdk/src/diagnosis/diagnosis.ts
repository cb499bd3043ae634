/**
 * What the engine around us offers, and what each lack costs. Loaded by the first call of `diagnose()` only.
 */
import { FEATURES, type Probe } from './features.js';

export { engineProbe } from './probe.js';

/** What can be missing. */
export type FeatureName =
  'isolation' | 'threads' | 'simd' | 'waitAsync' | 'cores' | 'webgpu' | 'memory64';

/** What the lack of a feature means. */
export interface Lack {
  /** What doesn't work, or works worse, without it. */
  readonly cost: string;
  /** How to get it. */
  readonly cure: string;
}

/** One feature of the engine. */
export interface Finding {
  readonly feature: FeatureName;
  readonly isAvailable: boolean;
  /** Whether capsules can't run at all without it. */
  readonly isRequired: boolean;
  /** What was looked at, in a few words. */
  readonly detail: string;
  /** What its lack means; only where it is missing. */
  readonly lack?: Lack;
}

/** What {@link diagnose} found. */
export interface Diagnosis {
  /** Whether capsules can run here: nothing that they require is missing. */
  readonly canRun: boolean;
  /** The engine as it names itself. */
  readonly engine: string;
  /** How many threads the machine runs at once. */
  readonly hardwareThreads: number;
  /** Every feature, the required ones first. */
  readonly findings: readonly Finding[];
}

/** Looks at every feature. */
export async function examine(probe: Probe): Promise<Diagnosis> {
  const findings = await Promise.all(
    FEATURES.map(async ({ feature, isRequired, look, lack }): Promise<Finding> => {
      const { isAvailable, detail } = await look(probe);
      const found = { feature, isAvailable, isRequired, detail };
      return isAvailable ? found : { ...found, lack };
    }),
  );
  return {
    canRun: findings.every(({ isAvailable, isRequired }) => isAvailable || !isRequired),
    engine: probe.engine,
    hardwareThreads: probe.hardwareThreads,
    findings,
  };
}
