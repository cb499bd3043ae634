/**
 * What becomes of a capsule's jobs when it has crashed: answers that were given count, jobs at work fail, those that
 * waited wait on. Loaded with what starts capsules.
 */
import { sdkError, type InosError } from '../errors.js';
import { JobState, StopReason } from '../memory/layout.js';
import type { CapsuleHost } from './capsule-host.js';
import type { Emitter } from './events.js';
import type { RecordPool } from './record.js';
import type { AnyTask } from './task.js';

/** How long a capsule waits after its second crash in a row; after each further one twice as long, up to the longest. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 1000;

/** The kernel's books, as far as one capsule is concerned. */
export interface CapsuleBooks {
  readonly host: CapsuleHost;
  readonly records: RecordPool;
  /** Who hears of crashes. */
  readonly events: Emitter;
  /** Takes all answers there are. */
  drain(): void;
  /** Settles a job and ends it. With a failure it pays nothing. */
  finish(task: AnyTask, state: number, failure?: InosError): void;
  /** Ends all jobs of the capsule. */
  failAll(error: InosError): void;
  /** Puts a job into its ring. False if that is full. */
  place(task: AnyTask): boolean;
  /** Starts the capsule. */
  start(): void;
}

/**
 * Brings the books in order after a crash. The first restart comes at once, the next ones each after twice as long,
 * until there were too many in a row.
 *
 * @param culprit - the record of the job that the capsule died of
 * @param delayStart - called with the milliseconds that the next start has to wait
 */
export function recover(
  books: CapsuleBooks,
  error: InosError,
  culprit: number,
  delayStart: (milliseconds: number) => void,
): void {
  const { host, events } = books;
  const { name: capsule, crashLimit } = host.spec;
  books.drain();
  const crashes = ++host.crashes;
  if (crashes > crashLimit) {
    const message = `capsule ${capsule} was given up after ${crashes} crashes in a row: ${error.message}`;
    const details = { capsule, crashes };
    host.giveUp(sdkError('capsule/given-up', message, { details, cause: error }));
  }
  endRunning(books, error, culprit);
  if (host.givenUp) {
    books.failAll(host.givenUp);
    events.emit('capsule-given-up', { capsule, error, crashes });
    return;
  }
  const pauseMs = crashes > 1 ? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (crashes - 2)) : 0;
  delayStart(pauseMs);
  events.emit('capsule-restarted', { capsule, error, crashes, pauseMs });
  if (requeue(books)) books.start();
}

/** Ends the jobs that a capsule's dead threads were at. */
function endRunning(books: CapsuleBooks, error: InosError, culprit: number): void {
  const { host, records } = books;
  host.reset();
  records.forgetTickets(host.index);
  for (const task of records.tasksOf(host.index)) {
    const { record } = task;
    const { state, stopReason } = record;
    record.tickets = 0;
    if (state === JobState.QUEUED) continue;
    if (state !== JobState.RUNNING) {
      // It had ended; only the word of it was lost with its thread.
      books.finish(task, state);
    } else if (stopReason === StopReason.NONE) {
      record.force(JobState.FAILED);
      books.finish(
        task,
        JobState.FAILED,
        record.start === culprit ? error : neighbour(host, error),
      );
    } else {
      // It was told to stop, and did.
      record.force(stopReason);
      books.finish(task, stopReason);
    }
  }
}

/** Puts the jobs that waited when their capsule died into its fresh rings. Says whether there are any. */
function requeue(books: CapsuleBooks): boolean {
  const { host } = books;
  const survivors = books.records.tasksOf(host.index);
  for (const task of survivors) {
    if (books.place(task)) continue;
    host.backlog[task.request.priority]?.push(task);
    host.waiting++;
  }
  return survivors.length > 0;
}

function neighbour(host: CapsuleHost, cause: InosError): InosError {
  const message = `capsule ${host.spec.name} crashed in another job`;
  return sdkError('capsule/crashed', message, { details: { capsule: host.spec.name }, cause });
}
