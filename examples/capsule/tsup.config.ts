/** Builds the example: one entry for every engine. */
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts'],
  dts: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  clean: true,
});
