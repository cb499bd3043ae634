/**
 * What stands between a thread that ends and native code on it. Dawn, which is the GPU in Node, aborts the whole process
 * when its thread is stopped while it works: its calls into the engine then fail, and it can't throw. So the worker
 * counts here what it works on, in a word that both sides see, and whoever wants to end it closes the gate and waits
 * until that is nothing: then no native code runs, and none begins any more.
 */

/** What the word holds once the gate is closed, beside the count of what is still within. */
const CLOSED = 2 ** 30;

/** The gate, seen from either side. */
export class WorkerGate {
  readonly word: Int32Array<SharedArrayBuffer>;

  /**
   * @param word - the other side's; its own if there is none yet
   */
  constructor(word = new Int32Array(new SharedArrayBuffer(4))) {
    this.word = word;
  }

  /** Goes in, unless it is closed. Each that went in must `leave`. */
  enter(): boolean {
    // It counts before it looks: so whoever closes sees it, or it sees that.
    if (Atomics.add(this.word, 0, 1) < CLOSED) return true;
    this.leave();
    return false;
  }

  /** Goes out. */
  leave(): void {
    Atomics.sub(this.word, 0, 1);
    Atomics.notify(this.word, 0);
  }

  /** Nothing goes in any more. */
  close(): void {
    Atomics.or(this.word, 0, CLOSED);
  }

  /** Blocks the thread until it is closed with nothing in it, or the time is over. Whether nothing is in it. */
  waitEmpty(timeoutMs: number): boolean {
    const endsAt = performance.now() + timeoutMs;
    for (;;) {
      const seen = Atomics.load(this.word, 0);
      if (seen === CLOSED) return true;
      const left = endsAt - performance.now();
      if (left <= 0) return false;
      Atomics.wait(this.word, 0, seen, left);
    }
  }
}
