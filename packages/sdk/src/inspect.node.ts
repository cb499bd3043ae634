/**
 * Tells a runtime's counters to other programs of the same user, such as `inos top`: over a local socket, as one line of
 * JSON for each line that is sent. Loaded only in processes that are started with `INOS_TOP` set.
 */
import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Inos } from './inos.js';
import type { CapsuleStats } from './kernel/capsule-host.js';

/** What is told of a capsule: {@link CapsuleStats}, in numbers that JSON has. */
export type CapsuleSnapshot = Omit<CapsuleStats, 'units' | 'charged'> & {
  readonly units: number;
  readonly charged: number;
};

/** What is told of a runtime. */
export interface Snapshot {
  readonly pid: number;
  /** The script that the process runs. */
  readonly program: string;
  /** Milliseconds since the runtime began. */
  readonly uptimeMs: number;
  readonly jobs: number;
  readonly inFlight: number;
  readonly bytesCopied: number;
  readonly memoryBytes: number;
  /** Of the default account, in micro-credits. */
  readonly credits: { readonly available: number; readonly reserved: number };
  readonly capsules: Readonly<Record<string, CapsuleSnapshot>>;
}

/** How many runtimes of this thread told theirs: other threads count anew. */
let runtimes = 0;
/** The sockets that lie there: none may outlive the process. */
const sockets = new Set<string>();

function takeAway(path: string): void {
  if (sockets.delete(path)) rmSync(path, { force: true });
}

function takeAllAway(): void {
  for (const path of sockets) takeAway(path);
}

/** Where the sockets of this user's programs lie; another place where `INOS_TOP` names one, rather than `1` or `true`. */
function socketFolder(place: string): string {
  return place === '1' || place === 'true' ? join(tmpdir(), `inos-${userInfo().username}`) : place;
}

/** Makes the folder, which must be this user's alone: what is told is nobody else's business. */
function ensureFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  const isOwn = process.getuid === undefined || uid === process.getuid();
  if (!isOwn || (mode & 0o077) !== 0) throw new Error(`${folder} is open to other users`);
}

/** Begins to tell a runtime's counters to those who ask. What goes wrong is said, and hurts nobody. */
export function serveStats(inos: Inos, place: string): void {
  try {
    listen(inos, socketFolder(place));
  } catch (error) {
    complain(error);
  }
}

function complain(error: unknown): void {
  console.warn(`INOS_TOP: ${error instanceof Error ? error.message : String(error)}`);
}

function listen(inos: Inos, folder: string): void {
  ensureFolder(folder);
  const path = join(folder, `${process.pid}-${threadId}-${runtimes++}.sock`);
  const listeners = new Set<Socket>();
  const server = createServer((socket) => {
    // Nobody's process stays alive to be looked at.
    socket.unref();
    listeners.add(socket);
    socket.on('close', () => listeners.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.write(`${JSON.stringify(snapshotOf(inos))}\n`));
  });
  server.on('error', complain);
  server.listen(path, () => {
    if (sockets.size === 0) process.once('exit', takeAllAway);
    sockets.add(path);
  });
  server.unref();
  inos.on('closed', () => {
    for (const socket of listeners) socket.destroy();
    server.close();
    takeAway(path);
    if (sockets.size === 0) process.off('exit', takeAllAway);
  });
}

function snapshotOf(inos: Inos): Snapshot {
  const { jobs, inFlight, bytesCopied, capsules } = inos.stats;
  const { available, reserved } = inos.credits.default;
  const told = Object.entries(capsules).map(([name, stats]) => [
    name,
    // The ledger holds no more than a number can tell.
    { ...stats, units: Number(stats.units), charged: Number(stats.charged) },
  ]);
  return {
    pid: process.pid,
    program: process.argv[1] ?? '',
    uptimeMs: Math.round(performance.timeOrigin + performance.now() - inos.startedAt),
    jobs,
    inFlight,
    bytesCopied,
    memoryBytes: inos.memory.byteLength,
    credits: { available: Number(available), reserved: Number(reserved) },
    capsules: Object.fromEntries(told) as Snapshot['capsules'],
  };
}
