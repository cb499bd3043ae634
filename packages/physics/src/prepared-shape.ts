/**
 * Shapes that the capsule has made and keeps, for colliders to have.
 */
import type { Handle } from './slots.js';
import type { World } from './world.js';

/** A shape of many numbers, made by {@link World.createShape}. Any number of colliders may have it. */
export class PreparedShape {
  readonly world: World;
  /** Which of the world's shape slots it has. */
  readonly slot: number;
  /** Which of that slot's lives it is. */
  readonly generation: number;
  /** @internal Its life's own number. */
  readonly life: number;

  /** @internal */
  constructor(world: World, { slot, generation, life }: Handle) {
    this.world = world;
    this.slot = slot;
    this.generation = generation;
    this.life = life;
  }

  /** Forgets it. Colliders that have it keep it. Idempotent. */
  dispose(): void {
    this.world.removeShape(this);
  }

  /** As {@link dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
