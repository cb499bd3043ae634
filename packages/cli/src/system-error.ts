/**
 * What the operating system says is wrong, in the words that other command-line tools use.
 */
import { getSystemErrorMap } from 'node:util';

/** Why something failed, without the path and the system call that Node's messages repeat. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const number = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  const [code, text] = getSystemErrorMap().get(number) ?? [];
  // libuv's own words for this one, "illegal operation on a directory", help nobody.
  return code === 'EISDIR' ? 'is a directory' : (text ?? error.message);
}

/** Whether an error is the operating system's, about a path or not. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
