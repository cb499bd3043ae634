/**
 * How a capsule's only thread shares its worker with others. Loaded with what starts threads.
 */
import { capsuleWord, CapsuleStop, CapsuleWords } from '../memory/layout.js';
import type { CapsuleHost } from './capsule-host.js';
import type { ThreadSharing } from './supervisor.js';

/** Tells a capsule's thread to leave when no job waits for it. */
export class Sharing implements ThreadSharing {
  readonly #words: Uint32Array;
  readonly #host: CapsuleHost;
  readonly #stop: number;

  constructor(words: Uint32Array, host: CapsuleHost) {
    this.#words = words;
    this.#host = host;
    this.#stop = capsuleWord(host.index) + CapsuleWords.STOP;
  }

  get isStopping(): boolean {
    return Atomics.load(this.#words, this.#stop) === CapsuleStop.NOW;
  }

  leaveWhenIdle(isWanted: boolean): void {
    const wanted = isWanted ? CapsuleStop.WHEN_IDLE : CapsuleStop.NEVER;
    if (this.isStopping || Atomics.load(this.#words, this.#stop) === wanted) return;
    Atomics.store(this.#words, this.#stop, wanted);
    if (isWanted) this.#host.inboxEpoch.bump();
  }
}
