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
export interface ChecksumLine {
  readonly digest: Uint8Array;
  readonly name: string;
  /** The hash function that it names, as it names it: only lines of `--tag` do. */
  readonly tag: string | undefined;
}

/** A star before the name, as for binary files, is ignored. */
const PLAIN = /^[ \t]*(?<escape>\\?)(?<digits>(?:[\da-f]{2})+) [ *](?<name>.+)$/i;
/** What `--tag` prints, as BSD's tools do: `SHA256 (name) = digest`. */
const TAGGED =
  /^[ \t]*(?<escape>\\?)(?<tag>[\w/-]+) ?\((?<name>.+)\)[ \t]*=[ \t]*(?<digits>(?:[\da-f]{2})+)$/i;

/** Reads such a line back; `undefined` if it isn't one. */
export function parseChecksumLine(line: string): ChecksumLine | undefined {
  const parts = (PLAIN.exec(line) ?? TAGGED.exec(line))?.groups;
  if (parts === undefined) return undefined;
  const { escape = '', digits = '', name: written = '', tag } = parts;
  const digest = new Uint8Array(Buffer.from(digits, 'hex'));
  if (escape === '') return { digest, name: written, tag };
  if (/\\(?![\\nr])/.test(written.replaceAll('\\\\', ''))) return undefined;
  const name = written.replace(/\\([\\nr])/g, (_, letter: string) => UNESCAPED[letter] ?? letter);
  return { digest, name, tag };
}
