/**
 * Reading files by their paths, in Node: the operating system reads straight into shared memory, so that no
 * byte is copied.
 */
import type { Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { outOfRange, wrongType, type CapsuleRuntime } from '@inos/sdk';
import { Allowance } from './allowance.js';
import type { DataSource, OpenFile, OpenPath } from './data-file.js';
import { Hasher } from './hasher.js';
import type { HashPath } from './mining.js';

/** How many bytes one read takes at most. */
const PIECE_BYTES = 4 * 2 ** 20;

/** How many reads go on side by side: as many threads read for Node. Two stages of as many pieces take turns. */
const PIECES = 4;

/** Reads until the piece is full or the file ends. */
async function readPiece(file: FileHandle, piece: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < piece.length) {
    const { bytesRead } = await file.read(piece, done, piece.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/** Reads a stage from there on, and returns how many of its first bytes are the file's. */
async function readStage(file: FileHandle, stage: Uint8Array, position: number): Promise<number> {
  const starts = Array.from(
    { length: Math.ceil(stage.length / PIECE_BYTES) },
    (_, index) => index * PIECE_BYTES,
  );
  // All have ended before the stage may be freed, also where one fails.
  const reads = await Promise.allSettled(
    starts.map((start) =>
      readPiece(file, stage.subarray(start, start + PIECE_BYTES), position + start),
    ),
  );
  let bytesRead = 0;
  for (const [index, read] of reads.entries()) {
    if (read.status === 'rejected') throw read.reason;
    // A file that grows meanwhile may have more behind a piece that isn't full.
    if (bytesRead < index * PIECE_BYTES) break;
    bytesRead += read.value;
  }
  return bytesRead;
}

/** Hashes a file, one stage being read while the other is hashed. */
export const hashPath: HashPath = async (methods, runtime, hashFunction, path, options) => {
  const { onProgress, output, ...limits } = options;
  const allowance = new Allowance(limits);
  const hash = async () => {
    await using file = await open(path);
    const status = await file.stat();
    await using hasher = await Hasher.open(methods, runtime, hashFunction, limits);
    const tell = (doneBytes: number) => onProgress?.(doneBytes, status.size);
    await feed(hasher, runtime, { file, status }, tell);
    return await hasher.digest(output);
  };
  // A pipe may keep whoever opens or reads it waiting for ever; what is lent to such a read is freed after it.
  return allowance.wait(hash());
};

async function feed(
  hasher: Hasher,
  { memory }: CapsuleRuntime,
  { file, status }: { readonly file: FileHandle; readonly status: Stats },
  tell: (doneBytes: number) => void,
): Promise<void> {
  // Pipes and devices have no positions, and files of `/proc` no size.
  const hasPositions = status.isFile() && status.size > 0;
  const stageBytes = hasPositions ? Math.min(status.size, PIECES * PIECE_BYTES) : PIECE_BYTES;
  const room = memory.alloc(Uint8Array, 2 * stageBytes, { zeroed: false });
  let pending: Promise<void> = Promise.resolve();
  let doneBytes = 0;
  try {
    for (let start = 0; ; start = stageBytes - start) {
      const stage = room.subarray(start, start + stageBytes);
      const bytesRead = hasPositions
        ? await readStage(file, stage, doneBytes)
        : (await file.read(stage)).bytesRead;
      await pending;
      if (bytesRead === 0) return;
      pending = hasher.update(stage.subarray(0, bytesRead));
      doneBytes += bytesRead;
      tell(doneBytes);
    }
  } finally {
    await pending.catch(() => undefined);
    memory.free(room);
  }
}

function requireOpen(file: unknown): OpenFile {
  const { read, stat } = file as Partial<OpenFile>;
  if (typeof read === 'function' && typeof stat === 'function') return file as OpenFile;
  throw wrongType('data', 'a Uint8Array, a path, a URL, a FileHandle or a Blob', file);
}

async function sourceOf(file: OpenFile, close: () => Promise<void>): Promise<DataSource> {
  const { size } = await file.stat();
  // So say devices and files of `/proc`, too.
  const hasMore = size === 0 && (await file.read(new Uint8Array(1), 0, 1, 0)).bytesRead > 0;
  if (hasMore) throw outOfRange('data', 'a file that knows its size', file);
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
