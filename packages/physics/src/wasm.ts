/** Where the capsule's module lies. The only file that names it. */
export const wasm = new URL('../wasm/physics.wasm', import.meta.url);
