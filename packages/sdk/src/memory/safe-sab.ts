/**
 * The shared memory as a host holds it: checked views, allocation, freeing, growth.
 *
 * The memory is one shared `WebAssembly.Memory`, which every capsule has as its linear memory. When anybody
 * grows it, older `SharedArrayBuffer` objects stay valid and merely end earlier; views from here on see all.
 */
import {
  describe,
  outOfRange,
  requireInteger,
  requireOptions,
  sdkError,
  wrongType,
} from '../errors.js';
import { Arena } from './arena.js';
import { HeaderWords, headerWord, Layout } from './layout.js';
import type { LeakDetector, LeakReport } from './leak-detector.js';
import { PageTable } from './page-table.js';
import {
  elementTypeOf,
  viewOver,
  type Region,
  type SharedArray,
  type SharedArrayClass,
  type SharedArrayOf,
} from './region.js';

/** Options of {@link SafeSAB.create}. */
export interface SafeSABOptions {
  /**
   * The most the memory may grow to, in bytes: from 64 MiB to 4 GiB, rounded down to whole 64 KiB pages.
   * Only address space is set aside for it.
   * @default 1 GiB
   */
  readonly maximumBytes?: number;
}

/** Options of {@link SafeSAB.alloc}. */
export interface AllocOptions {
  /**
   * Whether the array starts out as zeros. `false` saves a pass over memory that was used before.
   * @default true
   */
  readonly zeroed?: boolean;
}

/** What allocates: the memory itself, or a scope that frees all it allocated when it ends. */
export interface Allocator {
  /** As {@link SafeSAB.alloc}. */
  alloc<C extends SharedArrayClass>(
    type: C,
    length: number,
    options?: AllocOptions,
  ): SharedArrayOf<C>;
}

const ALLOC_OPTIONS = ['zeroed'];
const DEFAULT_MAXIMUM_BYTES = 2 ** 30;
const SMALLEST_MAXIMUM_BYTES = 64 * 2 ** 20;
const LARGEST_MAXIMUM_BYTES = 2 ** 32;

/**
 * One shared memory with checked access.
 *
 * @example
 * ```ts
 * const memory = SafeSAB.create({ maximumBytes: 256 * 2 ** 20 });
 * const samples = memory.alloc(Float32Array, 1024);
 * samples.fill(0.5);
 * memory.free(samples);
 * ```
 */
export class SafeSAB implements Allocator {
  /** The memory that capsules import as `env.memory`. */
  readonly memory: WebAssembly.Memory;
  /** The control words, from offset 0 to the arena: they never move. */
  readonly words: Uint32Array<SharedArrayBuffer>;
  /** The same words, as `Atomics.wait` and `notify` want them. */
  readonly signedWords: Int32Array<SharedArrayBuffer>;
  /** The page table, for supervisors and diagnostics. */
  readonly pages: PageTable;
  /** The allocator below {@link alloc}, in offsets. */
  readonly arena: Arena;
  readonly #buffers = new WeakSet<SharedArrayBuffer>();
  readonly #freed = new WeakSet<ArrayBufferView>();
  readonly #pins = new Map<number, number>();
  readonly #maximumPages: number;
  #life = 1;
  #buffer: SharedArrayBuffer;
  #allWords: Uint32Array;
  #leaks: LeakDetector | undefined;

  protected constructor(memory: WebAssembly.Memory, maximumPages?: number) {
    this.memory = memory;
    this.#buffer = memory.buffer as unknown as SharedArrayBuffer;
    this.#buffers.add(this.#buffer);
    this.#allWords = new Uint32Array(this.#buffer);
    this.words = new Uint32Array(this.#buffer, 0, Layout.ARENA_OFFSET / 4);
    this.signedWords = new Int32Array(this.#buffer, 0, Layout.ARENA_OFFSET / 4);
    this.#maximumPages = maximumPages ?? this.words[headerWord(HeaderWords.MAXIMUM_PAGES)] ?? 0;
    this.pages = new PageTable(memory, this.words);
    this.arena = new Arena(this.pages, this.words, (endBytes) => this.#wordsTo(endBytes));
  }

  /**
   * Makes a memory and writes its header.
   *
   * @throws TypeError, RangeError if `maximumBytes` isn't a number in range
   * @throws InosError `runtime/unsupported` without shared memory, `memory/out-of-memory` if the engine refuses
   */
  static create(options: SafeSABOptions = {}): SafeSAB {
    const maximumBytes = requireInteger(
      'memory.maximumBytes',
      requireOptions('memory', options, ['maximumBytes']).maximumBytes ?? DEFAULT_MAXIMUM_BYTES,
      SMALLEST_MAXIMUM_BYTES,
      LARGEST_MAXIMUM_BYTES,
    );
    if (typeof WebAssembly === 'undefined' || typeof Atomics === 'undefined') {
      throw sdkError('runtime/unsupported', 'this engine has no WebAssembly with shared memory');
    }
    const maximum = Math.floor(maximumBytes / Layout.PAGE_BYTES);
    const initial = Layout.ARENA_OFFSET / Layout.PAGE_BYTES;
    let memory: WebAssembly.Memory;
    try {
      memory = new WebAssembly.Memory({ initial, maximum, shared: true });
    } catch (cause) {
      const message = `the engine refused a shared memory of at most ${maximumBytes} bytes`;
      throw sdkError('memory/out-of-memory', message, { details: { maximumBytes }, cause });
    }
    const sab = new this(memory, maximum);
    sab.#found();
    return sab;
  }

  /** Writes the tables' first words. All pages that there are may hold old bytes. */
  #found(): void {
    // Nobody's, where there is one: to a capsule, one past its end would be address 0.
    this.pages.reserve(Layout.MAXIMUM_PAGES - 1);
    const { pages } = this.pages;
    const header = (word: number, value: number) =>
      Atomics.store(this.words, headerWord(word), value);
    header(HeaderWords.VERSION, Layout.VERSION);
    header(HeaderWords.MAXIMUM_PAGES, this.#maximumPages);
    header(HeaderWords.MEMORY_PAGES, pages);
    header(HeaderWords.TOUCHED_PAGES, pages);
    header(HeaderWords.MAGIC, Layout.MAGIC);
  }

  /**
   * Begins the memory's next life: the tables are what they were at first, and nobody has anything in it. Only while no
   * thread works there.
   */
  protected foundAnew(): void {
    this.words.fill(0, 0, Layout.STATIC_OFFSET / 4);
    this.#pins.clear();
    this.arena.forget();
    this.#found();
    this.#life++;
  }

  /**
   * Which of its lives the memory is in. That of an isolated capsule begins a new one after each crash: what was noted
   * of it before, such as offsets, means nothing then. Any other has one.
   */
  get life(): number {
    return this.#life;
  }

  /**
   * A second holder of a memory that {@link create} made, for instance in another worker.
   *
   * @throws InosError `protocol/bad-layout` if it isn't such a memory or has another layout version
   */
  static attach(memory: WebAssembly.Memory): SafeSAB {
    const { buffer } = memory;
    if (!isShared(buffer) || buffer.byteLength < Layout.ARENA_OFFSET) {
      throw sdkError('protocol/bad-layout', 'memory must be shared and hold the tables of INOS');
    }
    const sab = new SafeSAB(memory);
    const magic = sab.words[headerWord(HeaderWords.MAGIC)];
    const version = sab.words[headerWord(HeaderWords.VERSION)];
    if (magic !== Layout.MAGIC || version !== Layout.VERSION) {
      const details = { magic, version, expectedVersion: Layout.VERSION };
      throw sdkError('protocol/bad-layout', 'memory has no header of this layout version', {
        details,
      });
    }
    return sab;
  }

  /** The whole memory as it is now. */
  get buffer(): SharedArrayBuffer {
    this.#refresh();
    return this.#buffer;
  }

  /** Looks whether anybody has grown the memory. */
  #refresh(): void {
    const buffer = this.memory.buffer as unknown as SharedArrayBuffer;
    if (buffer === this.#buffer) return;
    this.#buffer = buffer;
    this.#buffers.add(buffer);
    this.#allWords = new Uint32Array(buffer);
  }

  /** How many bytes the memory has now. */
  get byteLength(): number {
    return this.buffer.byteLength;
  }

  /** How many bytes it may grow to. */
  get maximumBytes(): number {
    return this.#maximumPages * Layout.PAGE_BYTES;
  }

  /** The words of the memory, as it is now if it was shorter than `endBytes` when somebody last looked. */
  #wordsTo(endBytes: number): Uint32Array {
    if (this.#allWords.byteLength < endBytes) this.#refresh();
    return this.#allWords;
  }

  /**
   * Allocates a typed array in the shared memory, at a multiple of 64 bytes.
   *
   * @param type - the array's class, such as `Float32Array`
   * @param length - how many elements
   * @throws TypeError, RangeError for a class or length that can't be
   * @throws InosError `memory/out-of-memory`
   */
  alloc<C extends SharedArrayClass>(
    type: C,
    length: number,
    options: AllocOptions = {},
  ): SharedArrayOf<C> {
    const { zeroed } = requireOptions('options', options, ALLOC_OPTIONS);
    const size = elementBytes(type);
    requireInteger('length', length, 0, Math.floor((LARGEST_MAXIMUM_BYTES - 1) / size));
    const { offset, byteLength, dirtyBytes } = this.arena.alloc(length * size);
    const dirty = Math.min(dirtyBytes, byteLength, length * size);
    if (zeroed !== false && dirty > 0) new Uint8Array(this.buffer, offset, dirty).fill(0);
    const buffer = this.#leaks?.watch(offset, type, length * size) ?? this.buffer;
    return viewOver(type, buffer, offset, length);
  }

  /**
   * Reports arrays that from now on are allocated here and dropped without being freed, some time after the garbage
   * collector finds them. It costs some microseconds per allocation and frees nothing. `undefined` ends it.
   *
   * @throws TypeError for a report that is neither `'warn'` nor a function
   * @throws InosError `runtime/unsupported` in a page that isn't cross-origin isolated
   */
  async detectLeaks(report?: LeakReport): Promise<void> {
    this.#leaks =
      report && new (await import('./leak-detector.js')).LeakDetector(this, this.#buffers, report);
  }

  /**
   * Frees an array that {@link alloc} gave, or any view that starts where it starts.
   *
   * @throws TypeError if it isn't a view over this memory
   * @throws InosError `memory/freed` if it was freed before, `memory/in-use` while a job works on it
   */
  free(view: ArrayBufferView): void {
    const { offset } = this.region(view, 'view');
    if (this.#pins.has(offset)) throw inUseError(view);
    if (!this.arena.free(offset)) throw freedError('view', view);
    this.#freed.add(view);
    this.#leaks?.forget(offset);
  }

  /**
   * Runs `work` with an allocator whose allocations are freed when it ends, however it ends. Those that `work`
   * freed itself stay freed.
   *
   * @returns what `work` returns; a promise if that is one or a job, and then the freeing waits for it
   * @throws InosError `memory/in-use` if a job that hasn't ended works on one of them; the others are freed
   */
  scope<T>(work: (scope: Allocator) => PromiseLike<T>): Promise<T>;
  scope<T>(work: (scope: Allocator) => T): T;
  scope<T>(work: (scope: Allocator) => T | PromiseLike<T>): T | Promise<T> {
    const views: SharedArray[] = [];
    const end = () => {
      const used = this.#freeUnused(views.splice(0));
      if (used) throw inUseError(used);
    };
    const alloc: Allocator['alloc'] = (type, length, options) => {
      const view = this.alloc(type, length, options);
      views.push(view);
      return view;
    };
    let result: T | PromiseLike<T>;
    try {
      result = work({ alloc });
    } catch (error) {
      this.#freeUnused(views.splice(0));
      throw error;
    }
    if (isPromise(result)) return Promise.resolve(result).finally(end);
    end();
    return result;
  }

  /** Frees those of the views that are live and that no job works on. Returns one that is worked on, if any is. */
  #freeUnused(views: readonly SharedArray[]): SharedArray | undefined {
    const live = views.filter((view) => !this.#freed.has(view));
    for (const view of live) if (!this.#pins.has(view.byteOffset)) this.free(view);
    return live.find((view) => this.#pins.has(view.byteOffset));
  }

  /**
   * A typed array over a range of the memory.
   *
   * @throws RangeError if the range isn't inside one live allocation or isn't aligned to the element size
   */
  view<C extends SharedArrayClass>(type: C, byteOffset: number, length: number): SharedArrayOf<C> {
    const size = elementBytes(type);
    requireInteger('byteOffset', byteOffset, 0, LARGEST_MAXIMUM_BYTES - 1);
    requireInteger('length', length, 0, Math.floor((LARGEST_MAXIMUM_BYTES - 1) / size));
    if (byteOffset % size !== 0) {
      throw outOfRange(
        'byteOffset',
        `a multiple of ${size}, the size of ${type.name}'s elements`,
        byteOffset,
      );
    }
    if (!this.arena.contains(byteOffset, length * size)) {
      throw outOfRange('byteOffset and length', 'inside one live allocation', byteOffset);
    }
    return viewOver(
      type,
      this.#leaks?.bufferAt(byteOffset, type) ?? this.buffer,
      byteOffset,
      length,
    );
  }

  /** Whether a view lies over this memory, freed or not. */
  owns(view: ArrayBufferView): boolean {
    const buffer = view.buffer as SharedArrayBuffer;
    return this.#buffers.has(buffer) || buffer === this.buffer;
  }

  /**
   * The region that a view covers, checked to be live.
   *
   * @param argument - how to name the view in errors
   * @throws TypeError if it isn't a view over this memory
   * @throws InosError `memory/freed` if it isn't inside a live allocation
   */
  region(view: ArrayBufferView, argument = 'view'): Region {
    if (!ArrayBuffer.isView(view)) {
      throw wrongType(argument, 'a typed array over the shared memory', view);
    }
    if (!this.owns(view)) throw wrongType(argument, 'a view over this shared memory', view);
    const { byteOffset: offset, byteLength } = view;
    // What is empty may also lie right behind an allocation: its last byte is what must be live.
    const isLive =
      this.arena.contains(offset, byteLength) ||
      (byteLength === 0 && this.arena.contains(offset - 1, 1));
    if (this.#freed.has(view) || !isLive) throw freedError(argument, view);
    return { offset, byteLength, elementType: elementTypeOf(view) };
  }

  /** Keeps the allocation around an offset from being freed until {@link unpin}. Returns its start. */
  pin(offset: number): number {
    const start = this.arena.extent(offset)?.offset ?? offset;
    this.#pins.set(start, (this.#pins.get(start) ?? 0) + 1);
    return start;
  }

  /** Takes back one {@link pin} of the allocation that starts at `start`. */
  unpin(start: number): void {
    const pins = this.#pins.get(start) ?? 0;
    if (pins > 1) this.#pins.set(start, pins - 1);
    else this.#pins.delete(start);
  }
}

/** Jobs are no promises, only as good as one. */
function isPromise<T>(result: T | PromiseLike<T>): result is PromiseLike<T> {
  if (typeof result !== 'object' || result === null) return false;
  return 'then' in result && typeof result.then === 'function';
}

/** Whether a buffer is shared. Pages that aren't cross-origin isolated have such buffers, but not their class. */
export function isShared(buffer: ArrayBufferLike): boolean {
  return Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
}

function elementBytes(type: { readonly BYTES_PER_ELEMENT?: unknown } | undefined): number {
  const size = type?.BYTES_PER_ELEMENT;
  if (typeof size !== 'number')
    throw wrongType('type', 'a typed array class, such as Float32Array', type);
  return size;
}

function inUseError(view: ArrayBufferView) {
  return sdkError('memory/in-use', `view (${describe(view)}) belongs to a job that hasn't ended`);
}

function freedError(argument: string, view: ArrayBufferView) {
  return sdkError(
    'memory/freed',
    `${argument} (${describe(view)}) is not inside a live allocation: it was freed, or never allocated`,
    { details: { argument, byteOffset: view.byteOffset, byteLength: view.byteLength } },
  );
}
