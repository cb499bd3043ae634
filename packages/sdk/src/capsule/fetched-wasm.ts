/**
 * Modules that are fetched.
 */

/** Compiles the module at a URL while it comes. */
export async function compileAt(href: string): Promise<WebAssembly.Module> {
  const response = await fetch(href);
  if (!response.ok) throw new Error(`fetching ${href} gave status ${response.status}`);
  const isTyped = response.headers.get('content-type')?.startsWith('application/wasm') ?? false;
  if (isTyped) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
