/**
 * Builds `@inos/mining`: one entry for browsers, one for Node (which adds `hashFile`), and those of proof of work,
 * each of which loads no more than it needs. The capsule itself is not bundled: `new URL('../wasm/mining.wasm', import.meta.url)` means the same in src/ and dist/.
 */
import { defineConfig } from 'tsup';
import { sharedCapnp } from '../sdk/capnp-plugin.js';

export default defineConfig({
  // All in one folder: what they share names the capsule's file beside it.
  entry: {
    index: 'src/index.ts',
    'index.node': 'src/index.node.ts',
    pow: 'src/pow/index.ts',
    middleware: 'src/pow/middleware.ts',
    solve: 'src/pow/solve.ts',
    element: 'src/element/index.ts',
    bitcoin: 'src/bitcoin/index.ts',
    // Loaded when a search asks for a GPU.
    'gpu-lane': 'src/lanes/gpu-lane.ts',
    'gpu-worker': 'src/lanes/gpu-worker.ts',
    'gpu-worker.node': 'src/lanes/gpu-worker.node.ts',
  },
  dts: {
    entry: {
      index: 'src/index.ts',
      'index.node': 'src/index.node.ts',
      pow: 'src/pow/index.ts',
      middleware: 'src/pow/middleware.ts',
      solve: 'src/pow/solve.ts',
      element: 'src/element/index.ts',
      bitcoin: 'src/bitcoin/index.ts',
    },
  },
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
  noExternal: ['capnp-es'],
  esbuildPlugins: [sharedCapnp],
});
