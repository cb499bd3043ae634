/**
 * What an entry of a trace ring says, if it makes sense.
 */
import { Layout, TraceEntryWords, TraceKind } from '../../memory/layout.js';
import { STATUS } from '../task.js';
import type { TraceEvent } from './trace-event.js';
import type { TracedNames } from './tracer.js';

/** An entry's words. */
export interface TraceEntry {
  readonly what: number;
  readonly job: number;
  /** Milliseconds. */
  readonly time: number;
  readonly units: number;
  /** Milliseconds, of a thread's entry. */
  readonly reserved: number;
  /** Nanoseconds, of a thread's entry. */
  readonly elapsed: number;
}

/** Adds the events that an entry tells of. */
export function decode(
  entry: TraceEntry,
  capsules: ReadonlyMap<number, TracedNames>,
  events: TraceEvent[],
): void {
  const { what, job, time, units } = entry;
  if (!Number.isFinite(time)) return;
  if ((what & TraceEntryWords.KIND_MASK) === TraceKind.OMITTED) {
    events.push({ kind: 'omitted', time, count: units });
    return;
  }
  const names = capsules.get((what >>> TraceEntryWords.CAPSULE_SHIFT) & 0xff);
  if (names === undefined) return;
  const { key: capsule, methods } = names;
  switch (what & TraceEntryWords.KIND_MASK) {
    case TraceKind.CRASHED: {
      const known = job === 0 ? undefined : job;
      events.push({ kind: 'capsule-crashed', time, capsule, job: known, crashes: units });
      return;
    }
    case TraceKind.READY:
      events.push({ kind: 'capsule-started', time, capsule, life: units });
      return;
    case TraceKind.GIVEN_UP:
      events.push({ kind: 'capsule-given-up', time, capsule, crashes: units });
      return;
  }
  const method = methods[what >>> TraceEntryWords.METHOD_SHIFT];
  // What has no number isn't traced, whatever a thread says of it.
  if (method !== undefined && job !== 0) decodeJob(entry, { time, capsule, job, method }, events);
}

function decodeJob(
  { what, units, reserved, elapsed }: TraceEntry,
  of: { time: number; capsule: string; job: number; method: string },
  events: TraceEvent[],
): void {
  const thread = (what >>> TraceEntryWords.THREAD_SHIFT) & 0xff;
  if (thread >= Layout.MAXIMUM_THREADS) return;
  switch (what & TraceEntryWords.KIND_MASK) {
    case TraceKind.QUEUED:
      events.push({ kind: 'queued', ...of });
      return;
    case TraceKind.STARTED:
      events.push({ kind: 'started', ...of, thread });
      return;
    case TraceKind.EXECUTED: {
      // Of quick jobs it may be the time of an earlier look at the clock.
      const isOwn = Number.isFinite(reserved) && reserved !== 0;
      if (isOwn)
        events.push({ kind: 'reserved', ...of, thread, time: Math.min(reserved, of.time) });
      events.push({ kind: 'executed', ...of, thread });
      const time = of.time + elapsed / 1e6;
      if (elapsed > 0) events.push({ kind: 'answered', ...of, thread, time });
      return;
    }
    case TraceKind.SETTLED: {
      const outcome = STATUS[(what >>> TraceEntryWords.STATE_SHIFT) & 0xf];
      if (outcome === undefined || outcome === 'queued' || outcome === 'running') return;
      events.push({ kind: 'settled', ...of, outcome, units: BigInt(units) });
    }
  }
}
