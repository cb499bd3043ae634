/** Where the capsule's modules lie. The only file that names them. */

/** The one without soft bodies. */
export const wasm = new URL('../wasm/physics.wasm', import.meta.url);

/** The whole. */
export const softWasm = new URL('../wasm/physics-soft.wasm', import.meta.url);
