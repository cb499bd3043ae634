// What piscina and tinypool run: the default export of a module.
export { sha256 as default } from '../work.mjs';
