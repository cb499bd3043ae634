/**
 * The lines of checksum files, as GNU coreutils' `sha256sum` and `b3sum` write and check them.
 */

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };
const UNESCAPED: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r' };

/**
 * The line for a file: its digest, two spaces, its name. A name that would break the line is escaped, which
 * a backslash at the line's beginning tells.
 */
export function checksumLine(digestHex: string, name: string): string {
  const escaped = name.replace(/[\\\n\r]/g, (character) => ESCAPES[character] ?? character);
  return `${escaped === name ? '' : '\\'}${digestHex}  ${escaped}`;
}

/** What a line of a checksum file says. */
export interface Checksum {
  readonly digest: Uint8Array;
  readonly name: string;
}

/** Reads such a line back; `undefined` if it isn't one. A star before the name, as for binary files, is ignored. */
export function parseChecksumLine(line: string): Checksum | undefined {
  const parts = /^(\\?)((?:[\da-f]{2})+) [ *](.+)$/i.exec(line);
  if (parts === null) return undefined;
  const [, escape = '', digits = '', written = ''] = parts;
  const digest = new Uint8Array(Buffer.from(digits, 'hex'));
  if (escape === '') return { digest, name: written };
  if (/\\(?![\\nr])/.test(written.replaceAll('\\\\', ''))) return undefined;
  const name = written.replace(/\\([\\nr])/g, (_, letter: string) => UNESCAPED[letter] ?? letter);
  return { digest, name };
}
