// Compiled, never run: the plugin is what Vite takes for one.
import { inos } from '@inos/sdk/vite';
import { defineConfig } from 'vite';

export default defineConfig({ plugins: [inos({ capsules: ['my-capsule'] })] });
