/**
 * How far a job has come, followed to its end. Loaded when somebody looks.
 */
import type { JobProgress, JobTask } from './job.js';

/** How often it looks, in milliseconds. */
const INTERVAL_MS = 20;

/** Yields a job's progress whenever that has changed, and once more at its end. */
export async function* follow(task: JobTask<unknown>): AsyncGenerator<JobProgress> {
  let wake = (): void => undefined;
  task.whenEnded(
    () => wake(),
    () => wake(),
  );
  let last: JobProgress | undefined;
  for (;;) {
    const { hasEnded } = task;
    const now = task.progress;
    if (now.fraction !== last?.fraction || now.units !== last.units) yield (last = now);
    if (hasEnded) return;
    if (task.hasEnded) continue;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, INTERVAL_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
