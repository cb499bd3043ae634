// One side of the game. It never waits for the other: it steps with the moves that it knows, and when it hears of
// an earlier one it restores its world from before that step and takes the steps since then again.

/** @typedef {{ step: number, player: number, impulse: [number, number, number] }} Move */

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A player's runtime, world and memory of the latest steps. */
export class Peer {
  #world;
  #players;
  #window;
  #moves = new Map();
  /** The world before each of the latest steps. */
  #states = new Map();
  /** The step from which on the world has to be stepped again. */
  #stale = Infinity;
  rollbacks = 0;
  stepsAgain = 0;

  /**
   * @param {import('@inos/physics').World} world
   * @param {readonly import('@inos/physics').Body[]} players
   * @param {number} window how many steps back news may come from
   */
  constructor(world, players, window) {
    this.#world = world;
    this.#players = players;
    this.#window = window;
  }

  /** Hears of a move, its own or the other's. @param {Move} move */
  hear(move) {
    const moves = this.#moves.get(move.step) ?? [];
    moves.push(move);
    // The order within a step must not depend on which came first.
    moves.sort((one, other) => one.player - other.player);
    this.#moves.set(move.step, moves);
    this.#stale = Math.min(this.#stale, move.step);
  }

  /** Takes step number `step`, and before it those that have to be taken again. */
  async take(step) {
    const from = Math.min(this.#stale, step);
    this.#stale = Infinity;
    if (from < step) {
      this.rollbacks++;
      this.stepsAgain += step - from;
      await this.#world.restore(this.#stateBefore(from));
    }
    for (let at = from; at <= step; at++) {
      this.#states.get(at)?.dispose();
      this.#states.set(at, this.#world.save());
      for (const { player, impulse } of this.#moves.get(at) ?? []) {
        this.#players[player].applyImpulse(impulse);
      }
      await this.#world.step(1);
    }
    this.#forget(step - this.#window);
  }

  /** The digest of the world before step `step`, which no news can change any more. */
  async digestBefore(step) {
    await this.#world.restore(this.#stateBefore(step));
    this.#stale = Math.min(this.#stale, step);
    return hex(await this.#world.digest());
  }

  #stateBefore(step) {
    const state = this.#states.get(step);
    if (state === undefined) throw new Error(`news from step ${step} come too late`);
    return state;
  }

  #forget(step) {
    this.#states.get(step)?.dispose();
    this.#states.delete(step);
    this.#moves.delete(step);
  }
}
