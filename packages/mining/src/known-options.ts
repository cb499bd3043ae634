/**
 * What options may be given: a name that isn't among these is a slip of the pen, and would have no effect that anybody
 * notices.
 */
import { requireOptions, wrongType } from '@inos/sdk/errors';

/**
 * Checks that options are an object that has no others than the known.
 *
 * @throws TypeError unless it is
 */
export function requireKnown<T>(argument: string, options: T, known: readonly string[]): T {
  requireOptions(argument, options);
  for (const [name, value] of Object.entries(options as object)) {
    if (value === undefined || known.includes(name)) continue;
    throw wrongType(name, `one of the known options (${known.join(', ')})`, name);
  }
  return options;
}
