// The page, built into dist/, from where serve.mjs serves it.
import { inos } from '@inos/sdk/vite';
import { defineConfig } from 'vite';

export default defineConfig({ plugins: [inos()], build: { target: 'es2022' } });
