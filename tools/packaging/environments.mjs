// Everywhere that the packed packages are tried.
import { engines } from './engines/environments.mjs';
import { vites } from './vite/environments.mjs';

export const ENVIRONMENTS = [...engines, ...vites];
