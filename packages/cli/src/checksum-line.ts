/**
 * The lines of checksum files, as GNU coreutils' `sha256sum` and `b3sum` write and check them.
 */

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };

/**
 * The line for a file: its digest, two spaces, its name. A name that would break the line is escaped, which
 * a backslash at the line's beginning tells.
 */
export function checksumLine(digestHex: string, name: string): string {
  const escaped = name.replace(/[\\\n\r]/g, (character) => ESCAPES[character] ?? character);
  return `${escaped === name ? '' : '\\'}${digestHex}  ${escaped}`;
}
