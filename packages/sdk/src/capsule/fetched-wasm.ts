/**
 * Modules at URLs: each is fetched and compiled once, for all runtimes and threads.
 */
import { platform } from './platform.js';

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** Compiles the module at a URL, or waits for whoever does so already. */
export function compileOnce(href: string): Promise<WebAssembly.Module> {
  let module = compiled.get(href);
  if (module === undefined) {
    module = platform().compileAt(href);
    compiled.set(href, module);
    // A failed load may be tried again.
    module.catch(() => compiled.delete(href));
  }
  return module;
}

/** Compiles the module at a URL while it comes. */
export async function compileAt(href: string): Promise<WebAssembly.Module> {
  const response = await fetch(href);
  if (!response.ok) throw new Error(`fetching ${href}: status ${response.status}`);
  const isTyped = response.headers.get('content-type')?.startsWith('application/wasm');
  return isTyped
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
