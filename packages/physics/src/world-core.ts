/**
 * What all parts of a world share: its place in the memory, its handles, the order of its jobs.
 */
import type { SafeSAB } from '@inos/sdk';
import { BodyRegistry } from './body-registry.js';
import { physicsError } from './errors.js';
import type { PhysicsMethods } from './methods.js';
import { NewBodies } from './new-bodies.js';
import { Particles } from './particles.js';
import { Poses } from './poses.js';
import type { ThreadShare } from './thread-share.js';
import { WorldQueue } from './world-queue.js';
import type { WorldRegions } from './world-regions.js';
import type { World } from './world.js';

/** Where a world lies, and what it is reached by. */
export interface WorldPlace {
  readonly memory: SafeSAB;
  readonly methods: PhysicsMethods;
  readonly offset: number;
  readonly regions: WorldRegions;
  readonly threads: ThreadShare;
}

/** The part of a world that its other parts stand on. */
export abstract class WorldCore {
  /** Poses, velocities and states of all bodies after the latest step. */
  readonly poses: Poses;
  /**
   * Positions and velocities of all soft bodies' particles after the latest step, if the world was made with a
   * `particleCapacity`.
   */
  readonly particles: Particles | undefined;
  /** The most bodies. */
  readonly capacity: number;
  protected readonly memory: SafeSAB;
  protected readonly methods: PhysicsMethods;
  protected readonly offset: number;
  protected readonly registry = new BodyRegistry();
  protected readonly newBodies: NewBodies;
  protected readonly queue: WorldQueue;
  protected disposing: Promise<void> | undefined;

  protected constructor({ memory, methods, offset, regions, threads }: WorldPlace) {
    this.memory = memory;
    this.methods = methods;
    this.offset = offset;
    const { poses, particles } = regions;
    this.poses = Poses.attach({ buffer: poses.buffer, byteOffset: poses.byteOffset });
    this.newBodies = new NewBodies(this.poses);
    const onSeal = () => this.newBodies.seal();
    this.queue = new WorldQueue({ memory, offset, regions, threads }, onSeal);
    const { buffer, byteOffset, byteLength } = particles;
    this.particles = byteLength === 0 ? undefined : Particles.attach({ buffer, byteOffset });
    this.capacity = this.poses.capacity;
  }

  /** The whole that this is a part of. */
  protected abstract get self(): World;

  protected requireOpen(): void {
    if (this.disposing !== undefined) {
      throw physicsError('physics/unknown-world', 'the world is disposed');
    }
  }
}
