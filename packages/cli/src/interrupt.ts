/**
 * Ctrl-C and SIGTERM: the first one cancels the jobs and lets the runtime close, the second ends the process.
 */
import { ExitCode } from './exit-codes.js';

/** How long cancelled work may take to end. A read from a pipe that nobody writes to never would. */
const GRACE_MS = 2000;

const CODES = { SIGINT: ExitCode.INTERRUPTED, SIGTERM: ExitCode.TERMINATED } as const;

/**
 * Ends the process after a signal. Node's exit waits for its threads, of which one may open or read a pipe that nobody
 * writes to: then the signal itself ends it, which shells tell by the same code.
 */
export function endAfter(code: number): void {
  const isReading = process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
  if (!isReading) process.exit(code);
  const name = code === ExitCode.TERMINATED ? 'SIGTERM' : 'SIGINT';
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}

/**
 * Runs work that a signal to the process may cancel.
 *
 * @param work - resolves to an exit code; is given what is aborted by the first signal
 * @returns the work's exit code, or that of the signal
 */
export async function untilInterrupted(
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const controller = new AbortController();
  let code: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (name: keyof typeof CODES) => {
    if (code !== undefined) endAfter(code);
    const interrupted = CODES[name];
    code = interrupted;
    timer = setTimeout(() => {
      endAfter(interrupted);
    }, GRACE_MS);
    controller.abort(new Error(`interrupted by ${name}`));
  };
  const onInterrupt = () => {
    interrupt('SIGINT');
  };
  const onTerminate = () => {
    interrupt('SIGTERM');
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  try {
    const own = await work(controller.signal);
    return code ?? own;
  } catch (error) {
    if (code === undefined) throw error;
    return code;
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTerminate);
  }
}
