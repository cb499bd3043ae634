/**
 * Joins a capsule's supervisor to the kernel. Loaded with the first job, with all that starts and restarts threads.
 */
import type { Kernel } from './kernel.js';
import type { Member } from './kernel-parts.js';
import { abandon, recover } from './recovery.js';
import { Supervisor, type ThreadLauncher } from './supervisor.js';

/** The supervisor of a capsule. */
export function supervise(kernel: Kernel, member: Member, launcher: ThreadLauncher): Supervisor {
  const { sab, ledger, takenThreads, tracer } = kernel;
  return new Supervisor(
    { sab, ledger, host: member.host, launcher, takenThreads, tracer },
    {
      onStartFailed: (error) => {
        // Threads that were up before the others have done jobs.
        kernel.drain();
        kernel.failAll(member, error);
        kernel.records.forgetTickets(member.host.index);
        kernel.options.onCrashed?.(member);
      },
      onCrashed: (error, culprit) => {
        recover(kernel, member, error, culprit);
      },
      onLost: (error, culprit) => {
        abandon(kernel, member, error, culprit);
      },
    },
  );
}
