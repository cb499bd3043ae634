/**
 * A web stream that passes bytes through and tells their digest.
 */
import { wrongType, type CapsuleRuntime } from '@inos/sdk';
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
  const hasher = await Hasher.open(methods, runtime, hashFunction, options);
  const passage = new TransformStream<Uint8Array, Uint8Array>();
  const writer = passage.writable.getWriter();
  let settle: { resolve(digest: Uint8Array): void; reject(reason: unknown): void } | undefined;
  const digest = new Promise<Uint8Array>((resolve, reject) => (settle = { resolve, reject }));
  // Who doesn't ask for the digest learns of the failure from the streams.
  digest.catch(() => undefined);
  const fail = async (reason: unknown) => {
    settle?.reject(reason);
    await hasher.dispose();
  };
  // The reader has cancelled: nobody will write or close any more.
  writer.closed.catch(fail);
  const writable = new WritableStream<Uint8Array>({
    async write(piece) {
      try {
        if (!(piece instanceof Uint8Array)) throw wrongType('the piece', 'a Uint8Array', piece);
        await hasher.update(piece);
        await writer.write(piece);
      } catch (error) {
        await fail(error);
        await writer.abort(error).catch(() => undefined);
        throw error;
      }
    },
    async close() {
      try {
        settle?.resolve(await hasher.digest());
      } catch (error) {
        await fail(error);
        await writer.abort(error);
        throw error;
      }
      await writer.close();
    },
    async abort(reason) {
      await fail(reason);
      await writer.abort(reason);
    },
  });
  return { writable, readable: passage.readable, digest };
}
