/**
 * Saved worlds: tokens for copies that lie in the shared memory.
 */
import type { SafeSAB } from '@inos/sdk';
import { physicsError } from './errors.js';
import type { SavedBodies } from './body-registry.js';
import type { World } from './world.js';

/** Where a copy lies. */
export interface SavedCopy {
  readonly offset: number;
  readonly byteLength: number;
}

/** What a state is made of. */
interface StateParts {
  readonly world: World;
  readonly memory: SafeSAB;
  readonly bodies: SavedBodies;
  readonly copy: Promise<SavedCopy>;
  readonly stepSeconds: number;
}

/**
 * A world as it was when {@link World.save} was called. Give its memory back with `dispose()` or `using`; closing
 * the world does it, too.
 */
export class WorldState {
  /** The world that it is a state of, and the only one that it can be restored to. */
  readonly world: World;
  /** @internal What the host knew of the world's handles. */
  readonly bodies: SavedBodies;
  readonly #memory: SafeSAB;
  readonly #life: number;
  readonly #copy: Promise<SavedCopy>;
  #isDisposed = false;

  /** @internal How long a step was. */
  readonly stepSeconds: number;

  /** @internal */
  constructor({ world, memory, bodies, copy, stepSeconds }: StateParts) {
    this.world = world;
    this.bodies = bodies;
    this.stepSeconds = stepSeconds;
    this.#memory = memory;
    this.#life = memory.life;
    this.#copy = copy;
    // Whoever awaits the state or restores it hears of a failure.
    copy.catch(() => undefined);
  }

  /** Resolves when the copy is made, with how many bytes it takes. */
  get byteLength(): Promise<number> {
    return this.#copy.then(({ byteLength }) => byteLength);
  }

  /** @internal Where the copy lies, for a job that was asked for while the state was live. */
  async offset(): Promise<number> {
    return (await this.#copy).offset;
  }

  /** @internal */
  requireLive(): void {
    if (this.#isDisposed) throw physicsError('physics/unknown-state', 'state is disposed');
  }

  /** Gives its memory back once jobs that were asked for before have ended. Idempotent. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.world.forget(this);
    void this.world.whenIdle().then(() =>
      this.#copy.then(
        ({ offset }) => {
          if (this.#memory.life === this.#life) this.#memory.arena.free(offset);
        },
        () => undefined,
      ),
    );
  }

  /** As {@link dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
