/**
 * What the process says when it ends. The help of each command lists the ones that it gives.
 */

/** The exit codes of `inos`, as `README.md` documents them. */
export const ExitCode = {
  /** All is well: everything hashed, the nonce found, the scene stepped, every check equal. */
  OK: 0,
  /** Something failed, or there is no such nonce in the range. */
  FAILED: 1,
  /** The command line makes no sense. */
  USAGE: 2,
  /** The job's budget or its account's credits didn't suffice. */
  OUT_OF_BUDGET: 3,
  /** The job's deadline passed. */
  EXPIRED: 4,
  /** Something must be installed first; the message says what and how. */
  MISSING: 5,
  /** Ctrl-C, as shells number it: 128 + SIGINT. */
  INTERRUPTED: 130,
  /** Nobody reads the output any more: 128 + SIGPIPE. */
  BROKEN_PIPE: 141,
  /** Told to end: 128 + SIGTERM. */
  TERMINATED: 143,
} as const;
