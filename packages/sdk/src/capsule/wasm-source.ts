/**
 * Where a capsule's module comes from.
 */
import { wrongType } from '../errors.js';

/** Where a capsule's WebAssembly comes from: a URL, its bytes, or a compiled module. */
export type WasmSource = URL | string | BufferSource | WebAssembly.Module;

/** Whether it has to be fetched. */
export function isLocated(source: unknown): source is string | URL {
  return typeof source === 'string' || source instanceof URL;
}

/** Checks that something can be a capsule's source. */
export function requireWasmSource(argument: string, source: unknown): WasmSource {
  const isBytes = ArrayBuffer.isView(source) || source instanceof ArrayBuffer;
  if (isBytes || isLocated(source) || source instanceof WebAssembly.Module) return source;
  throw wrongType(argument, 'a URL, bytes or a WebAssembly.Module', source);
}
