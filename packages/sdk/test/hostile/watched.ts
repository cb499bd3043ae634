/**
 * Words of shared memory whose reads are seen, from the import of this file on: after each a hook may change any word,
 * as a hostile thread could between two looks, but the same way each time. So whoever reads a word twice and takes it
 * for the same is found without a race. The twin of `crates/inos-sdk/src/watch.rs`.
 */

/** Called after each read of a word. */
export type Hook = (words: Uint32Array, index: number) => void;

/** Accesses after which what ought to be over is taken for endless. */
const ENDLESS = 5_000_000;

/** Somebody reads for ever. */
export class Endless extends Error {}

/** The arrays behind those that are seen. */
const behind = new WeakMap<object, Uint32Array>();
const PlainUint32Array = Uint32Array;
const { load, store } = Atomics;

let hook: Hook | undefined;
let accesses = 0;
let stored: Set<number> | undefined;

function count(): void {
  if (++accesses > ENDLESS) throw new Endless('this never ends');
}

function wasRead(words: Uint32Array, index: number): void {
  if (hook === undefined) return;
  count();
  const run = hook;
  // What the hook itself does is not seen.
  hook = undefined;
  run(words, index);
  hook = run;
}

function wasWritten(words: Uint32Array, index: number): void {
  if (stored === undefined) return;
  count();
  stored.add(words.byteOffset + index * 4);
}

function isIndex(key: string | symbol): key is string {
  return typeof key === 'string' && /^\d+$/.test(key);
}

function seen(words: Uint32Array): Uint32Array {
  const proxy = new Proxy(words, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (isIndex(key)) wasRead(target, Number(key));
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set(target, key, value) {
      if (isIndex(key)) wasWritten(target, Number(key));
      return Reflect.set(target, key, value, target);
    },
  });
  behind.set(proxy, words);
  return proxy;
}

function isOverShared({ buffer }: Uint32Array): boolean {
  return Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
}

type Atomic = (words: Uint32Array, index: number, ...values: number[]) => number;

function see(name: 'load' | 'store' | 'add' | 'sub' | 'and' | 'or' | 'compareExchange'): void {
  const atomic = Reflect.get(Atomics, name) as Atomic;
  const noticed: Atomic = (words, index, ...rest) => {
    const own = behind.get(words);
    if (own === undefined) return atomic(words, index, ...rest);
    if (name !== 'load') wasWritten(own, index);
    const value = atomic(own, index, ...rest);
    if (name !== 'store') wasRead(own, index);
    return value;
  };
  Object.assign(Atomics, { [name]: noticed });
}

for (const name of ['load', 'store', 'add', 'sub', 'and', 'or', 'compareExchange'] as const) {
  see(name);
}
globalThis.Uint32Array = new Proxy(PlainUint32Array, {
  construct(target, given) {
    const words = Reflect.construct(target, given) as Uint32Array;
    return isOverShared(words) ? seen(words) : words;
  },
});

/** Words that nobody sees. */
export function plainWords(buffer: SharedArrayBuffer): Uint32Array {
  return new PlainUint32Array(buffer);
}

/** Runs `work`, calling `after` with each word that it reads. Returns how often it read or wrote words. */
export function watch(after: Hook, work: () => void): number {
  accesses = 0;
  hook = after;
  stored ??= new Set();
  try {
    work();
  } finally {
    hook = undefined;
  }
  return accesses;
}

/** The byte offsets of the words that were written since the last such question. */
export function takeWritten(): Set<number> {
  const taken = stored ?? new Set();
  stored = new Set();
  accesses = 0;
  return taken;
}

/** Writes a word as another thread would. */
export function change(words: Uint32Array, index: number, value: number): void {
  store(behind.get(words) ?? words, index, value);
}

/** A word as it is. */
export function peek(words: Uint32Array, index: number): number {
  return load(behind.get(words) ?? words, index);
}
