import { join } from 'node:path';

export default {
  mode: 'production',
  entry: './main.js',
  output: { path: join(import.meta.dirname, 'dist'), clean: true },
  devServer: {
    static: import.meta.dirname,
    headers: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
  },
};
