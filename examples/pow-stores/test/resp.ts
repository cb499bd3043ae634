/** As much of Redis as the store needs: a server that speaks its protocol on loopback, and a client. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Calls `onWords` with each complete array of bulk strings. */
function readCommands(socket: Socket, onWords: (words: string[]) => void): void {
  let rest = '';
  socket.setEncoding('latin1').on('data', (piece: string) => {
    rest += piece;
    for (;;) {
      const head = /^\*(\d+)\r\n/.exec(rest);
      if (head === null) return;
      let at = head[0].length;
      const words: string[] = [];
      for (let left = Number(head[1]); left > 0; left--) {
        const size = /^\$(\d+)\r\n/.exec(rest.slice(at));
        if (size === null || rest.length < at + size[0].length + Number(size[1]) + 2) return;
        at += size[0].length;
        words.push(rest.slice(at, at + Number(size[1])));
        at += Number(size[1]) + 2;
      }
      rest = rest.slice(at);
      onWords(words);
    }
  });
}

/** A server that knows `SET key value NX [PXAT milliseconds]` and says so of anything else. */
export class RedisServer {
  /** What is set, and until when. */
  readonly keys = new Map<string, number>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      readCommands(socket, (words) => socket.write(this.#answer(words)));
    });
  }

  #answer([command, key = '', , nx, pxat, time]: readonly string[]): string {
    if (command !== 'SET' || nx !== 'NX' || (pxat !== undefined && pxat !== 'PXAT')) {
      return '-ERR syntax error\r\n';
    }
    const expires = pxat === undefined ? Infinity : Number(time);
    if (Number.isNaN(expires)) return '-ERR value is not an integer or out of range\r\n';
    if ((this.keys.get(key) ?? 0) > Date.now()) return '$-1\r\n';
    if (expires > Date.now()) this.keys.set(key, expires);
    return '+OK\r\n';
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

/** A connection: its answers come in the order of its commands. */
export function redisClient(port: number) {
  const socket = connect({ host: '127.0.0.1', port });
  const waiting: ((line: string) => void)[] = [];
  let rest = '';
  socket.setEncoding('latin1').on('data', (piece: string) => {
    const lines = (rest + piece).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) waiting.shift()?.(line);
  });
  return {
    send: async (words: readonly string[]): Promise<unknown> => {
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      socket.write(`*${words.length}\r\n${parts.join('')}`);
      const line = await new Promise<string>((resolve) => waiting.push(resolve));
      if (line.startsWith('-')) throw new Error(line.slice(1));
      return line === '$-1' ? null : line.slice(1);
    },
    close: () => socket.destroy(),
  };
}
