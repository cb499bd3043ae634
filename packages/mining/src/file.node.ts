/**
 * Reading files by their paths, in Node: the operating system reads straight into shared memory, so that no
 * byte is copied.
 */
import { open } from 'node:fs/promises';
import { wrongType } from '@inos/sdk';
import type { DataSource, OpenFile, OpenPath } from './data-file.js';
import { Hasher } from './hasher.js';
import type { HashPath } from './mining.js';

/** How many bytes are read at once; two such stages take turns. */
const STAGE_BYTES = 4 * 2 ** 20;

/** Hashes a file, one stage being read while the other is hashed. */
export const hashPath: HashPath = async (methods, runtime, hashFunction, path, options) => {
  const { memory } = runtime;
  const { onProgress, output, ...limits } = options;
  await using file = await open(path);
  const { size } = await file.stat();
  await using hasher = await Hasher.open(methods, runtime, hashFunction, limits);
  const stages = [0, 1].map(() => memory.alloc(Uint8Array, STAGE_BYTES, { zeroed: false }));
  let pending: Promise<void> = Promise.resolve();
  let doneBytes = 0;
  try {
    for (let turn = 0; ; turn++) {
      const stage = stages[turn % 2];
      if (stage === undefined) break;
      const { bytesRead } = await file.read(stage, 0, STAGE_BYTES);
      await pending;
      if (bytesRead === 0) break;
      pending = hasher.update(stage.subarray(0, bytesRead));
      doneBytes += bytesRead;
      onProgress?.(doneBytes, size);
    }
    return await hasher.digest(output);
  } finally {
    await pending.catch(() => undefined);
    for (const stage of stages) memory.free(stage);
  }
};

function requireOpen(file: unknown): OpenFile {
  const { read, stat } = file as Partial<OpenFile>;
  if (typeof read === 'function' && typeof stat === 'function') return file as OpenFile;
  throw wrongType('data', 'a Uint8Array, a path, a URL, a FileHandle or a Blob', file);
}

async function sourceOf(file: OpenFile, close: () => Promise<void>): Promise<DataSource> {
  const { size } = await file.stat();
  return {
    size,
    read: async (array, position) => (await file.read(array, 0, array.length, position)).bytesRead,
    close,
  };
}

/** Opens a file, unless it is already: then its owner closes it. */
export const openPath: OpenPath = async (file) => {
  if (typeof file !== 'string' && !(file instanceof URL)) {
    return sourceOf(requireOpen(file), () => Promise.resolve());
  }
  const handle = await open(file);
  try {
    return await sourceOf(handle, () => handle.close());
  } catch (error) {
    await handle.close();
    throw error;
  }
};
