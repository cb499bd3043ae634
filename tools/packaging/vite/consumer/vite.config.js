import { inos } from '@inos/sdk/vite';

export default {
  plugins: [inos()],
};
