/**
 * `@inos/sdk/vite`: what a Vite project must be told so that capsules run in its pages. An entry of its own, which
 * no page loads.
 */
import type { Plugin, UserConfig } from 'vite';
import { requireOptions, wrongType } from '../errors.js';
import { capsulePackages } from './capsule-packages.js';

/** Pages share memory with workers only where these make them cross-origin isolated. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * The packages that are never pre-bundled: the SDK, and the encoding that capsules from elsewhere bring along. (It is
 * excluded too because Vite finds it only once the page asks for them, and would then bundle it and load the page again.)
 */
const ALWAYS = ['@inos/sdk', 'capnp-es'];

/** Options of {@link inos}. */
export interface InosPluginOptions {
  /**
   * Packages of capsules that aren't direct dependencies of the project and so aren't found.
   * @default []
   */
  readonly capsules?: readonly string[];
}

/**
 * A plugin that makes pages cross-origin isolated in `vite dev` and `vite preview`, emits workers as modules, and
 * keeps the SDK and the capsules that the project depends on out of development's pre-bundling, which would move
 * their modules away from the files that they load by URL. Headers that the project sets itself win.
 *
 * What serves the built files must send the same headers.
 *
 * @throws TypeError for wrong options
 * @example
 * ```ts
 * // vite.config.ts
 * import { inos } from '@inos/sdk/vite';
 * import { defineConfig } from 'vite';
 *
 * export default defineConfig({ plugins: [inos()] });
 * ```
 */
export function inos(options: InosPluginOptions = {}): Plugin {
  const { capsules = [] } = requireOptions('options', options, ['capsules']);
  requireNames(capsules);
  return {
    name: 'inos',
    config({ root, server, preview }): UserConfig {
      const found = capsulePackages(root ?? process.cwd());
      return {
        worker: { format: 'es' },
        optimizeDeps: { exclude: [...new Set([...ALWAYS, ...found, ...capsules])] },
        server: { headers: { ...ISOLATION, ...server?.headers } },
        preview: { headers: { ...ISOLATION, ...(preview?.headers ?? server?.headers) } },
      };
    },
  };
}

function requireNames(capsules: unknown): void {
  if (Array.isArray(capsules) && capsules.every((name) => typeof name === 'string')) return;
  throw wrongType('capsules', 'an array of package names', capsules);
}
