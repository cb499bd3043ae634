/**
 * Files whose parts are read where they are needed, in any order.
 */
import { outOfRange, type CapsuleRuntime } from '@inos/sdk';

/** A file that Node has opened: a `FileHandle`. */
export interface OpenFile {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  stat(): Promise<{ readonly size: number }>;
}

/** A file: in Node a path, a file URL or what `open` of `node:fs/promises` gives; anywhere a `Blob` or `File`. */
export type DataFile = string | URL | OpenFile | Blob;

/** A file, opened. */
export interface DataSource {
  readonly size: number;
  /** Fills an array with what lies at a position; says how many bytes there were. */
  read(array: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** Opens what isn't a `Blob`. Only Node can. */
export type OpenPath = (file: Exclude<DataFile, Blob>) => Promise<DataSource>;

function blobSource(blob: Blob, runtime: CapsuleRuntime): DataSource {
  return {
    size: blob.size,
    read: async (array, position) => {
      const part = blob.slice(position, position + array.length);
      const bytes = new Uint8Array(await part.arrayBuffer());
      array.set(bytes);
      runtime.countCopied(bytes.length);
      return bytes.length;
    },
    close: () => Promise.resolve(),
  };
}

/** Whether something may be a file rather than data. */
export function isDataFile(value: unknown): value is DataFile {
  const isObject = typeof value === 'object' && value !== null;
  return typeof value === 'string' || (isObject && !ArrayBuffer.isView(value));
}

/** Opens a file, works with it and closes it. */
export async function withFile<T>(
  file: DataFile,
  runtime: CapsuleRuntime,
  openPath: OpenPath,
  work: (source: DataSource) => Promise<T>,
): Promise<T> {
  const source = file instanceof Blob ? blobSource(file, runtime) : await openPath(file);
  try {
    return await work(source);
  } finally {
    await source.close();
  }
}

/** Fills an array with what lies at a position, all of it. */
export async function readWhole(
  source: DataSource,
  array: Uint8Array,
  position: number,
): Promise<void> {
  let filled = 0;
  while (filled < array.length) {
    const bytes = await source.read(array.subarray(filled), position + filled);
    if (bytes === 0) {
      const expected = `still ${source.size} bytes long`;
      throw outOfRange('data', expected, `a file that ends at ${position + filled}`);
    }
    filled += bytes;
  }
}
