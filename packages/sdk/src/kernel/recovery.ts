/**
 * What becomes of a capsule's jobs when it has crashed. Loaded with what starts its threads.
 */
import { sdkError, type InosError } from '../errors.js';
import { JobState, StopReason, TraceKind } from '../memory/layout.js';
import type { CapsuleHost } from './capsule-host.js';
import type { Kernel, Member } from './kernel.js';

/** How long a capsule waits after its second crash in a row; after each further one twice as long, up to the longest. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 1000;

/**
 * After a crash: answers that were given count, jobs at work fail, those that waited wait on. The first restart
 * comes at once, the next ones each after twice as long, until there were too many in a row.
 *
 * @param culprit - the record of the job that crashed it, or 0
 */
export function recover(kernel: Kernel, member: Member, error: InosError, culprit: number): void {
  const { host } = member;
  const { events } = kernel.options;
  const { name: capsule, crashLimit } = host.spec;
  kernel.drain();
  const crashes = ++host.crashes;
  const job = kernel.records.at(culprit)?.task?.id ?? 0;
  kernel.tracer?.note(TraceKind.CRASHED, host.index, job, crashes);
  if (crashes > crashLimit) {
    const message = `capsule ${capsule} was given up after ${crashes} crashes in a row: ${error.message}`;
    const details = { capsule, crashes };
    host.giveUp(sdkError('capsule/given-up', message, { details, cause: error }));
  }
  endRunning(kernel, host, error, culprit);
  if (host.givenUp) {
    kernel.tracer?.note(TraceKind.GIVEN_UP, host.index, 0, crashes);
    kernel.failAll(member, host.givenUp);
    events.emit('capsule-given-up', { capsule, error, crashes });
    return;
  }
  const pauseMs = crashes > 1 ? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (crashes - 2)) : 0;
  member.supervisor?.delayStart(pauseMs);
  events.emit('capsule-restarted', { capsule, error, crashes, pauseMs });
  if (requeue(kernel, host)) kernel.restart(member);
}

/** Ends the jobs that a capsule's dead threads were at. */
function endRunning(kernel: Kernel, host: CapsuleHost, error: InosError, culprit: number): void {
  const { records } = kernel;
  host.reset();
  records.forgetTickets(host.index);
  for (const task of records.tasksOf(host.index)) {
    const { record } = task;
    const { state, stopReason } = record;
    record.tickets = 0;
    if (state === JobState.QUEUED) continue;
    if (state >= JobState.DONE && state <= JobState.OUT_OF_BUDGET) {
      // It had ended; only the word of it was lost with its thread.
      kernel.finish(host, task, state);
    } else if (stopReason === StopReason.NONE) {
      record.force(JobState.FAILED);
      const failure = record.start === culprit ? error : neighbour(host, error);
      kernel.finish(host, task, JobState.FAILED, failure);
    } else {
      // It was told to stop, and did.
      record.force(stopReason);
      kernel.finish(host, task, stopReason);
    }
  }
}

/** Puts the jobs that waited when their capsule died into its fresh rings. Says whether there are any. */
function requeue(kernel: Kernel, host: CapsuleHost): boolean {
  const survivors = kernel.records.tasksOf(host.index);
  for (const task of survivors) {
    if (kernel.place(host, task)) continue;
    host.backlog[task.request.priority]?.push(task);
    host.waiting++;
  }
  return survivors.length > 0;
}

function neighbour(host: CapsuleHost, cause: InosError): InosError {
  const message = `capsule ${host.spec.name} crashed in another job`;
  return sdkError('capsule/crashed', message, { details: { capsule: host.spec.name }, cause });
}
