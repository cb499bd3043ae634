/**
 * The memory of an isolated capsule. The capsule may ruin it, so after a crash it begins anew: its tables are what they
 * were at first, and nothing that was in it is anybody's.
 *
 * It stays the same memory, so that a crash leaves nothing for a garbage collector to find. What the capsule's API still
 * holds of an earlier life is known by its buffer object, a clone that shares the memory's bytes: it is refused wherever a live array is asked for, and its
 * bytes are left alone until it is freed, because somebody may still write there.
 */
import { describe, sdkError } from '../../errors.js';
import { Layout, PageWords } from '../../memory/layout.js';
import {
  viewOver,
  type Region,
  type SharedArray,
  type SharedArrayClass,
  type SharedArrayOf,
} from '../../memory/region.js';
import { SafeSAB, type AllocOptions, type SafeSABOptions } from '../../memory/safe-sab.js';

/** An array that was handed out and not freed. */
interface Held {
  readonly life: number;
  readonly firstPage: number;
  readonly lastPage: number;
}

/** Keeps numbers of different lives apart. */
const LIFE = 2 ** 32;

/** A memory that can begin anew. */
export class OwnSab extends SafeSAB {
  /** In which life arrays have got each buffer object. */
  readonly #lives = new WeakMap<ArrayBufferLike, number>();
  /** What this life's arrays have in place of the memory's own buffer object. */
  #clones = new WeakMap<SharedArrayBuffer, SharedArrayBuffer>();
  /** By life and offset. */
  readonly #held = new Map<number, Held>();

  static override create(options: SafeSABOptions): OwnSab {
    const sab = super.create(options);
    if (sab instanceof OwnSab) return sab;
    throw new TypeError('create() must be called on its class');
  }

  #lifeOf(view: ArrayBufferView): number {
    return (ArrayBuffer.isView(view) ? this.#lives.get(view.buffer) : undefined) ?? this.life;
  }

  /** Gives an array a buffer object of this life, unless it has one of its own. */
  #mark<C extends SharedArrayClass>(type: C, view: SharedArray): SharedArrayOf<C> {
    let { buffer } = view;
    if (buffer === this.buffer) {
      buffer = this.#clones.get(buffer) ?? structuredClone(buffer);
      this.#clones.set(this.buffer, buffer);
    }
    this.#lives.set(buffer, this.life);
    return viewOver(type, buffer, view.byteOffset, view.length);
  }

  override owns(view: ArrayBufferView): boolean {
    return this.#lives.has(view.buffer) || super.owns(view);
  }

  override alloc<C extends SharedArrayClass>(
    type: C,
    length: number,
    options?: AllocOptions,
  ): SharedArrayOf<C> {
    const view = super.alloc(type, length, options);
    const { byteOffset, byteLength } = view;
    const pageOf = (offset: number) => Math.floor(offset / Layout.PAGE_BYTES);
    this.#held.set(this.life * LIFE + byteOffset, {
      life: this.life,
      firstPage: pageOf(byteOffset),
      lastPage: pageOf(byteOffset + Math.max(1, byteLength) - 1),
    });
    return this.#mark(type, view);
  }

  override view<C extends SharedArrayClass>(
    type: C,
    byteOffset: number,
    length: number,
  ): SharedArrayOf<C> {
    return this.#mark(type, super.view(type, byteOffset, length));
  }

  /** As {@link SafeSAB.free}. What went with an earlier life is free already: only its bytes are let go of. */
  override free(view: ArrayBufferView): void {
    const life = this.#lifeOf(view);
    if (life === this.life) super.free(view);
    const key = life * LIFE + view.byteOffset;
    const held = this.#held.get(key);
    this.#held.delete(key);
    if (held === undefined || life === this.life) return;
    const kept = this.#keptPages;
    for (let page = held.firstPage; page <= held.lastPage; page++) {
      if (!kept.has(page)) this.pages.giveBack(page, PageWords.OWNER_SYSTEM);
    }
  }

  override region(view: ArrayBufferView, argument = 'view'): Region {
    if (this.#lifeOf(view) === this.life) return super.region(view, argument);
    const { byteOffset, byteLength } = view;
    const message = `${argument} (${describe(view)}) went with its capsule’s crash`;
    throw sdkError('memory/freed', message, { details: { argument, byteOffset, byteLength } });
  }

  override pin(offset: number): number {
    return this.life * LIFE + super.pin(offset);
  }

  /** As {@link SafeSAB.unpin}. What was pinned in an earlier life isn't any more. */
  override unpin(pin: number): void {
    if (Math.floor(pin / LIFE) === this.life) super.unpin(pin % LIFE);
  }

  /** The pages of arrays of earlier lives. */
  get #keptPages(): ReadonlySet<number> {
    const pages = new Set<number>();
    for (const { life, firstPage, lastPage } of this.#held.values()) {
      if (life === this.life) continue;
      for (let page = firstPage; page <= lastPage; page++) pages.add(page);
    }
    return pages;
  }

  /** Begins the next life. Only while no thread works in the memory. */
  beginAnew(): void {
    this.foundAnew();
    this.#clones = new WeakMap();
    for (const page of this.#keptPages) this.pages.reserve(page);
  }
}
