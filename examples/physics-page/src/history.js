// The way back: some saved states, from the beginning to now, the farther apart the more steps there were.

const MOST_STATES = 6;

/** Saved states of a world that runs. */
export class History {
  #world;
  #states = new Map();
  #spacing = 16;

  /** @param {import('@inos/physics').World} world as it is at step 0 */
  constructor(world) {
    this.#world = world;
    this.#states.set(0, world.save());
  }

  /** Has the run save a state at each of the steps to come that is to have one. */
  follow(run) {
    const next = (Math.floor(this.#world.poses.step / this.#spacing) + 1) * this.#spacing;
    // The world stands after step `next` when it is about to take the one after it.
    run.at(next + 1, () => {
      this.#keep(next);
      this.follow(run);
    });
  }

  #keep(step) {
    if (!this.#states.has(step)) this.#states.set(step, this.#world.save());
    if (this.#states.size <= MOST_STATES) return;
    this.#spacing *= 2;
    for (const [at, state] of this.#states) {
      if (at % this.#spacing === 0) continue;
      state.dispose();
      this.#states.delete(at);
    }
  }

  /** Makes the world what it was after a step: restores the state before it and takes the steps from there. */
  async goTo(step) {
    const before = [...this.#states.keys()].filter((at) => at <= step);
    const from = Math.max(...before);
    await this.#world.restore(this.#states.get(from));
    await this.#world.step(step - from);
  }
}
