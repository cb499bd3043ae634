/** The shared memory as a host holds it: what is handed out, what is refused, what comes back. */
import { SafeSAB, type SharedArrayClass } from '@inos/sdk';
import { beforeAll, describe, expect, test } from 'vitest';
import { Layout } from '../../src/memory/layout.js';
import { smallMemory } from '../memories.js';

const CLASSES: readonly SharedArrayClass[] = [
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigUint64Array,
  BigInt64Array,
];

const PAGE = Layout.PAGE_BYTES;
/** What the smallest memory can hand out. */
const ROOM = 64 * 2 ** 20 - Layout.ARENA_OFFSET;

let memory: SafeSAB;
let other: SafeSAB;
beforeAll(() => {
  memory = smallMemory();
  other = smallMemory();
});

/** What a wrong call throws. */
function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const code = (code: string): object =>
  expect.objectContaining({ name: 'InosError', code }) as object;

describe('create', () => {
  test.each([
    ['a string', '64', TypeError],
    ['less than the tables need', 2 ** 25, RangeError],
    ['more than can be addressed', 2 ** 32 + 1, RangeError],
    ['a fraction', 2 ** 27 + 0.5, RangeError],
    ['no number', Number.NaN, RangeError],
  ])('refuses %s, naming the option', (_, maximumBytes, kind) => {
    const error = thrown(() => SafeSAB.create({ maximumBytes: maximumBytes as number }));
    expect(error).toBeInstanceOf(kind);
    expect(String(error)).toContain('memory.maximumBytes');
  });

  test('rounds the maximum down to whole pages', () => {
    expect(SafeSAB.create({ maximumBytes: 2 ** 26 + PAGE + 5 }).maximumBytes).toBe(2 ** 26 + PAGE);
  });

  test('starts with the tables alone', () => {
    expect(memory.byteLength).toBe(Layout.ARENA_OFFSET);
    expect(memory.maximumBytes).toBe(2 ** 26);
  });
});

describe('attach', () => {
  test('gives a second holder of the same bytes', () => {
    const [mine, theirs] = [memory, SafeSAB.attach(memory.memory)];
    const array = mine.alloc(Uint32Array, 4);
    array.set([1, 2, 3, 4]);
    expect([...theirs.view(Uint32Array, array.byteOffset, 4)]).toEqual([1, 2, 3, 4]);
    theirs.free(theirs.view(Uint32Array, array.byteOffset, 4));
    expect(thrown(() => mine.free(array))).toEqual(code('memory/freed'));
    expect(theirs.maximumBytes).toBe(mine.maximumBytes);
  });

  test.each([
    ['is not shared', { initial: 512, maximum: 512 }],
    ['is too small for the tables', { initial: 1, maximum: 1, shared: true }],
    ['has no header', { initial: 512, maximum: 512, shared: true }],
  ])('refuses a memory that %s', (_, descriptor) => {
    const foreign = new WebAssembly.Memory(descriptor);
    expect(thrown(() => SafeSAB.attach(foreign))).toEqual(code('protocol/bad-layout'));
  });

  test('refuses another layout version and says which', () => {
    const strange = smallMemory();
    const version = Layout.HEADER_OFFSET / 4 + 1;
    strange.words[version] = Layout.VERSION + 1;
    const details = { magic: Layout.MAGIC, version: Layout.VERSION + 1 };
    expect(thrown(() => SafeSAB.attach(strange.memory))).toMatchObject({
      code: 'protocol/bad-layout',
      details,
    });
  });
});

describe('alloc', () => {
  test.each(CLASSES)('gives a zeroed %o at a multiple of 64', (type) => {
    const array = memory.alloc(type, 33);
    expect(array).toBeInstanceOf(type);
    expect(array.length).toBe(33);
    expect(array.byteOffset % 64).toBe(0);
    expect(array.byteOffset).toBeGreaterThanOrEqual(Layout.ARENA_OFFSET);
    expect(array.every((element) => Number(element) === 0)).toBe(true);
    memory.free(array);
  });

  test('gives an empty array that can be freed', () => {
    const array = memory.alloc(Float64Array, 0);
    expect(array.length).toBe(0);
    memory.free(array);
    expect(thrown(() => memory.free(array))).toEqual(code('memory/freed'));
  });

  test.each([40, 5000, 3 * PAGE])('%i bytes are zeros again when used again', (bytes) => {
    const first = memory.alloc(Uint8Array, bytes).fill(0xaa);
    const { byteOffset } = first;
    memory.free(first);
    const second = memory.alloc(Uint8Array, bytes);
    expect(second.byteOffset).toBe(byteOffset);
    expect(second.every((byte) => byte === 0)).toBe(true);
    memory.free(second);
  });

  test('leaves old bytes if they do no harm', () => {
    const first = memory.alloc(Uint8Array, 640).fill(0xaa);
    memory.free(first);
    const second = memory.alloc(Uint8Array, 640, { zeroed: false });
    expect(second[0]).toBe(0xaa);
    memory.free(second);
  });

  test.each([
    ['type', TypeError, [undefined, 1]],
    ['type', TypeError, [DataView, 1]],
    ['type', TypeError, ['Uint8Array', 1]],
    ['length', TypeError, [Uint8Array, '1']],
    ['length', TypeError, [Uint8Array, undefined]],
    ['length', TypeError, [Uint8Array, 1n]],
    ['length', RangeError, [Uint8Array, -1]],
    ['length', RangeError, [Uint8Array, 0.5]],
    ['length', RangeError, [Uint8Array, Number.NaN]],
    ['length', RangeError, [Uint8Array, 2 ** 32]],
    ['length', RangeError, [Float64Array, 2 ** 29]],
  ])('refuses a wrong %s with a %o', (argument, kind, args) => {
    const error = thrown(() => memory.alloc(...(args as [typeof Uint8Array, number])));
    expect(error).toBeInstanceOf(kind);
    expect(String(error)).toContain(argument);
  });
});

describe('the maximum', () => {
  test('can be filled to its last byte, and not beyond', () => {
    const full = smallMemory();
    const all = full.alloc(Uint8Array, ROOM);
    expect(full.byteLength).toBe(full.maximumBytes);
    all[ROOM - 1] = 7;
    expect(thrown(() => full.alloc(Uint8Array, 1))).toMatchObject({
      code: 'memory/out-of-memory',
      details: { bytes: PAGE, maximumBytes: 2 ** 26 },
    });
    full.free(all);
    expect(full.alloc(Uint8Array, ROOM)[ROOM - 1]).toBe(0);
  });

  test.each([
    ['when nothing is allocated', 0],
    ['when most is', ROOM / 2],
  ])('refuses what can never fit, %s', (_, allocated) => {
    const small = smallMemory();
    small.alloc(Uint8Array, allocated);
    const error = thrown(() => small.alloc(Uint8Array, ROOM - allocated + PAGE));
    expect(error).toEqual(code('memory/out-of-memory'));
    // A refusal takes nothing with it.
    expect(small.alloc(Uint8Array, ROOM / 4).length).toBe(ROOM / 4);
  });

  test('counts the holes between allocations', () => {
    const small = smallMemory();
    const views = Array.from({ length: 8 }, () => small.alloc(Uint8Array, ROOM / 8));
    for (const index of [1, 2, 5]) small.free(views[index] ?? new Uint8Array());
    expect(thrown(() => small.alloc(Uint8Array, (ROOM / 8) * 3))).toEqual(
      code('memory/out-of-memory'),
    );
    expect(small.alloc(Uint8Array, ROOM / 4).byteOffset).toBe(views[1]?.byteOffset);
    expect(small.alloc(Uint8Array, ROOM / 8).byteOffset).toBe(views[5]?.byteOffset);
  });
});

test('growth leaves old views valid, over the same bytes', () => {
  const small = smallMemory();
  const early = small.alloc(Uint32Array, 16).fill(1);
  const { buffer } = early;
  const late = small.alloc(Uint8Array, ROOM / 2);
  expect(small.buffer.byteLength).toBeGreaterThan(buffer.byteLength);
  const again = small.view(Uint32Array, early.byteOffset, 16);
  expect(again.buffer).not.toBe(buffer);
  again[3] = 77;
  early[4] = 78;
  expect([early[3], again[4]]).toEqual([77, 78]);
  expect([small.owns(early), small.owns(again), small.owns(late)]).toEqual([true, true, true]);
  expect(small.region(early)).toMatchObject({ offset: early.byteOffset, byteLength: 64 });
  small.free(early);
});

describe('view', () => {
  test('shows a part of an allocation', () => {
    const array = memory.alloc(Uint8Array, 100).fill(9);
    expect([...memory.view(Uint16Array, array.byteOffset + 2, 3)]).toEqual([2313, 2313, 2313]);
    memory.free(array);
  });

  test('refuses what is not inside one live allocation', () => {
    const one = memory.alloc(Uint8Array, 64);
    const two = memory.alloc(Uint8Array, 64);
    expect(two.byteOffset).toBe(one.byteOffset + 64);
    const outside: [number, number][] = [
      [one.byteOffset, 65],
      [one.byteOffset - 64, 64],
      [one.byteOffset - 1, 2],
      [two.byteOffset + 64, 1],
      [0, 1],
      [Layout.LEDGER_OFFSET, 8],
      [Layout.ARENA_OFFSET, 1],
      [2 ** 32 - 64, 64],
    ];
    for (const [offset, length] of outside) {
      const error = thrown(() => memory.view(Uint8Array, offset, length));
      expect(error, `${offset}`).toBeInstanceOf(RangeError);
      expect(String(error)).toContain('byteOffset');
    }
    memory.free(one);
    expect(thrown(() => memory.view(Uint8Array, one.byteOffset, 1))).toBeInstanceOf(RangeError);
    memory.free(two);
  });

  test.each([
    ['byteOffset', [Uint32Array, 2, 1]],
    ['byteOffset', [Uint32Array, -4, 1]],
    ['byteOffset', [Uint8Array, 2 ** 32, 1]],
    ['byteOffset', [Uint8Array, '0', 1]],
    ['length', [Uint8Array, 0, -1]],
    ['length', [Uint8Array, 0, 1.5]],
    ['length', [Uint8Array, 0, undefined]],
    ['type', [Array, 0, 1]],
  ])('refuses a wrong %s', (argument, args) => {
    const error = thrown(() => memory.view(...(args as [typeof Uint8Array, number, number])));
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
    expect(String(error)).toContain(argument);
  });
});

describe('region', () => {
  test('names a view’s bytes, also a part’s', () => {
    const array = memory.alloc(Uint32Array, 32);
    const { byteOffset: offset } = array;
    expect(memory.region(array)).toMatchObject({ offset, byteLength: 128 });
    expect(memory.region(array.subarray(4, 8))).toMatchObject({
      offset: offset + 16,
      byteLength: 16,
    });
    const bytes = new DataView(array.buffer, offset + 1, 3);
    expect(memory.region(bytes)).toMatchObject({ offset: offset + 1, byteLength: 3 });
    memory.free(array);
  });

  test('takes an empty part wherever it lies in an allocation, also at its end', () => {
    const array = memory.alloc(Uint8Array, 3 * PAGE);
    for (const at of [0, PAGE, 3 * PAGE]) {
      const region = memory.region(array.subarray(at, at));
      expect(region).toMatchObject({ offset: array.byteOffset + at, byteLength: 0 });
    }
    memory.free(array);
  });

  test.each([
    ['an ordinary array', [1, 2]],
    ['a buffer', new ArrayBuffer(8)],
    ['nothing', undefined],
    ['a view of an ordinary buffer', new Uint8Array(8)],
    ['a view of another shared buffer', new Uint8Array(new SharedArrayBuffer(8))],
  ])('refuses %s, naming the argument', (_, view) => {
    const error = thrown(() => memory.region(view as Uint8Array, 'input'));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(/input must be a .* shared memory/);
  });

  test('refuses a view of another runtime’s memory', () => {
    const array = other.alloc(Uint8Array, 8);
    expect(memory.owns(array)).toBe(false);
    expect(thrown(() => memory.region(array))).toBeInstanceOf(TypeError);
    expect(thrown(() => memory.free(array))).toBeInstanceOf(TypeError);
    other.free(array);
  });

  test('refuses what is freed, also when its bytes live again', () => {
    const array = memory.alloc(Uint8Array, 64);
    memory.free(array);
    const error = thrown(() => memory.region(array, 'data'));
    const details = { argument: 'data', byteOffset: array.byteOffset, byteLength: 64 };
    expect(error).toMatchObject({ code: 'memory/freed', details });
    expect(String(error)).toContain('data (Uint8Array(64))');
    const heir = memory.alloc(Uint8Array, 64);
    expect(heir.byteOffset).toBe(array.byteOffset);
    expect(thrown(() => memory.region(array))).toEqual(code('memory/freed'));
    expect(thrown(() => memory.free(array))).toEqual(code('memory/freed'));
    memory.free(heir);
  });

  test('refuses the tables', () => {
    const ledger = new Uint32Array(memory.buffer, Layout.LEDGER_OFFSET, 4);
    expect(thrown(() => memory.region(ledger))).toEqual(code('memory/freed'));
    expect(thrown(() => memory.free(ledger))).toEqual(code('memory/freed'));
  });
});

describe('free', () => {
  test('takes any view that starts where the allocation starts', () => {
    const array = memory.alloc(Float64Array, 16);
    memory.free(array.subarray(0, 1));
    expect(thrown(() => memory.free(array))).toEqual(code('memory/freed'));
  });

  test.each([64, 2 * PAGE])('refuses a view that starts inside (of %i bytes)', (bytes) => {
    const array = memory.alloc(Uint8Array, bytes);
    for (const part of [array.subarray(1), array.subarray(bytes / 2), array.subarray(bytes - 1)]) {
      expect(thrown(() => memory.free(part))).toEqual(code('memory/freed'));
    }
    expect(memory.region(array).byteLength).toBe(bytes);
    memory.free(array);
  });

  test.each([undefined, null, 5, {}, new Uint8Array(1)])('refuses %o', (view) => {
    const error = thrown(() => memory.free(view as Uint8Array));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain('view');
  });
});

describe('pin', () => {
  test('keeps an allocation until as many unpins', () => {
    const array = memory.alloc(Uint8Array, 3 * PAGE);
    const start = memory.pin(array.byteOffset + 2 * PAGE + 5);
    expect(start).toBe(array.byteOffset);
    memory.pin(array.byteOffset);
    memory.unpin(start);
    expect(thrown(() => memory.free(array))).toEqual(code('memory/in-use'));
    memory.unpin(start);
    memory.unpin(start);
    memory.free(array);
  });
});

describe('scope', () => {
  const isFreed = (view: Uint8Array<SharedArrayBuffer>): boolean => {
    try {
      memory.region(view);
      return false;
    } catch {
      return true;
    }
  };

  test('frees when the work returns', () => {
    const [one, two] = memory.scope((scope) => [
      scope.alloc(Uint8Array, 10),
      scope.alloc(Uint8Array, 100_000, { zeroed: false }),
    ]);
    expect(one && two && isFreed(one) && isFreed(two)).toBe(true);
  });

  test('frees when the work throws', () => {
    let view: Uint8Array<SharedArrayBuffer> | undefined;
    const work = () =>
      memory.scope((scope) => {
        view = scope.alloc(Uint8Array, 10);
        throw new Error('no');
      });
    expect(work).toThrow('no');
    expect(view && isFreed(view)).toBe(true);
  });

  test('frees when a promise is fulfilled, and not before', async () => {
    const view = await memory.scope(async (scope) => {
      const early = scope.alloc(Uint8Array, 10);
      await Promise.resolve();
      expect(isFreed(early)).toBe(false);
      const late = scope.alloc(Uint8Array, 10);
      await Promise.resolve();
      return [early, late];
    });
    expect(view.map(isFreed)).toEqual([true, true]);
  });

  test('frees when a promise is rejected', async () => {
    let view: Uint8Array<SharedArrayBuffer> | undefined;
    const work = memory.scope(async (scope) => {
      view = scope.alloc(Uint8Array, 10);
      await Promise.resolve();
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(view && isFreed(view)).toBe(true);
  });

  test('waits for what is as good as a promise, such as a job', async () => {
    let end = (_: string): void => undefined;
    let view: Uint8Array<SharedArrayBuffer> | undefined;
    const result = memory.scope((scope): PromiseLike<string> => {
      view = scope.alloc(Uint8Array, 10);
      const ended = new Promise<string>((resolve) => (end = resolve));
      return { then: (fulfil, reject) => ended.then(fulfil, reject) };
    });
    expect(view && isFreed(view)).toBe(false);
    end('done');
    expect(await result).toBe('done');
    expect(view && isFreed(view)).toBe(true);
  });

  test('leaves alone what the work freed itself', () => {
    const [one, two] = memory.scope((scope) => {
      const views = [scope.alloc(Uint8Array, 10), scope.alloc(Uint8Array, 10)];
      memory.free(views[0] ?? new Uint8Array());
      return views;
    });
    expect(one && two && isFreed(one) && isFreed(two)).toBe(true);
  });

  test('keeps what a job works on, frees the rest, and says so', () => {
    const views: Uint8Array<SharedArrayBuffer>[] = [];
    const work = () =>
      memory.scope((scope) => {
        for (let count = 0; count < 3; count++) views.push(scope.alloc(Uint8Array, 10));
        memory.pin(views[1]?.byteOffset ?? 0);
      });
    expect(thrown(work)).toEqual(code('memory/in-use'));
    expect(views.map(isFreed)).toEqual([true, false, true]);
    memory.unpin(views[1]?.byteOffset ?? 0);
    memory.free(views[1] ?? new Uint8Array());
  });

  test('a failure of the work is not hidden by what is in use', () => {
    let view: Uint8Array<SharedArrayBuffer> | undefined;
    const work = () =>
      memory.scope((scope) => {
        view = scope.alloc(Uint8Array, 10);
        memory.pin(view.byteOffset);
        throw new Error('first');
      });
    expect(work).toThrow('first');
    memory.unpin(view?.byteOffset ?? 0);
    memory.free(view ?? new Uint8Array());
  });

  test('scopes nest', () => {
    memory.scope((outer) => {
      const kept = outer.alloc(Uint8Array, 10);
      const gone = memory.scope((inner) => inner.alloc(Uint8Array, 10));
      expect([isFreed(kept), isFreed(gone)]).toEqual([false, true]);
    });
  });
});
