/**
 * Modules at URLs: each is fetched and compiled once, for all runtimes and threads.
 */
import { platform, type CompileAt } from './platform.js';

/** A module at a URL, on its way or there. */
interface Fetched {
  readonly module: Promise<WebAssembly.Module>;
  /** Stops it on its way. */
  readonly quit: AbortController;
  /** How many wait for it, or have got it. */
  users: number;
}

const known = new Map<string, Fetched>();

/** Has the module at a URL come, unless it does already. */
export function fetchOnce(href: string): Fetched {
  let fetched = known.get(href);
  if (!fetched || fetched.quit.signal.aborted) {
    const quit = new AbortController();
    fetched = { module: platform().compileAt(href, quit.signal), quit, users: 0 };
    known.set(href, fetched);
    // A failed load may be tried again.
    fetched.module.catch(() => {
      quit.abort();
    });
  }
  return fetched;
}

/** Compiles the module at a URL while it comes. */
export const compileAt: CompileAt = async (href, signal) => {
  const response = await fetch(href, { signal });
  if (!response.ok) throw new Error(`fetching ${href}: status ${response.status}`);
  const isTyped = response.headers.get('content-type')?.startsWith('application/wasm');
  return isTyped
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
};
