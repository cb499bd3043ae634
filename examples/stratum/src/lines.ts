/**
 * JSON messages over a socket, one a line, as Stratum V1 has them.
 */
import type { Socket } from 'node:net';

/** A request, a notification or a response. */
export interface Message {
  readonly id?: number | null;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
  readonly error?: unknown;
}

/** No message is as long: more without a line's end is no Stratum. */
const MAXIMUM_LETTERS = 65_536;

/** Calls `onMessage` for each line; a line that is no JSON object, or never ends, ends the connection with an error. */
export function readLines(socket: Socket, onMessage: (message: Message) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (piece: string) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    try {
      if (rest.length > MAXIMUM_LETTERS) throw new Error('a line without an end');
      for (const line of lines) {
        const message: unknown = line.trim() === '' ? undefined : JSON.parse(line);
        if (message === undefined) continue;
        if (typeof message !== 'object' || message === null) throw new Error('no message');
        onMessage(message);
      }
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
}

/** Sends a message. */
export function sendLine(socket: Socket, message: Message): void {
  socket.write(`${JSON.stringify(message)}\n`);
}
