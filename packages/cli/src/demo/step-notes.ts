/**
 * What happened in a step, in a few words beside its times.
 */
import { formatBytes, formatCount, formatRate } from '../format.js';
import type { JobReport } from './report.js';

/** The words for a step of a job, at most 36 characters. */
export function noteFor(step: number, job: JobReport): string {
  const isRefused = job.steps[3]?.isReached === false;
  switch (step) {
    case 1:
      return 'inbox epoch flipped, nothing posted';
    case 2:
      return job.method === 'hash'
        ? `${formatBytes(job.payloadBytes)} read in place`
        : 'header and target read in place';
    case 3:
      return isRefused ? 'refused' : `${formatCount(job.credits.reserved)} µcr reserved`;
    case 4:
      return isRefused ? 'not run' : workNote(job);
    case 5:
      return isRefused ? 'nothing written' : 'result lies in shared memory';
    default:
      return settledNote(job);
  }
}

function workNote(job: JobReport): string {
  const took = job.steps[3]?.tookMicroseconds ?? 0;
  if (job.units === 0) return 'nothing to do';
  const [what, unit] =
    job.unit === 'byte'
      ? [formatBytes(job.units), 'B/s']
      : [`${formatCount(job.units)} hashes`, 'H/s'];
  return took > 0 ? `${what}, ${formatRate((job.units / took) * 1e6, unit)}` : what;
}

function settledNote({ credits }: JobReport): string {
  const charged = `${formatCount(credits.charged)} charged`;
  return `${charged}, ${formatCount(credits.refunded)} refunded`;
}
