/**
 * Where a capsule's module comes from.
 */
import { wrongType } from '../errors.js';

/** Where a capsule's WebAssembly comes from: a URL, its bytes, or a compiled module. */
export type WasmSource = URL | string | BufferSource | WebAssembly.Module;

/** Checks that something can be a capsule's source. */
export function requireWasmSource(argument: string, source: unknown): WasmSource {
  const isBytes = ArrayBuffer.isView(source) || source instanceof ArrayBuffer;
  const isLocated = typeof source === 'string' || source instanceof URL;
  if (isBytes || isLocated || source instanceof WebAssembly.Module) return source;
  throw wrongType(argument, 'a URL, bytes or a WebAssembly.Module', source);
}
