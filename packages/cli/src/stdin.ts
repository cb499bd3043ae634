/**
 * Standard input, read piece by piece: while a read of all of it blocked, nobody would hear Ctrl-C.
 */
import { fstatSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';

/** Its pieces. Waiting for one ends when the signal is aborted. */
export async function* stdinPieces(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  // To Node a folder is an input without bytes.
  if (fstatSync(0).isDirectory()) throw new Error('is a directory');
  for await (const piece of addAbortSignal(signal, process.stdin)) {
    // Without an encoding, stdin gives bytes.
    if (!(piece instanceof Uint8Array)) throw new TypeError('stdin must give bytes');
    yield piece;
  }
}

/** All of it. */
export async function readStdin(signal: AbortSignal): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stdinPieces(signal)) pieces.push(piece);
  return Buffer.concat(pieces);
}
