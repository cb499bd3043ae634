/**
 * Cap'n Proto messages: requests written with as little work as possible, results read safely. This and
 * `generated/` are the only files of the package that name capnp-es.
 */
import { Message, utils, type Struct, type StructCtor } from 'capnp-es';
import { sdkError } from '../errors.js';
import { Job, type Region as RegionStruct } from '../generated/job.js';
import type { Region } from '../memory/region.js';

export type { Struct };

/** The class of a struct of a capsule's schema, as capnp-es generates it. */
export type StructClass<S extends Struct> = StructCtor<S>;

/** Length of the framing before a message's one segment: number of segments less one, length in words. */
export const FRAMING_BYTES = 8;
/** capnp-es counts every pointer it follows against a limit of 64 MiB, also when writing: start afresh in time. */
const USES_OF_A_TEMPLATE = 10_000;

/** An encoded request: framing and segment. */
export interface EncodedRequest {
  /** Bytes it takes in a record, a multiple of 8. */
  readonly byteLength: number;
  /** Writes it into `target` from `offset` on. */
  writeTo(target: Uint8Array, offset: number): void;
}

/**
 * A request for one method. Reusable ones are built once and then only touched: building a message anew takes
 * some 5 µs, touching its fields a fraction of one.
 */
export class RequestTemplate<P extends Struct> implements EncodedRequest {
  readonly #method: number;
  readonly #paramsClass: StructClass<P>;
  readonly #isReusable: boolean;
  #message!: Message;
  #job!: Job;
  #params!: P;
  #seed = 0n;
  #usesLeft = 0;
  #segmentBytes: Uint8Array | undefined;

  /**
   * @param method - the method's number in the capsule's schema
   * @param paramsClass - the struct of its parameters
   * @param isReusable - whether encoding always sets the same fields and allocates nothing of varying size
   */
  constructor(method: number, paramsClass: StructClass<P>, isReusable: boolean) {
    this.#method = method;
    this.#paramsClass = paramsClass;
    this.#isReusable = isReusable;
  }

  /** Whether no message of it was written yet. */
  get isNew(): boolean {
    return !this.#segmentBytes;
  }

  /** The parameters to fill in for the next request. */
  begin(seed: bigint): P {
    if (this.#usesLeft-- === 0 || !this.#isReusable) this.#rebuild();
    if (seed !== this.#seed) this.#job.seed = this.#seed = seed;
    return this.#params;
  }

  #rebuild(): void {
    this.#message = new Message();
    this.#job = this.#message.initRoot(Job);
    this.#job.method = this.#method;
    this.#params = utils.initStructAt(0, this.#paramsClass, this.#job);
    this.#seed = 0n;
    this.#usesLeft = USES_OF_A_TEMPLATE;
  }

  get byteLength(): number {
    return FRAMING_BYTES + this.#message.getSegment(0).byteLength;
  }

  writeTo(target: Uint8Array, offset: number): void {
    const segment = this.#message.getSegment(0);
    if (this.#segmentBytes?.buffer !== segment.buffer)
      this.#segmentBytes = new Uint8Array(segment.buffer);
    const { byteLength } = segment;
    writeFraming(target, offset, byteLength / 8);
    // Byte by byte: for some hundred bytes that is quicker than making a view and copying it.
    for (let index = 0; index < byteLength; index++) {
      target[offset + FRAMING_BYTES + index] = this.#segmentBytes[index] ?? 0;
    }
  }
}

/** The framing of a message of one segment: segments less one, then its length in words. */
function writeFraming(target: Uint8Array, offset: number, words: number): void {
  target.fill(0, offset, offset + FRAMING_BYTES);
  for (let byte = 0; byte < 4; byte++) target[offset + 4 + byte] = words >>> (8 * byte);
}

/** Writes a region into its struct. */
export function writeRegion(target: RegionStruct, region: Region): void {
  target.offset = region.offset;
  target.byteLength = region.byteLength;
  target.elementType = region.elementType;
}

/**
 * Reads a result message from private bytes (a copy: what lies in shared memory could change while it is read). Its
 * framing isn't looked at: results are of one segment, and capnp-es makes room for as many as the framing says.
 *
 * @throws InosError `protocol/bad-result` if it isn't a message
 */
export function readResult<S extends Struct>(
  bytes: Uint8Array<ArrayBuffer>,
  type: StructClass<S>,
): S {
  try {
    return new Message(bytes.subarray(FRAMING_BYTES), false, true).getRoot(type);
  } catch (cause) {
    throw sdkError('protocol/bad-result', 'the capsule left no readable result message', { cause });
  }
}
