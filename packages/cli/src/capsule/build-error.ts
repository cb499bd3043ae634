/**
 * Why a capsule could not be built: a code for programs, a sentence and, where there is one, the command that
 * helps.
 */

/** What can be wrong. Those of `MISSING` are cured by installing something. */
export type BuildErrorCode =
  | 'no-manifest'
  | 'not-a-capsule'
  | 'bad-region'
  | 'no-toolchain'
  | 'no-linker'
  | 'no-capnp'
  | 'no-capnp-es'
  | 'no-inos-build'
  | 'schema-failed'
  | 'compile-failed'
  | 'bad-module';

const MISSING: readonly BuildErrorCode[] = ['no-toolchain', 'no-linker', 'no-capnp', 'no-capnp-es'];

/** What most modules lack that are no capsules. */
export const CAPSULE_FIX = [
  'Does build.rs call inos_build::link(), and src/lib.rs have inos_sdk::capsule! { … }?',
];

/** A build that ended early. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
  readonly code: BuildErrorCode;
  /** What to run or to write; a line each. */
  readonly fix: readonly string[];

  constructor(code: BuildErrorCode, message: string, fix: readonly string[] = []) {
    super(message);
    this.code = code;
    this.fix = fix;
  }

  /** Whether something must be installed first. */
  get isMissing(): boolean {
    return MISSING.includes(this.code);
  }
}

/** The command that installs Debian packages. */
export function aptCommand(packages: readonly string[]): string {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}
