/**
 * What becomes of a capsule's jobs when it has crashed. Loaded with what starts its threads.
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

/** What recovering works with. */
export interface RecoveryParts {
  readonly host: CapsuleHost;
  readonly records: RecordPool;
  readonly events: Emitter;
  /** Takes the answers that were given. */
  drain(): void;
  finish(task: AnyTask, state: number, failure?: InosError): void;
  failAll(error: InosError): void;
  /** Puts a job into its ring. False if that is full. */
  place(task: AnyTask): boolean;
  delayStart(milliseconds: number): void;
  start(): void;
}

/**
 * After a crash: answers that were given count, jobs at work fail, those that waited wait on. The first restart
 * comes at once, the next ones each after twice as long, until there were too many in a row.
 *
 * @param culprit - the record of the job that crashed it, or 0
 */
export function recover(parts: RecoveryParts, error: InosError, culprit: number): void {
  const { host, events } = parts;
  const { name: capsule, crashLimit } = host.spec;
  parts.drain();
  const crashes = ++host.crashes;
  if (crashes > crashLimit) {
    const message = `capsule ${capsule} was given up after ${crashes} crashes in a row: ${error.message}`;
    const details = { capsule, crashes };
    host.giveUp(sdkError('capsule/given-up', message, { details, cause: error }));
  }
  endRunning(parts, error, culprit);
  if (host.givenUp) {
    parts.failAll(host.givenUp);
    events.emit('capsule-given-up', { capsule, error, crashes });
    return;
  }
  const pauseMs = crashes > 1 ? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (crashes - 2)) : 0;
  parts.delayStart(pauseMs);
  events.emit('capsule-restarted', { capsule, error, crashes, pauseMs });
  if (requeue(parts)) parts.start();
}

/** Ends the jobs that a capsule's dead threads were at. */
function endRunning(parts: RecoveryParts, error: InosError, culprit: number): void {
  const { host, records } = parts;
  host.reset();
  records.forgetTickets(host.index);
  for (const task of records.tasksOf(host.index)) {
    const { record } = task;
    const { state, stopReason } = record;
    record.tickets = 0;
    if (state === JobState.QUEUED) continue;
    if (state >= JobState.DONE && state <= JobState.OUT_OF_BUDGET) {
      // It had ended; only the word of it was lost with its thread.
      parts.finish(task, state);
    } else if (stopReason === StopReason.NONE) {
      record.force(JobState.FAILED);
      const failure = record.start === culprit ? error : neighbour(host, error);
      parts.finish(task, JobState.FAILED, failure);
    } else {
      // It was told to stop, and did.
      record.force(stopReason);
      parts.finish(task, stopReason);
    }
  }
}

/** Puts the jobs that waited when their capsule died into its fresh rings. Says whether there are any. */
function requeue(parts: RecoveryParts): boolean {
  const { host, records } = parts;
  const survivors = records.tasksOf(host.index);
  for (const task of survivors) {
    if (parts.place(task)) continue;
    host.backlog[task.request.priority]?.push(task);
    host.waiting++;
  }
  return survivors.length > 0;
}

function neighbour(host: CapsuleHost, cause: InosError): InosError {
  const message = `capsule ${host.spec.name} crashed in another job`;
  return sdkError('capsule/crashed', message, { details: { capsule: host.spec.name }, cause });
}
