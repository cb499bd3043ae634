/**
 * Where worlds can't be. Host and capsule read and write the same bytes: poses, events, commands, the world itself.
 * A page that can't share memory with workers would see a world in which nothing ever happens.
 */
import { InosError } from '@inos/sdk';

/**
 * Checks that memory can be shared with a capsule's worker.
 *
 * @throws InosError `runtime/unsupported`
 */
export function requireSharing(): void {
  // Node has no such property, and always shares.
  const { crossOriginIsolated } = globalThis as { readonly crossOriginIsolated?: boolean };
  if (crossOriginIsolated !== false) return;
  throw new InosError(
    'runtime/unsupported',
    'physics needs a page that is cross-origin isolated: its worlds lie in memory that is shared with a worker. ' +
      'Serve the page, over HTTPS or from localhost, with these headers:\n' +
      '  Cross-Origin-Opener-Policy: same-origin\n' +
      '  Cross-Origin-Embedder-Policy: require-corp',
    { details: { crossOriginIsolated } },
  );
}
