/**
 * The demo's file: chosen, measured, and read by the system straight into the shared memory.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InosError, type SafeSAB, type SharedArrayOf } from '@inos/sdk';
import { microseconds } from './steps.js';

/** A file that the demo can take. */
export interface DemoFile {
  readonly path: string;
  readonly bytes: number;
}

/** The file's bytes in the shared memory. */
export interface LoadedFile {
  readonly view: SharedArrayOf<Uint8ArrayConstructor>;
  readonly readMicroseconds: number;
}

/** The demo keeps the whole file in one memory, beside stacks and tables. */
const MOST_BYTES = 2 ** 32 - 128 * 2 ** 20;
/** Node reads at most 2 GiB at once. */
const PIECE_BYTES = 2 ** 30;

/** The capsule's own module: a real file that is there wherever the package is. */
function ownModule(): string {
  return fileURLToPath(import.meta.resolve('@inos/mining/mining.wasm'));
}

/**
 * Looks at the file that the user names, or at the default one.
 *
 * @throws Node's own errors if it can't be read, InosError if it is no file or too large
 */
export function chooseFile(named: string | undefined): DemoFile {
  const path = named ?? ownModule();
  const stats = statSync(path);
  if (!stats.isFile()) throw new InosError('demo/not-a-file', `${path} is not a regular file`);
  if (stats.size > MOST_BYTES) {
    const message = `${path} is larger than the memory; inos hash takes files of any size`;
    throw new InosError('demo/file-too-large', message, { details: { bytes: stats.size } });
  }
  return { path, bytes: stats.size };
}

/** How much memory the demo wants for a file: at least the SDK's default. */
export function memoryFor({ bytes }: DemoFile): number {
  return Math.min(2 ** 32, Math.max(2 ** 30, bytes + 128 * 2 ** 20));
}

/**
 * Reads a file into memory allocated for it. The view is the system call's own target: nothing is copied.
 *
 * @throws InosError if the file has become shorter
 */
export function loadFile(memory: SafeSAB, { path, bytes }: DemoFile): LoadedFile {
  const view = memory.alloc(Uint8Array, bytes);
  const startedAt = performance.now();
  const file = openSync(path, 'r');
  try {
    let done = 0;
    while (done < bytes) {
      const read = readSync(file, view, done, Math.min(PIECE_BYTES, bytes - done), done);
      if (read === 0) {
        const message = `${path} changed while it was read: ${fstatSync(file).size} bytes, not ${bytes}`;
        throw new InosError('demo/file-changed', message);
      }
      done += read;
    }
  } finally {
    closeSync(file);
  }
  return { view, readMicroseconds: microseconds(performance.now() - startedAt) };
}
