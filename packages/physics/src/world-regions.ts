/**
 * What a world shares with whoever reads it: poses, events, particles. The host takes the memory, and has it as long
 * as the world.
 */
import type { SafeSAB } from '@inos/sdk';
import { eventsBytes } from './events.js';
import { particlesBytes } from './particles.js';
import { posesBytes } from './poses.js';

type Bytes = Uint8Array<SharedArrayBuffer>;

/** For how much there is room. */
export interface RegionSizes {
  readonly capacity: number;
  readonly entries: number;
  readonly particles: number;
}

/** The regions of a world. Those for nothing are empty. */
export class WorldRegions {
  readonly poses: Bytes;
  readonly events: Bytes;
  readonly particles: Bytes;
  readonly #life: number;
  readonly #memory: SafeSAB;
  readonly #taken: Bytes[] = [];

  /** Takes memory, or none if there isn't enough. */
  constructor(memory: SafeSAB, { capacity, entries, particles }: RegionSizes) {
    this.#memory = memory;
    this.#life = memory.life;
    try {
      this.poses = this.#take(posesBytes(capacity));
      this.events = this.#takeFor(entries, eventsBytes);
      this.particles = this.#takeFor(particles, particlesBytes);
    } catch (error) {
      this.free();
      throw error;
    }
  }

  #take(bytes: number): Bytes {
    const region = this.#memory.alloc(Uint8Array, bytes);
    this.#taken.push(region);
    return region;
  }

  #takeFor(count: number, bytesOf: (count: number) => number): Bytes {
    return count === 0 ? this.poses.subarray(0, 0) : this.#take(bytesOf(count));
  }

  /** Whether they went, and the world with them, when an isolated capsule crashed. */
  get areLost(): boolean {
    return this.#memory.life !== this.#life;
  }

  /** Gives the memory back. */
  free(): void {
    for (const region of this.#taken.splice(0)) this.#memory.free(region);
  }
}
