/**
 * Builds `@inos/mining`: one entry for browsers, one for Node (which adds `hashFile`), and the workers
 * that own a GPU, with the lane that starts them: loaded when a search asks for it. The WebAssembly itself
 * is not bundled: `new URL('../wasm/mining.wasm', import.meta.url)` means the same in src/ and dist/.
 */
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'index.node': 'src/index.node.ts',
    'gpu-worker': 'src/gpu-worker.ts',
    'gpu-worker.node': 'src/gpu-worker.node.ts',
    'gpu-lane': 'src/lanes/gpu-lane.ts',
  },
  dts: { entry: { index: 'src/index.ts', 'index.node': 'src/index.node.ts' } },
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
