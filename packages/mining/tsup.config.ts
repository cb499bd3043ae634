/**
 * Builds `@inos/mining`: one entry for browsers, one for Node (which adds `hashFile`), and those of proof of work,
 * each of which loads no more than it needs. The capsule itself is not bundled: `new URL('../wasm/mining.wasm', import.meta.url)` means the same in src/ and dist/.
 */
import { defineConfig } from 'tsup';

export default defineConfig({
  // All in one folder: what they share names the capsule's file beside it.
  entry: {
    index: 'src/index.ts',
    'index.node': 'src/index.node.ts',
    pow: 'src/pow/index.ts',
    middleware: 'src/pow/middleware.ts',
    bitcoin: 'src/bitcoin/index.ts',
  },
  dts: true,
  format: 'esm',
  platform: 'neutral',
  external: [/^node:/],
  // Some engines and bundlers know Node's modules only by that name.
  removeNodeProtocol: false,
  target: 'es2022',
  splitting: true,
  sourcemap: true,
  treeshake: true,
  clean: true,
});
