/**
 * Regions: ranges of the shared memory as a job names them, and the typed arrays that users see them as.
 */
import { ElementType } from '../generated/job.js';

/** A range of the shared memory and what its bytes mean. */
export interface Region {
  /** Byte offset in the shared memory. */
  readonly offset: number;
  readonly byteLength: number;
  readonly elementType: ElementType;
}

/** The typed arrays' classes, as engines name them. */
interface SharedArrays {
  readonly Uint8Array: readonly [Uint8ArrayConstructor, Uint8Array<SharedArrayBuffer>];
  readonly Uint8ClampedArray: readonly [
    Uint8ClampedArrayConstructor,
    Uint8ClampedArray<SharedArrayBuffer>,
  ];
  readonly Int8Array: readonly [Int8ArrayConstructor, Int8Array<SharedArrayBuffer>];
  readonly Uint16Array: readonly [Uint16ArrayConstructor, Uint16Array<SharedArrayBuffer>];
  readonly Int16Array: readonly [Int16ArrayConstructor, Int16Array<SharedArrayBuffer>];
  readonly Uint32Array: readonly [Uint32ArrayConstructor, Uint32Array<SharedArrayBuffer>];
  readonly Int32Array: readonly [Int32ArrayConstructor, Int32Array<SharedArrayBuffer>];
  readonly Float32Array: readonly [Float32ArrayConstructor, Float32Array<SharedArrayBuffer>];
  readonly Float64Array: readonly [Float64ArrayConstructor, Float64Array<SharedArrayBuffer>];
  readonly BigUint64Array: readonly [BigUint64ArrayConstructor, BigUint64Array<SharedArrayBuffer>];
  readonly BigInt64Array: readonly [BigInt64ArrayConstructor, BigInt64Array<SharedArrayBuffer>];
}

/** A typed array over the shared memory. */
export type SharedArray = SharedArrays[keyof SharedArrays][1];

/** A typed array's class, such as `Float32Array`. */
export type SharedArrayClass = SharedArrays[keyof SharedArrays][0];

/** What a typed array's class makes over the shared memory. */
export type SharedArrayOf<C extends SharedArrayClass> = {
  [K in keyof SharedArrays]: C extends SharedArrays[K][0] ? SharedArrays[K][1] : never;
}[keyof SharedArrays];

/** Makes a typed array over a range of shared memory. The caller has checked the range. */
export function viewOver<C extends SharedArrayClass>(
  type: C,
  buffer: SharedArrayBuffer,
  byteOffset: number,
  length: number,
): SharedArrayOf<C> {
  // TypeScript can't see that each class makes the array that SharedArrays says it makes.
  type Make = new (
    buffer: SharedArrayBuffer,
    byteOffset: number,
    length: number,
  ) => SharedArrayOf<C>;
  return new (type as unknown as Make)(buffer, byteOffset, length);
}

/** The number that stands for a view's element type in messages. */
export function elementTypeOf(view: ArrayBufferView): ElementType {
  switch (view.constructor.name) {
    case 'Int8Array':
      return ElementType.INT8;
    case 'Uint16Array':
      return ElementType.UINT16;
    case 'Int16Array':
      return ElementType.INT16;
    case 'Uint32Array':
      return ElementType.UINT32;
    case 'Int32Array':
      return ElementType.INT32;
    case 'Float32Array':
      return ElementType.FLOAT32;
    case 'Float64Array':
      return ElementType.FLOAT64;
    case 'BigUint64Array':
      return ElementType.UINT64;
    case 'BigInt64Array':
      return ElementType.INT64;
    default:
      return ElementType.UINT8;
  }
}
