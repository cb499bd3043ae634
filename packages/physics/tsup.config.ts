/**
 * Builds `@inos/physics`, one entry for all engines. The capsule itself is not bundled:
 * `new URL('../wasm/physics.wasm', import.meta.url)` means the same in src/ and dist/.
 */
import { defineConfig } from 'tsup';
import { sharedCapnp } from '../sdk/capnp-plugin.js';

export default defineConfig({
  entry: { index: 'src/index.ts' },
  dts: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  splitting: true,
  sourcemap: true,
  treeshake: true,
  clean: true,
  noExternal: ['capnp-es'],
  esbuildPlugins: [sharedCapnp],
});
