/** Where the module that drives the GPU lies. Only the workers that own one load it. */
export const gpuWasm = new URL('../wasm/mining-gpu.wasm', import.meta.url);
