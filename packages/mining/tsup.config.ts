/**
 * Builds `@inos/mining`: one entry for browsers, one for Node (which adds `hashFile`). The capsule itself
 * is not bundled: `new URL('../wasm/mining.wasm', import.meta.url)` means the same in src/ and dist/.
 */
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', 'index.node': 'src/index.node.ts' },
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
