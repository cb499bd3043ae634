// Everywhere that the packed packages are tried.
import { clis } from './cli/environments.mjs';
import { commonjs } from './commonjs/environments.mjs';
import { engines } from './engines/environments.mjs';
import { nexts } from './next/environments.mjs';
import { statics } from './static/environments.mjs';
import { typescripts } from './typescript/environments.mjs';
import { vites } from './vite/environments.mjs';
import { webpacks } from './webpack/environments.mjs';

export const ENVIRONMENTS = [
  ...engines,
  ...clis,
  ...commonjs,
  ...typescripts,
  ...statics,
  ...vites,
  ...webpacks,
  ...nexts,
];
