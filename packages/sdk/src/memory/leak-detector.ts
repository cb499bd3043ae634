/**
 * Finds arrays of the shared memory that were dropped without being freed; loaded only when asked for.
 *
 * Views over one buffer can't be told apart by the garbage collector, and an array's subarray may outlive it. So
 * while leaks are looked for each allocation is handed out over a `SharedArrayBuffer` object of its own, a clone that
 * shares the memory's bytes: every view derived from the array keeps that object alive, and nothing else does. When it
 * is collected and the allocation is still live, nobody is left who could free it by a view.
 *
 * It warns and doesn't free: somebody may know the allocation by its offset, in another thread or in a capsule.
 */
import { sdkError, wrongType } from '../errors.js';
import type { SharedArrayClass } from './region.js';
import type { SafeSAB } from './safe-sab.js';

/** An array that was dropped without being freed. */
export interface LeakedArray {
  /** Its class, such as `Float32Array`. */
  readonly elementType: string;
  readonly byteLength: number;
  readonly byteOffset: number;
  /** Where it was allocated: the innermost place outside `@inos/sdk`, such as `load (file:///app/load.js:12:25)`. */
  readonly place: string;
  /** The whole way there, innermost first. */
  readonly stack: string;
  /** All of it for people, with what to do about it. */
  readonly message: string;
}

/** What to do with leaks: `'warn'` on the console, or a function of one's own. */
export type LeakReport = 'warn' | ((leak: LeakedArray) => void);

/** An allocation that somebody may still free. */
interface Watched {
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly elementType: string;
  readonly stack: readonly string[];
  buffer: WeakRef<SharedArrayBuffer>;
  isReported: boolean;
}

/** V8's; other engines' stacks begin at this file. */
type Capture = (target: { stack?: string }, above: unknown) => void;

/** Where the SDK's own files lie. */
const FOLDER = import.meta.url.slice(0, import.meta.url.lastIndexOf('/') + 1);

/** Watches a memory's allocations. */
export class LeakDetector {
  readonly #sab: SafeSAB;
  readonly #buffers: WeakSet<SharedArrayBuffer>;
  readonly #report: (leak: LeakedArray) => void;
  readonly #watched = new Map<number, Watched>();
  readonly #registry = new FinalizationRegistry<Watched>((watched) => {
    this.#collected(watched);
  });

  /**
   * @param buffers - where buffers are entered that the memory shall know as its own
   * @throws TypeError for a report that can't be
   * @throws InosError `runtime/unsupported` where pages can't clone shared memory
   */
  constructor(sab: SafeSAB, buffers: WeakSet<SharedArrayBuffer>, report: LeakReport) {
    if (report !== 'warn' && typeof report !== 'function') {
      throw wrongType('memory.leaks', "'warn' or a function", report);
    }
    this.#sab = sab;
    this.#buffers = buffers;
    this.#report = report === 'warn' ? warn : report;
    this.#clone();
  }

  #clone(): SharedArrayBuffer {
    try {
      const buffer = structuredClone(this.#sab.buffer);
      this.#buffers.add(buffer);
      return buffer;
    } catch (cause) {
      const message = 'memory.leaks needs a page that is cross-origin isolated';
      throw sdkError('runtime/unsupported', message, { cause });
    }
  }

  /** The buffer for an array that was just allocated. */
  watch(byteOffset: number, type: SharedArrayClass, byteLength: number): SharedArrayBuffer {
    this.forget(byteOffset);
    return this.#watch(byteOffset, type, byteLength, 'alloc');
  }

  #watch(
    byteOffset: number,
    { name: elementType }: SharedArrayClass,
    byteLength: number,
    caller: 'alloc' | 'view',
  ): SharedArrayBuffer {
    const buffer = this.#clone();
    const stack = framesAbove(Reflect.get(this.#sab, caller));
    const reference = new WeakRef(buffer);
    const watched = { byteOffset, byteLength, elementType, stack, buffer: reference };
    this.#enter({ ...watched, isReported: false }, buffer);
    return buffer;
  }

  #enter(watched: Watched, buffer: SharedArrayBuffer): void {
    this.#watched.set(watched.byteOffset, watched);
    this.#registry.register(buffer, watched, watched);
  }

  /**
   * The buffer for one more view of a live allocation. One that capsules or other threads allocated is watched from
   * its first view on.
   */
  bufferAt(byteOffset: number, type: SharedArrayClass): SharedArrayBuffer {
    const extent = this.#sab.arena.extent(byteOffset);
    if (extent === undefined) return this.#sab.buffer;
    const watched = this.#watched.get(extent.offset);
    if (watched === undefined) {
      return this.#watch(extent.offset, type, extent.byteLength, 'view');
    }
    const live = watched.buffer.deref();
    if (live !== undefined) return live;
    // Somebody kept the offset and looks again: that is one who can free it.
    this.#registry.unregister(watched);
    const buffer = this.#clone();
    watched.buffer = new WeakRef(buffer);
    this.#enter(watched, buffer);
    return buffer;
  }

  /** Says that an allocation was freed. */
  forget(byteOffset: number): void {
    const watched = this.#watched.get(byteOffset);
    if (watched === undefined) return;
    this.#watched.delete(byteOffset);
    this.#registry.unregister(watched);
  }

  #collected(watched: Watched): void {
    const { byteOffset, byteLength, elementType, stack } = watched;
    const isLive = this.#sab.arena.extent(byteOffset)?.offset === byteOffset;
    // Another thread may have freed it, which nobody has told us.
    if (!isLive) this.forget(byteOffset);
    if (!isLive || watched.isReported) return;
    watched.isReported = true;
    const place = stack.find((frame) => !frame.includes(FOLDER)) ?? stack[0] ?? 'an unknown place';
    const message =
      `INOS: a ${elementType} of ${byteLength.toLocaleString('en')} bytes in the shared memory was dropped ` +
      `without being freed.\n  allocated at ${place}\n` +
      '  Free it (memory.free), or allocate it in a scope (memory.scope), which does so by itself.';
    this.#report({
      elementType,
      byteLength,
      byteOffset,
      place,
      stack: stack.join('\n'),
      message,
    });
  }
}

function warn({ message }: LeakedArray): void {
  console.warn(message);
}

/** The frames above the innermost call of a method, innermost first. */
function framesAbove(method: unknown): readonly string[] {
  const { captureStackTrace } = Error as { captureStackTrace?: Capture };
  const target: { stack?: string } = new Error();
  captureStackTrace?.(target, method);
  const lines = (target.stack ?? '').split('\n').map((line) => line.trim().replace(/^at /, ''));
  return lines.filter((line) => /:\d+:\d+\)?$/.test(line));
}
