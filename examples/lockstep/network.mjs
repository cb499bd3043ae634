// A network that delays each message by a time of its own, so that messages overtake one another; and the dice
// that decide about it, which fall the same way for the same seed.

/** @returns {() => number} numbers from 0 to 1, the same for the same seed */
export function diceFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Carries messages between peers, counted in steps instead of milliseconds. */
export class Network {
  #dice;
  #latency;
  #flying = [];
  #latestSent = -1;
  /** Messages that arrived before one that was sent earlier. */
  overtakings = 0;

  /** @param {() => number} dice @param {number} latency the longest that a message takes, in steps */
  constructor(dice, latency) {
    this.#dice = dice;
    this.#latency = latency;
  }

  /** Sends a message at a step. */
  send(step, to, message) {
    const arrives = step + 1 + Math.floor(this.#dice() * this.#latency);
    this.#flying.push({ sent: step, arrives, to, message });
  }

  /** Delivers what arrives at a step. */
  deliver(step, receive) {
    const arriving = this.#flying.filter(({ arrives }) => arrives <= step);
    this.#flying = this.#flying.filter(({ arrives }) => arrives > step);
    for (const { sent, to, message } of arriving) {
      if (sent < this.#latestSent) this.overtakings++;
      this.#latestSent = Math.max(this.#latestSent, sent);
      receive(to, message);
    }
  }
}
