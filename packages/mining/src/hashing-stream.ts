/**
 * A web stream that passes bytes through and tells their digest.
 */
import { wrongType, type CapsuleRuntime } from '@inos/sdk';
import { Allowance } from './allowance.js';
import type { HashFunction } from './blake3.js';
import { Hasher, type HasherMethods, type HasherOptions } from './hasher.js';

/** A pair of streams for `pipeThrough`: what is written comes out unchanged. */
export interface HashingStream {
  readonly writable: WritableStream<Uint8Array>;
  readonly readable: ReadableStream<Uint8Array>;
  /** The digest of all that went through, once the writable side is closed. Rejects if it is aborted. */
  readonly digest: Promise<Uint8Array>;
}

/** Makes a stream that hashes what it passes on. */
export async function createHashingStream(
  methods: HasherMethods,
  runtime: CapsuleRuntime,
  hashFunction: HashFunction,
  options: HasherOptions,
): Promise<HashingStream> {
  const allowance = new Allowance(options);
  const hasher = await Hasher.open(methods, runtime, hashFunction, options);
  const passage = new TransformStream<Uint8Array, Uint8Array>();
  const writer = passage.writable.getWriter();
  let settle: { resolve(digest: Uint8Array): void; reject(reason: unknown): void } | undefined;
  const digest = new Promise<Uint8Array>((resolve, reject) => (settle = { resolve, reject }));
  // Who doesn't ask for the digest learns of the failure from the streams.
  digest.catch(() => undefined);
  let stop: () => void = () => undefined;
  let controller: WritableStreamDefaultController | undefined;
  /** Ends both sides and the hasher. */
  const fail = async (reason: unknown) => {
    stop();
    settle?.reject(reason);
    // Who writes hears of it now, and not with the next piece, which may never come.
    controller?.error(reason);
    await writer.abort(reason).catch(() => undefined);
    await hasher.dispose();
  };
  const writable = new WritableStream<Uint8Array>({
    start(own) {
      controller = own;
    },
    async write(piece) {
      try {
        if (!(piece instanceof Uint8Array)) throw wrongType('the piece', 'a Uint8Array', piece);
        await hasher.update(piece);
        await writer.write(piece);
      } catch (error) {
        await fail(error);
        throw error;
      }
    },
    async close() {
      try {
        settle?.resolve(await hasher.digest());
      } catch (error) {
        await fail(error);
        throw error;
      }
      stop();
      await writer.close();
    },
    abort: fail,
  });
  stop = allowance.whenOver((error) => void fail(error));
  // The reader has cancelled.
  writer.closed.catch(fail);
  return { writable, readable: passage.readable, digest };
}
