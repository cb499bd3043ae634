/**
 * The six steps of the Reactive Mutation Loop, made of the times that a traced job notes.
 */
import type { JobSteps } from '@inos/sdk';
import type { StepReport } from './report.js';

const NAMES = [
  'signal',
  'zero-copy read',
  'economic check',
  'execution',
  'direct mutation',
  'outbox signal',
] as const;

/** When a step was done and how long it took, in milliseconds; `undefined` where that isn't known. */
interface Moment {
  readonly at: number | undefined;
  readonly took: number | undefined;
}

/**
 * When each step was done and how long it took. The threads' clocks agree to some microseconds only, so a step
 * that seems to lie before the one it follows is put where that one is.
 */
function inSequence(times: readonly (number | undefined)[]): readonly Moment[] {
  let latest: number | undefined;
  return times.map((time) => {
    if (time === undefined) return { at: undefined, took: undefined };
    const at = Math.max(time, latest ?? time);
    const took = latest === undefined ? undefined : at - latest;
    latest = at;
    return { at, took };
  });
}

/**
 * A job's steps.
 *
 * @param hasRun - false for a job that the economic check refused: it has no steps 4 and 5
 */
export function reportSteps(steps: JobSteps, hasRun: boolean): readonly StepReport[] {
  const { submitted = 0, woke, reserved, finished, settled } = steps;
  const [signal, read, check, work, end] = inSequence([
    submitted,
    woke,
    reserved,
    finished,
    settled,
  ]);
  // Work and mutation end together: the result is written in place, not fetched afterwards.
  const mutation = { at: work?.at, took: undefined };
  return [signal, read, check, work, mutation, end].map((moment, index) => {
    const isReached = hasRun || index < 3 || index === 5;
    const { at, took } = (isReached ? moment : undefined) ?? { at: undefined, took: undefined };
    return {
      step: index + 1,
      name: NAMES[index] ?? '',
      isReached,
      doneAtMicroseconds: at === undefined ? null : microseconds(at - submitted),
      tookMicroseconds: took === undefined ? null : microseconds(took),
    };
  });
}

/** Milliseconds as microseconds, to the nanosecond: what lies below is noise of the arithmetic. */
export function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1e6) / 1000;
}
