// `pnpm schema [--check]`: the TypeScript and Rust of schemas/, by `cargo xtask schema`.
import { cargo } from './cargo.mjs';
import { ensureCapnp } from './capnp.mjs';
import { main } from './process.mjs';
import { ensureModules } from './pnpm.mjs';
import { ensureLinters } from './toolchain.mjs';

await main(async () => {
  await ensureModules();
  await ensureCapnp();
  await ensureLinters();
  process.exitCode = await cargo(['xtask', 'schema', ...process.argv.slice(2)]);
});
