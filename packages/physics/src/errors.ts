/**
 * The package's own failures. Their numbers are those of `Error::code` in `crates/inos-physics/src/error.rs`;
 * codes without one never come from the capsule.
 */
import { InosError } from '@inos/sdk';

/** Every code that `@inos/physics` gives besides those of `@inos/sdk`. */
export type PhysicsErrorCode =
  | 'physics/unknown-world'
  | 'physics/world-lost'
  | 'physics/bad-command'
  | 'physics/dead-handle'
  | 'physics/unknown-state'
  | 'physics/capacity'
  | 'physics/out-of-memory'
  | 'physics/poses-region'
  | 'physics/bad-shape'
  | 'physics/bad-query'
  | 'physics/bad-snapshot'
  | 'physics/snapshot-version'
  | 'physics/unstepped'
  | 'physics/no-soft-bodies'
  | 'physics/world-full'
  | 'physics/already-running'
  | 'physics/run-stopped';

/** The codes by the capsule's numbers. */
export const PHYSICS_ERRORS: Readonly<Record<number, PhysicsErrorCode>> = {
  256: 'physics/unknown-world',
  257: 'physics/world-lost',
  258: 'physics/bad-command',
  259: 'physics/dead-handle',
  260: 'physics/unknown-state',
  261: 'physics/capacity',
  262: 'physics/out-of-memory',
  263: 'physics/poses-region',
  264: 'physics/bad-shape',
  265: 'physics/bad-query',
  272: 'physics/bad-snapshot',
  273: 'physics/snapshot-version',
  274: 'physics/unstepped',
  275: 'physics/no-soft-bodies',
};

/** An error of this package that the host makes. */
export function physicsError(
  code: PhysicsErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): InosError {
  return new InosError(code, message, { details });
}
