/**
 * The capsule, and the API that users hold.
 */
import {
  createStandalone,
  defineCapsule,
  STATIC_REGIONS,
  type CapsuleHandle,
  type CapsuleOptions,
  type Standalone,
  type StandaloneOptions,
} from '@inos/sdk';
import { requireOptions } from '@inos/sdk/errors';
import { PHYSICS_ERRORS } from './errors.js';
import { methods } from './methods.js';
import { requireBoolean } from './numbers.js';
import { softWasm, wasm } from './wasm.js';
import { World } from './world.js';
import type { RestoreOptions, WorldOptions } from './world-options.js';

/** Options of the physics capsule. */
export interface PhysicsOptions extends CapsuleOptions {
  /**
   * Whether its worlds can have soft bodies. Their code is a sixth of all: without them less is downloaded and compiled,
   * and all else comes to the same bits. `wasm`, if given, decides instead.
   * @default false
   */
  readonly softBodies?: boolean;
}

/** Rigid-body physics. */
export interface Physics {
  /**
   * Makes an empty world.
   *
   * @throws InosError `runtime/unsupported` in pages that aren't cross-origin isolated
   */
  createWorld(options?: WorldOptions): Promise<World>;
  /**
   * Makes the world of a snapshot that {@link World.takeSnapshot} made, here or elsewhere. It goes on to the same
   * digests as the original, and its handles have the same slots: see {@link World.bodyAt}.
   *
   * @throws InosError `physics/bad-snapshot` for bytes that are damaged, cut off or no snapshot
   * @throws InosError `physics/snapshot-version` for a snapshot of another version
   * @throws InosError `physics/no-soft-bodies` for one with soft bodies, unless {@link PhysicsOptions.softBodies}
   * @throws InosError `runtime/unsupported` in pages that aren't cross-origin isolated
   */
  restoreSnapshot(snapshot: Uint8Array, options?: RestoreOptions): Promise<World>;
  /** Starts the capsule's threads now rather than with its first job. */
  start(): Promise<void>;
}

const capsule = defineCapsule({
  name: 'physics',
  wasm,
  staticOffset: STATIC_REGIONS.physics.offset,
  staticBytes: STATIC_REGIONS.physics.bytes,
  // Longer than any step that is of use: a world at work when another crashes finishes its step and is whole.
  graceMs: 2000,
  methods,
  errors: PHYSICS_ERRORS,
  api: (callable, runtime): Physics => ({
    createWorld: (options = {}) => World.create(callable, runtime, options),
    restoreSnapshot: (snapshot, options = {}) =>
      World.restoreSnapshot(callable, runtime, snapshot, options),
    start: () => runtime.start(),
  }),
});

/**
 * The physics capsule, for `createInos({ capsules: { physics: physics() } })`. Worlds share its threads.
 *
 * @throws TypeError naming an option that is wrong
 */
export function physics(options: PhysicsOptions = {}): CapsuleHandle<Physics> {
  requireOptions('options', options);
  const { softBodies = false, ...rest } = options;
  if (!requireBoolean('softBodies', softBodies)) return capsule(rest);
  return capsule({ ...rest, wasm: rest.wasm ?? softWasm });
}

/**
 * The physics capsule with a runtime of its own.
 *
 * @example
 * ```ts
 * await using physics = await createPhysics();
 * const world = await physics.createWorld({ gravity: [0, -9.81, 0] });
 * world.createBody({ type: 'dynamic', position: [0, 5, 0], colliders: [{ shape: 'ball', radius: 0.5 }] });
 * await world.step(60);
 * ```
 */
export function createPhysics(
  options: PhysicsOptions & StandaloneOptions = {},
): Promise<Standalone<Physics>> {
  return createStandalone(physics(options), options);
}
