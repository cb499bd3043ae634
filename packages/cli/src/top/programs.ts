/**
 * Programs that tell their runtimes' counters: found by their sockets, asked over them.
 */
import { readdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Snapshot } from '@inos/sdk';

/** Where programs that are started with `INOS_TOP=1` put their sockets. */
export function defaultFolder(): string {
  return join(tmpdir(), `inos-${userInfo().username}`);
}

/** One runtime of a program. */
export class Program {
  readonly pid: number;
  /** Where its socket lies. */
  readonly path: string;
  #socket: Socket | undefined;

  constructor(pid: number, path: string) {
    this.pid = pid;
    this.path = path;
  }

  /** What it has counted; `gone`, or `silent` if it doesn't answer in time: its main thread may be busy. */
  async ask(patienceMs: number): Promise<Snapshot | 'gone' | 'silent'> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<'silent'>((resolve) => {
      timer = setTimeout(resolve, patienceMs, 'silent');
    });
    const answer = await Promise.race([this.#answer(), silence]);
    clearTimeout(timer);
    // An answer that comes too late would be taken for the next one.
    if (answer === 'silent') this.close();
    return answer;
  }

  async #answer(): Promise<Snapshot | 'gone'> {
    try {
      this.#socket ??= await opened(this.path);
      return JSON.parse(await lineOf(this.#socket)) as Snapshot;
    } catch {
      this.close();
      return 'gone';
    }
  }

  /** Hangs up. */
  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  /** Takes the socket away of a program that died without doing so: one that lives may be about to listen. */
  forget(): void {
    if (!isAlive(this.pid)) rmSync(this.path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function opened(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      resolve(socket);
    });
    socket.setEncoding('utf8').on('error', reject);
  });
}

/** Sends a line and waits for the answer. */
function lineOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const hear = (piece: string) => {
      text += piece;
      if (text.endsWith('\n')) finish(resolve, text);
    };
    const lose = () => {
      finish(reject, 'the program has hung up');
    };
    const finish = (settle: (value: string) => void, value: string) => {
      socket.off('data', hear).off('close', lose).off('error', lose);
      settle(value);
    };
    socket.on('data', hear).on('close', lose).on('error', lose);
    // It may have hung up while nobody listened: then no event comes any more.
    if (socket.destroyed) lose();
    else socket.write('stats\n');
  });
}

/**
 * The runtimes of which there are sockets in a folder, oldest process first.
 *
 * @param known - those that were found before
 */
export function findPrograms(folder: string, known: readonly Program[]): Program[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .sort()
    .flatMap((name) => {
      const pid = /^(\d+)-\d+-\d+\.sock$/.exec(name)?.[1];
      if (pid === undefined) return [];
      const path = join(folder, name);
      return known.find((program) => program.path === path) ?? new Program(Number(pid), path);
    })
    .sort((one, other) => one.pid - other.pid);
}
