/**
 * What becomes of a capsule's jobs when it has crashed. Loaded with what starts its threads.
 */
import { sdkError, type InosError } from '../errors.js';
import {
  capsuleWord,
  CapsuleState,
  CapsuleWords,
  JobState,
  StopReason,
  TraceKind,
} from '../memory/layout.js';
import type { CapsuleHost } from './capsule-host.js';
import type { Kernel } from './kernel.js';
import type { Member } from './kernel-parts.js';
import type { AnyTask } from './task.js';

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
  if (crashes > crashLimit) giveUp(kernel, host, `after ${crashes} crashes in a row`, error);
  host.reset();
  kernel.records.forgetTickets(host.index);
  const atWork = setAside(kernel, host);
  for (const task of atWork) endAtWork(kernel, host, task, error, culprit);
  if (host.givenUp) {
    kernel.tracer?.note(TraceKind.GIVEN_UP, host.index, 0, crashes);
    kernel.failAll(member, host.givenUp);
    events.emit('capsule-given-up', { capsule, error, crashes });
    return;
  }
  const pauseMs = crashes > 1 ? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (crashes - 2)) : 0;
  host.restarts++;
  member.supervisor?.delayStart(pauseMs);
  kernel.options.onCrashed?.(member);
  events.emit('capsule-restarted', { capsule, error, crashes, pauseMs });
  kernel.refill(host);
  if (kernel.records.tasksOf(host.index).length > 0) kernel.restart(member);
}

/**
 * After a crash of a capsule a thread of which couldn't be ended: it is given up. The records of its jobs at work are
 * used no more, as that thread may still write there.
 *
 * @param culprit - the record of the job that crashed it, or 0
 */
export function abandon(kernel: Kernel, member: Member, error: InosError, culprit: number): void {
  const { host } = member;
  kernel.drain();
  const crashes = ++host.crashes;
  const reason = giveUp(kernel, host, 'because a thread of it can’t be ended', error);
  for (const task of kernel.records.tasksOf(host.index)) {
    if (task.record.state === JobState.QUEUED) continue;
    task.record.tickets = 1;
    endAtWork(kernel, host, task, error, culprit);
  }
  kernel.tracer?.note(TraceKind.GIVEN_UP, host.index, 0, crashes);
  kernel.failAll(member, reason);
  kernel.options.events.emit('capsule-given-up', { capsule: host.spec.name, error, crashes });
}

function giveUp(kernel: Kernel, host: CapsuleHost, why: string, cause: InosError): InosError {
  const { name: capsule } = host.spec;
  const details = { capsule, crashes: host.crashes };
  const message = `capsule ${capsule} was given up ${why}: ${cause.message}`;
  const error = sdkError('capsule/given-up', message, { details, cause });
  host.givenUp = error;
  Atomics.store(
    kernel.sab.words,
    capsuleWord(host.index) + CapsuleWords.STATE,
    CapsuleState.FAILED,
  );
  return error;
}

/**
 * Puts the jobs that waited in a dead capsule's rings before those for which these had no room. Returns those that its
 * threads were at.
 */
function setAside(kernel: Kernel, host: CapsuleHost): AnyTask[] {
  const atWork: AnyTask[] = [];
  const waited: AnyTask[] = [];
  for (const task of kernel.records.tasksOf(host.index)) {
    const { record } = task;
    record.tickets = 0;
    if (record.state !== JobState.QUEUED) {
      atWork.push(task);
      continue;
    }
    record.task = undefined;
    waited.push(task);
  }
  waited.sort((one, other) => one.id - other.id);
  host.waiting += waited.length;
  host.backlog.forEach((queue, priority) => {
    queue.unshift(...waited.filter(({ request }) => request.priority === priority));
  });
  return atWork;
}

/** Ends a job that a capsule's dead threads were at. */
function endAtWork(
  kernel: Kernel,
  host: CapsuleHost,
  task: AnyTask,
  error: InosError,
  culprit: number,
): void {
  const { record, stopping } = task;
  const { state } = record;
  if (state >= JobState.DONE && state <= JobState.OUT_OF_BUDGET) {
    // It had ended; only the word of it was lost with its thread.
    kernel.finishAsTold(host, task, state);
  } else if (stopping === StopReason.NONE) {
    record.force(JobState.FAILED);
    const failure = record.start === culprit ? error : neighbour(host, error);
    kernel.finish(host, task, JobState.FAILED, failure);
  } else {
    // It was told to stop, and did.
    record.force(stopping);
    kernel.finish(host, task, stopping);
  }
}

function neighbour(host: CapsuleHost, cause: InosError): InosError {
  const message = `capsule ${host.spec.name} crashed in another job`;
  return sdkError('capsule/crashed', message, { details: { capsule: host.spec.name }, cause });
}
