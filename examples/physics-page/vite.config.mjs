// The page needs nothing but the SDK's plugin.
import { inos } from '@inos/sdk/vite';
import { defineConfig } from 'vite';

export default defineConfig({ plugins: [inos()], build: { target: 'es2022' } });
